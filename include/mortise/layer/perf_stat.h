/* SPDX-License-Identifier: MIT */
/*
 * perf_stat - what requests cost on average, in time or in another event that is counted
 *
 * Reads a counter of the thread before and after every n-th request for an object on its way
 * through the layers on the system side. When the program exits, and where malloc_stats and
 * malloc_info are called, it reports for allocation, free and resizing, and for those of batches:
 * how many were counted, how many failed (and are not in the rest), the events in all of them, in
 * one of them on average, and the most in one. It reports as the environment variable
 * MORTISE_STATS says, see wcet_stat. A child of a fork begins at 0.
 *
 * A counter is a file of each thread that the kernel opens with perf_event_open. Where it counts
 * the kernel's part too, the report says scope all, else user. Threads whose counter was refused,
 * or was closed by the program, are uncounted, and the report says why. Where the event is unknown
 * or forbidden, it is asked for once in the life of the process, and requests are counted down
 * from four billion each, which is all that they pay from then on.
 *
 * Any number of these layers may stand anywhere; each takes a file of each thread.
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters:
 *   name    type  default     range                   meaning
 *   sample  int   1           1..1000000              of how many requests of a thread and a kind
 *                                                     one is counted
 *   event   name  task_clock  task_clock|cycles|      what is counted; task_clock is nanoseconds
 *                             instructions|           of processor time
 *                             cache_references|
 *                             cache_misses|tlb_misses|
 *                             branches|branch_misses|
 *                             page_faults|major_faults|
 *                             context_switches|
 *                             migrations
 *
 * Invariants: a request that is counted has at least its own events; what is more, because of
 *     reading the counter, is at most what the report has as reading on a quiet machine
 * Ordering: see run/measure.h; no atomic read-modify-write but where a thread begins
 * Wins: none, it measures: a reading is two system calls, or, where the kernel shows a counter of
 *     the processor, none
 * Source: paper table 2; perf_event_open(2)
 */
#include "../core/layer_begin.h"
#include "../data/counter.h"
#include "../run/measure.h"

#ifndef PERF_STAT_SAMPLE
#define PERF_STAT_SAMPLE 1
#endif

#ifndef PERF_STAT_EVENT
#define PERF_STAT_EVENT task_clock
#endif

MORTISE_ASSERT_STATIC(PERF_STAT_SAMPLE >= 1 && PERF_STAT_SAMPLE <= 1000000,
                      "mortise: perf_stat: sample must be in 1..1000000");

/* It has no lock, but a thread's state, which begins inside: the socket announces for it. */
enum { SELF(needs) = 0, SELF(offers) = 0, SELF(passes) = ~(MORTISE_PLACES | MORTISE_QUICK) };

enum SELF(op) {
    SELF(op_alloc),
    SELF(op_free),
    SELF(op_resize),
    SELF(op_alloc_batch),
    SELF(op_free_batch),
    SELF(ops)
};

SELF_HEAP
{
    MORTISE_NO_STATE;
};

SELF_LOCAL
{
    struct SELF(record) * record;
    uint32_t thread;
    uint32_t left[SELF(ops)]; /* requests up to the next that is counted */
};

struct SELF(count) {
    uint64_t count;
    uint64_t failed;
    uint64_t total; /* events */
    uint64_t most;
};

struct SELF(record) {
    struct mortise_record head;
    struct mortise_os_counter counter;
    uint32_t asked;     /* by which thread for that counter */
    uint32_t why;       /* a counter was refused last: an enum mortise_counting */
    uint64_t threads;   /* counters that were opened */
    uint64_t uncounted; /* that were refused, or lost */
    uint64_t reading; /* events between two readings with nothing between them, the least, and 1 */
    struct SELF(count) ops[SELF(ops)];
};

/* What holds for all threads, 0 until it is known. Relaxed: whoever does not know it yet asks. */
static uint32_t SELF(refused); /* an enum mortise_counting */
static uint32_t SELF(scope_user);

#include "../run/measure_layer.h"

/* The next thread may get a counter where this one could not. */
MORTISE_PLAIN void SELF(finish)(SELF_LOCAL *local, bool last)
{
    if (last) {
        mortise_os_counter_close(&local->record->counter);
        local->record->asked = 0;
    }
    __builtin_memset(local->left, 0, sizeof local->left);
}

/* Events that reading costs by itself. */
MORTISE_SLOW void SELF(try_reading)(struct SELF(record) * record)
{
    for (int tries = 0; tries < 4; tries++) {
        uint64_t before, after;
        if (!mortise_os_counter_read(&record->counter, &before) ||
            !mortise_os_counter_read(&record->counter, &after))
            return;
        uint64_t took = after - before + 1;
        if (record->reading == 0 || took < record->reading)
            MORTISE_STORE_RELAXED(&record->reading, took);
    }
}

MORTISE_SLOW void SELF(miss)(struct SELF(record) * record, enum mortise_counting why)
{
    MORTISE_STORE_RELAXED(&record->why, (uint32_t)why);
    mortise_count_up(&record->uncounted, 1);
    if (why == MORTISE_COUNTING_UNKNOWN || why == MORTISE_COUNTING_FORBIDDEN)
        MORTISE_STORE_RELAXED(&SELF(refused), (uint32_t)why);
}

/* Asks for a counter of the calling thread. */
MORTISE_SLOW void SELF(ask)(struct SELF(record) * record)
{
    mortise_os_counter_close(&record->counter); /* of a thread that ended without saying so */
    enum mortise_counting why = (enum mortise_counting)MORTISE_LOAD_RELAXED(&SELF(refused));
    if (why == MORTISE_COUNTING)
        why =
            mortise_os_counter_open(&record->counter, MORTISE_CAT(mortise_event_, PERF_STAT_EVENT));
    if (why != MORTISE_COUNTING) {
        SELF(miss)(record, why);
        return;
    }
    mortise_count_up(&record->threads, 1);
    if (!record->counter.all)
        MORTISE_STORE_RELAXED(&SELF(scope_user), 1u);
    SELF(try_reading)(record);
}

/* The state of the calling thread, with a counter; NULL where there is none to be had. */
MORTISE_SLOW SELF_LOCAL *SELF(ready)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (local->record == NULL)
        local = SELF(begin)(heap, local);
    if (local == NULL)
        return NULL;
    struct SELF(record) *record = local->record;
    if (record->asked != local->thread) {
        record->asked = local->thread;
        SELF(ask)(record);
    }
    if (mortise_os_counter_opened(&record->counter))
        return local;
    for (int op = 0; op < SELF(ops); op++)
        local->left[op] = UINT32_MAX;
    return NULL;
}

struct SELF(reading) {
    struct SELF(record) * record; /* NULL: the request is not counted */
    uint64_t before;
};

/* The program closed the counter. */
MORTISE_SLOW void SELF(lose)(struct SELF(record) * record)
{
    mortise_os_counter_close(&record->counter);
    SELF(miss)(record, MORTISE_COUNTING_LOST);
}

MORTISE_SLOW struct SELF(reading) SELF(read)(SELF_HEAP *heap, SELF_LOCAL *local, enum SELF(op) op)
{
    struct SELF(reading) reading = {NULL, 0};
    local = SELF(ready)(heap, local);
    if (local == NULL)
        return reading;
    local->left[op] = PERF_STAT_SAMPLE;
    if (mortise_os_counter_read(&local->record->counter, &reading.before))
        reading.record = local->record;
    else
        SELF(lose)(local->record);
    return reading;
}

MORTISE_SLOW void SELF(add)(struct SELF(record) * record, enum SELF(op) op, uint64_t before,
                            bool failed)
{
    uint64_t after;
    if (!mortise_os_counter_read(&record->counter, &after)) {
        SELF(lose)(record);
        return;
    }
    struct SELF(count) *count = &record->ops[op];
    mortise_count_up(failed ? &count->failed : &count->count, 1);
    if (failed)
        return;
    mortise_count_up(&count->total, after - before);
    if (after - before > count->most)
        MORTISE_STORE_RELAXED(&count->most, after - before);
}

MORTISE_FAST struct SELF(reading)
    SELF(start)(SELF_HEAP *heap, SELF_LOCAL *local, enum SELF(op) op, bool counts)
{
    struct SELF(reading) none = {NULL, 0};
    if (!counts)
        return none;
    if (MORTISE_LIKELY(local->left[op] > 1)) {
        local->left[op]--;
        return none;
    }
    return SELF(read)(heap, local, op);
}

MORTISE_FAST void SELF(stop)(struct SELF(reading) reading, enum SELF(op) op, bool failed)
{
    if (reading.record != NULL)
        SELF(add)(reading.record, op, reading.before, failed);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool counts = ctx->kind == MORTISE_OBJECT;
    struct SELF(reading) reading = SELF(start)(heap, local, SELF(op_alloc), counts);
    ctx = NEXT(alloc)(ctx, heap, local);
    SELF(stop)(reading, SELF(op_alloc), ctx->ptr == NULL);
    return ctx;
}

/* What nobody owns is no free that a layer does. */
MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool counts = ctx->kind == MORTISE_OBJECT && ctx->owned != 0;
    struct SELF(reading) reading = SELF(start)(heap, local, SELF(op_free), counts);
    ctx = NEXT(free)(ctx, heap, local);
    SELF(stop)(reading, SELF(op_free), ctx->status != MORTISE_OK);
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool counts = ctx->kind == MORTISE_OBJECT;
    struct SELF(reading) reading = SELF(start)(heap, local, SELF(op_resize), counts);
    ctx = NEXT(resize)(ctx, heap, local);
    SELF(stop)(reading, SELF(op_resize), ctx->status != MORTISE_OK);
    return ctx;
}

#define LAYER_HAS_BATCH
MORTISE_FAST mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(reading) reading = SELF(start)(heap, local, SELF(op_alloc_batch), true);
    ctx = NEXT(alloc_batch)(ctx, heap, local);
    SELF(stop)(reading, SELF(op_alloc_batch), ctx->count == 0);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(reading) reading = SELF(start)(heap, local, SELF(op_free_batch), true);
    ctx = NEXT(free_batch)(ctx, heap, local);
    SELF(stop)(reading, SELF(op_free_batch), false);
    return ctx;
}

/* The counters that the child has are its parent's. */
#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_CHILD) {
        struct SELF(record) *record = SELF(first_record)();
        for (; record != NULL; record = SELF(next_record)(record))
            mortise_os_counter_close(&record->counter);
        mortise_records_clear(&SELF(records), sizeof(struct SELF(record)));
        SELF(begin_in_child)(local);
    }
    return NEXT(fork)(ctx, heap, local);
}

MORTISE_SLOW void SELF(report_op)(struct mortise_sink *sink, const char *name, enum SELF(op) op)
{
    struct SELF(count) sum = {0, 0, 0, 0};
    struct SELF(record) *record = SELF(first_record)();
    for (; record != NULL; record = SELF(next_record)(record)) {
        const struct SELF(count) *count = &record->ops[op];
        uint64_t most = MORTISE_LOAD_RELAXED(&count->most);
        sum.count += MORTISE_LOAD_RELAXED(&count->count);
        sum.failed += MORTISE_LOAD_RELAXED(&count->failed);
        sum.total += MORTISE_LOAD_RELAXED(&count->total);
        sum.most = most > sum.most ? most : sum.most;
    }
    if (sum.count == 0 && sum.failed == 0)
        return;
    uint64_t divisor = sum.count + (sum.count == 0);
    mortise_sink_row(sink, name);
    mortise_sink_field(sink, "count", sum.count);
    mortise_sink_field(sink, "failed", sum.failed);
    mortise_sink_field(sink, "total", sum.total);
    mortise_sink_thousandths(sink, "mean",
                             sum.total / divisor * 1000 + sum.total % divisor * 1000 / divisor);
    mortise_sink_field(sink, "max", sum.most);
}

/* What the threads have in their records beside the requests. */
MORTISE_SLOW void SELF(report_threads)(struct mortise_sink *sink)
{
    static const char *const reasons[] = {"", "the system does not count it",
                                          "the system forbids it", "files or memory are out",
                                          "the program closed its file"};
    uint32_t why = MORTISE_LOAD_RELAXED(&SELF(refused));
    uint64_t threads = 0, uncounted = 0, reading = 0;
    struct SELF(record) *record = SELF(first_record)();
    for (; record != NULL; record = SELF(next_record)(record)) {
        uint64_t least = MORTISE_LOAD_RELAXED(&record->reading);
        threads += MORTISE_LOAD_RELAXED(&record->threads);
        uncounted += MORTISE_LOAD_RELAXED(&record->uncounted);
        if (least != 0 && (reading == 0 || least < reading))
            reading = least;
        if (why == 0)
            why = MORTISE_LOAD_RELAXED(&record->why);
    }
    mortise_sink_field(sink, "threads", threads);
    mortise_sink_field(sink, "uncounted", uncounted);
    if (reading != 0)
        mortise_sink_field(sink, "reading", reading - 1);
    if (why != 0)
        mortise_sink_word(sink, "because", reasons[why]);
}

MORTISE_SLOW void SELF(report)(struct mortise_sink *sink)
{
    static const char *const names[] = {"alloc", "free", "resize", "alloc_batch", "free_batch"};
    mortise_sink_open(sink, "perf_stat", MORTISE_STRING(COMPOSITION), MORTISE_STRING(LAYER));
    mortise_sink_word(sink, "event", MORTISE_STRING(PERF_STAT_EVENT));
    mortise_sink_field(sink, "sample", PERF_STAT_SAMPLE);
    mortise_sink_word(sink, "scope", MORTISE_LOAD_RELAXED(&SELF(scope_user)) ? "user" : "all");
    SELF(report_threads)(sink);
    for (int op = 0; op < SELF(ops); op++)
        SELF(report_op)(sink, names[op], (enum SELF(op))op);
    mortise_sink_close(sink);
}

#undef PERF_STAT_SAMPLE
#undef PERF_STAT_EVENT
#include "../core/layer_end.h"
