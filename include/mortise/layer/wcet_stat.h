/* SPDX-License-Identifier: MIT */
/*
 * wcet_stat - how long requests take, up to the worst case
 *
 * Times every n-th request for an object on its way through the layers on the system side, with
 * the processor's own clock. When the program exits, and where malloc_stats and malloc_info are
 * called, it reports for allocation, free and resizing, and for those of batches: how many were
 * timed, how many failed (and are no times), the mean, the times that at most 10 %, 1 %, 0.1 %, ...
 * 0.0001 % exceed, and the largest, in nanoseconds. The report goes to where the environment
 * variable MORTISE_STATS says: a file, to append to; - for standard error, the default; or nothing,
 * for none; after json: it is a line of JSON. A child of a fork begins at 0.
 *
 * A program that closes standard error before it exits, as those of GNU do, needs a file. Any
 * number of these layers may stand anywhere. A time has the cost of reading the clock in it, which
 * is reported as clock and not subtracted.
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters:
 *   name    type  default  range       meaning
 *   sample  int   1        1..1000000  of how many requests of a thread and a kind one is timed
 *   floor   bool  0        -           also time nothing after each request that is timed, which
 *                                      tells, as floor, what the machine adds by interrupts
 *
 * Invariants: a time is never reported as shorter, nor, up to 10 s, as more than a 128th or a tick
 *     of the clock longer
 * Ordering: see run/measure.h and data/histogram.h; no atomic read-modify-write but where a thread
 *     begins
 * Wins: none, it measures: on two cores at 2 GHz two readings of the clock take 20 ns
 * Source: paper section 4.3; Intel SDM volume 2, RDTSCP; Arm ARM, CNTVCT_EL0
 */
#include "../core/layer_begin.h"
#include "../data/histogram.h"
#include "../run/measure.h"

#ifndef WCET_STAT_SAMPLE
#define WCET_STAT_SAMPLE 1
#endif

#ifndef WCET_STAT_FLOOR
#define WCET_STAT_FLOOR 0
#endif

MORTISE_ASSERT_STATIC(WCET_STAT_FLOOR == 0 || WCET_STAT_FLOOR == 1,
                      "mortise: wcet_stat: floor must be in 0..1");
MORTISE_ASSERT_STATIC(WCET_STAT_SAMPLE >= 1 && WCET_STAT_SAMPLE <= 1000000,
                      "mortise: wcet_stat: sample must be in 1..1000000");

/* It has no lock, but a thread's state, which begins inside: the socket announces for it. */
enum { SELF(needs) = 0, SELF(offers) = 0, SELF(passes) = ~(MORTISE_PLACES | MORTISE_QUICK) };

enum SELF(op) {
    SELF(op_alloc),
    SELF(op_free),
    SELF(op_resize),
    SELF(op_alloc_batch),
    SELF(op_free_batch),
    SELF(op_floor), /* no request: nothing, timed */
    SELF(ops) = SELF(op_floor) + WCET_STAT_FLOOR
};

SELF_HEAP
{
    MORTISE_NO_STATE;
};

SELF_LOCAL
{
    struct SELF(record) * record;
    uint32_t thread;
    uint32_t left[SELF(ops)]; /* requests up to the next that is timed */
};

struct SELF(record) {
    struct mortise_record head;
    struct mortise_histogram times[SELF(ops)];
};

#include "../run/measure_layer.h"

MORTISE_PLAIN void SELF(finish)(SELF_LOCAL *local, bool last)
{
    (void)local, (void)last;
}

/* Where the time of this request is to be recorded; NULL: it is not to be. */
MORTISE_FAST struct SELF(record) *
    SELF(sample)(SELF_HEAP *heap, SELF_LOCAL *local, enum SELF(op) op)
{
    if (MORTISE_LIKELY(local->left[op] > 1)) {
        local->left[op]--;
        return NULL;
    }
    if (MORTISE_UNLIKELY(local->record == NULL)) {
        local = SELF(begin)(heap, local);
        if (local == NULL)
            return NULL;
    }
    local->left[op] = WCET_STAT_SAMPLE;
    return local->record;
}

MORTISE_APART void SELF(add)(struct SELF(record) * record, enum SELF(op) op, uint64_t ticks,
                             bool failed)
{
    struct mortise_histogram *times = &record->times[op];
    if (failed)
        mortise_count_up(&times->failed, 1);
    else
        mortise_histogram_add(times, ticks);
}

struct SELF(timing) {
    struct SELF(record) * record; /* NULL: it is not timed */
    uint64_t began;
};

MORTISE_FAST struct SELF(timing)
    SELF(start)(SELF_HEAP *heap, SELF_LOCAL *local, enum SELF(op) op, bool counts)
{
    struct SELF(timing) timing = {counts ? SELF(sample)(heap, local, op) : NULL, 0};
    if (timing.record != NULL)
        timing.began = mortise_ticks_begin();
    return timing;
}

/* A clock that differs between cores may seem to go back. */
MORTISE_FAST void SELF(stop)(struct SELF(timing) timing, enum SELF(op) op, bool failed)
{
    if (timing.record == NULL)
        return;
    uint64_t ended = mortise_ticks_end();
    SELF(add)(timing.record, op, ended > timing.began ? ended - timing.began : 0, failed);
    if (WCET_STAT_FLOOR) {
        uint64_t began = mortise_ticks_begin();
        ended = mortise_ticks_end();
        SELF(add)(timing.record, SELF(op_floor), ended > began ? ended - began : 0, false);
    }
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool counts = ctx->kind == MORTISE_OBJECT;
    struct SELF(timing) timing = SELF(start)(heap, local, SELF(op_alloc), counts);
    ctx = NEXT(alloc)(ctx, heap, local);
    SELF(stop)(timing, SELF(op_alloc), ctx->ptr == NULL);
    return ctx;
}

/* What nobody owns is no free that a layer does. */
MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool counts = ctx->kind == MORTISE_OBJECT && ctx->owned != 0;
    struct SELF(timing) timing = SELF(start)(heap, local, SELF(op_free), counts);
    ctx = NEXT(free)(ctx, heap, local);
    SELF(stop)(timing, SELF(op_free), ctx->status != MORTISE_OK);
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool counts = ctx->kind == MORTISE_OBJECT;
    struct SELF(timing) timing = SELF(start)(heap, local, SELF(op_resize), counts);
    ctx = NEXT(resize)(ctx, heap, local);
    SELF(stop)(timing, SELF(op_resize), ctx->status != MORTISE_OK);
    return ctx;
}

#define LAYER_HAS_BATCH
MORTISE_FAST mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(timing) timing = SELF(start)(heap, local, SELF(op_alloc_batch), true);
    ctx = NEXT(alloc_batch)(ctx, heap, local);
    SELF(stop)(timing, SELF(op_alloc_batch), ctx->count == 0);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(timing) timing = SELF(start)(heap, local, SELF(op_free_batch), true);
    ctx = NEXT(free_batch)(ctx, heap, local);
    SELF(stop)(timing, SELF(op_free_batch), false);
    return ctx;
}

#define LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_CHILD) {
        mortise_records_clear(&SELF(records), sizeof(struct SELF(record)));
        SELF(begin_in_child)(local);
    }
    return NEXT(fork)(ctx, heap, local);
}

/* A row of the report; `sum` is room for it. */
MORTISE_SLOW void SELF(report_op)(struct mortise_sink *sink, const char *name, enum SELF(op) op,
                                  struct mortise_histogram *sum, uint64_t rate)
{
    static const struct {
        const char *name;
        uint32_t above; /* in a million */
    } ranks[] = {{"p90", 100000}, {"p99", 10000},  {"p99.9", 1000},
                 {"p99.99", 100}, {"p99.999", 10}, {"p99.9999", 1}};
    __builtin_memset(sum, 0, sizeof *sum);
    struct SELF(record) *record = SELF(first_record)();
    for (; record != NULL; record = SELF(next_record)(record))
        mortise_histogram_merge(sum, &record->times[op]);
    uint64_t count = mortise_histogram_count(sum);
    if (count == 0 && sum->failed == 0)
        return;
    mortise_sink_row(sink, name);
    mortise_sink_field(sink, "count", count);
    mortise_sink_field(sink, "failed", sum->failed);
    mortise_sink_tenths(sink, "mean",
                        mortise_ticks_tenths(sum->total / (count + (count == 0)), rate));
    for (unsigned i = 0; i < sizeof ranks / sizeof ranks[0]; i++)
        mortise_sink_tenths(
            sink, ranks[i].name,
            mortise_ticks_tenths(mortise_histogram_exceeded(sum, ranks[i].above), rate));
    mortise_sink_tenths(sink, "max", mortise_ticks_tenths(sum->most, rate));
}

MORTISE_SLOW void SELF(report)(struct mortise_sink *sink)
{
    static const char *const names[] = {"alloc",       "free",       "resize",
                                        "alloc_batch", "free_batch", "floor"};
    size_t room = mortise_round_up(sizeof(struct mortise_histogram), mortise_os_page_size());
    struct mortise_histogram *sum =
        (struct mortise_histogram *)mortise_os_map(room, mortise_os_page_size());
    if (sum == NULL)
        return;
    uint64_t rate = mortise_ticks_rate();
    mortise_sink_open(sink, "wcet_stat", MORTISE_STRING(COMPOSITION), MORTISE_STRING(LAYER));
    mortise_sink_word(sink, "unit", "ns");
    mortise_sink_field(sink, "sample", WCET_STAT_SAMPLE);
    mortise_sink_tenths(sink, "clock", mortise_ticks_tenths(mortise_ticks_cost(), rate));
    for (int op = 0; op < SELF(ops); op++)
        SELF(report_op)(sink, names[op], (enum SELF(op))op, sum, rate);
    mortise_sink_close(sink);
    mortise_os_unmap(sum, room);
}

#undef WCET_STAT_SAMPLE
#undef WCET_STAT_FLOOR
#include "../core/layer_end.h"
