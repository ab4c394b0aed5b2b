/* SPDX-License-Identifier: MIT */
/*
 * szcls_stat - how many blocks of which sizes are asked for, and live
 *
 * Counts, for each size class: allocations by the size that was wanted, with their bytes and those
 * that failed; frees and resizes in place by the size that a block had; and the blocks, with their
 * bytes, that live. What lives and what was freed is told by usable sizes, for no layer knows at a
 * free what was once wanted. When the program exits, and where malloc_stats and malloc_info are
 * called, it reports as the environment variable MORTISE_STATS says, see wcet_stat. A child of a
 * fork counts from 0, but for the blocks that it has from its parent, which live there too.
 *
 * Any number of these layers may stand anywhere; each counts what comes to it.
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters:
 *   name       type       default  range  meaning
 *   sizeclass  sizeclass  tc       -      which sizes are counted together; those beyond the last
 *                                         class are one class more
 *
 * Invariants: over all threads, live blocks are successful allocations less successful frees
 * Ordering: see run/measure.h; no atomic read-modify-write but where a thread begins
 * Wins: none, it measures
 * Source: paper table 2, section 2.2
 */
#include "../core/layer_begin.h"
#include "../data/counter.h"
#include "../policy/sizeclass.h"
#include "../run/measure.h"

#ifndef SZCLS_STAT_SIZECLASS
#define SZCLS_STAT_SIZECLASS tc
#endif
#ifndef SZCLS_STAT_SIZECLASS_LEAST
#define SZCLS_STAT_SIZECLASS_LEAST 0
#endif
#ifndef SZCLS_STAT_SIZECLASS_MOST
#define SZCLS_STAT_SIZECLASS_MOST 0
#endif
#ifndef SZCLS_STAT_SIZECLASS_STEP
#define SZCLS_STAT_SIZECLASS_STEP 0
#endif
#include MORTISE_POLICY(sizeclass, SZCLS_STAT_SIZECLASS)

#define SIZECLASS(x) MORTISE_MEMBER(SZCLS_STAT_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SZCLS_STAT_SIZECLASS_LEAST, SZCLS_STAT_SIZECLASS_MOST,                    \
                         SZCLS_STAT_SIZECLASS_STEP)

/* It has no lock, but a thread's state, which begins inside: the socket announces for it. */
enum {
    SELF(classes) = SIZECLASS(classes) + 1, /* the last is for what is larger */
    SELF(needs) = 0,
    SELF(offers) = 0,
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_QUICK)
};

SELF_HEAP
{
    MORTISE_NO_STATE;
};

/* Where blocks come from one thread and go by another, the live ones are negative for one of them:
 * only the sums over all threads have a meaning. */
struct SELF(count) {
    uint64_t wanted, wanted_bytes; /* by the size that was asked for, those that failed included */
    uint64_t failed;
    uint64_t freed, resized; /* by usable size */
    uint64_t live, live_bytes;
};

struct SELF(record) {
    struct mortise_record head;
    struct SELF(count) count[SELF(classes)];
};

SELF_LOCAL
{
    struct SELF(record) * record;
    uint32_t thread;
};

#include "../run/measure_layer.h"

MORTISE_PLAIN void SELF(finish)(SELF_LOCAL *local, bool last)
{
    (void)local, (void)last;
}

/* The calling thread's record; NULL: nothing can be counted, for memory is out. */
MORTISE_FAST struct SELF(record) * SELF(mine)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (MORTISE_UNLIKELY(local->record == NULL))
        local = SELF(begin)(heap, local);
    return local != NULL ? local->record : NULL;
}

MORTISE_FAST unsigned SELF(class_of)(size_t size)
{
    return size <= SIZECLASS(most)(CLASSES) ? SIZECLASS(size_to_szcls)(size, CLASSES)
                                            : SELF(classes) - 1u;
}

/* What getmeta says of a block, 0: that it is none; SIZE_MAX: a layer that checks blocks has found
 * and told something, and would once more. */
MORTISE_APART size_t SELF(usable)(void *block, const void *caller, SELF_HEAP *heap,
                                  SELF_LOCAL *local)
{
    mctx_t about = mctx_make(MORTISE_OBJECT, block, 0, 1);
    about.caller = caller;
    NEXT(whose)(&about, heap, local);
    if (about.owned == 0)
        return 0;
    NEXT(getmeta)(&about, heap, local);
    if (MORTISE_UNLIKELY(about.status == MORTISE_REPORTED))
        return SIZE_MAX;
    return about.status == MORTISE_OK ? about.usable : 0;
}

MORTISE_FAST void SELF(want)(struct SELF(record) * record, size_t size, uint64_t blocks,
                             bool failed)
{
    struct SELF(count) *count = &record->count[SELF(class_of)(size)];
    mortise_count_up(&count->wanted, blocks);
    mortise_count_up(&count->wanted_bytes, blocks * size);
    if (failed)
        mortise_count_up(&count->failed, blocks);
}

/* Of one block more, or, with -1, less. */
MORTISE_FAST void SELF(live)(struct SELF(record) * record, size_t usable, int64_t blocks)
{
    struct SELF(count) *count = &record->count[SELF(class_of)(usable)];
    mortise_count_up(&count->live, (uint64_t)blocks);
    mortise_count_up(&count->live_bytes, (uint64_t)blocks * usable);
}

MORTISE_FAST void SELF(gone)(struct SELF(record) * record, size_t usable)
{
    mortise_count_up(&record->count[SELF(class_of)(usable)].freed, 1);
    SELF(live)(record, usable, -1);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t size = ctx->size;
    ctx = NEXT(alloc)(ctx, heap, local);
    if (ctx->kind == MORTISE_OBJECT) {
        struct SELF(record) *record = SELF(mine)(heap, local);
        if (MORTISE_LIKELY(record != NULL)) {
            SELF(want)(record, size, 1, ctx->ptr == NULL);
            if (ctx->ptr != NULL)
                SELF(live)(record, SELF(usable)(ctx->ptr, NULL, heap, local), 1);
        }
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool is_mine = ctx->kind == MORTISE_OBJECT && ctx->owned != 0;
    size_t usable = is_mine ? SELF(usable)(ctx->ptr, mctx_caller(ctx), heap, local) : 0;
    if (MORTISE_UNLIKELY(usable == SIZE_MAX)) {
        ctx->status = MORTISE_REPORTED;
        return ctx;
    }
    ctx = NEXT(free)(ctx, heap, local);
    if (usable != 0 && ctx->status == MORTISE_OK) {
        struct SELF(record) *record = SELF(mine)(heap, local);
        if (MORTISE_LIKELY(record != NULL))
            SELF(gone)(record, usable);
    }
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool is_object = ctx->kind == MORTISE_OBJECT;
    size_t before = is_object ? SELF(usable)(ctx->ptr, NULL, heap, local) : 0;
    ctx = NEXT(resize)(ctx, heap, local);
    if (before != 0 && ctx->status == MORTISE_OK) {
        struct SELF(record) *record = SELF(mine)(heap, local);
        if (MORTISE_LIKELY(record != NULL)) {
            mortise_count_up(&record->count[SELF(class_of)(before)].resized, 1);
            SELF(live)(record, before, -1);
            SELF(live)(record, SELF(usable)(ctx->ptr, NULL, heap, local), 1);
        }
    }
    return ctx;
}

#define LAYER_HAS_BATCH
MORTISE_FAST mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(alloc_batch)(ctx, heap, local);
    struct SELF(record) *record = SELF(mine)(heap, local);
    if (MORTISE_LIKELY(record != NULL)) {
        SELF(want)(record, ctx->size, ctx->count, false);
        for (void *block = ctx->ptr; block != NULL; block = *(void **)block)
            SELF(live)(record, SELF(usable)(block, NULL, heap, local), 1);
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(record) *record = SELF(mine)(heap, local);
    if (MORTISE_LIKELY(record != NULL))
        for (void *block = ctx->ptr; block != NULL; block = *(void **)block)
            SELF(gone)(record, SELF(usable)(block, NULL, heap, local));
    return NEXT(free_batch)(ctx, heap, local);
}

#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_CHILD) {
        struct SELF(record) *record = SELF(first_record)();
        for (; record != NULL; record = SELF(next_record)(record))
            for (int i = 0; i < SELF(classes); i++) {
                struct SELF(count) *count = &record->count[i];
                struct SELF(count) kept = {0, 0, 0, 0, 0, count->live, count->live_bytes};
                *count = kept;
            }
        SELF(begin_in_child)(local);
    }
    return NEXT(fork)(ctx, heap, local);
}

/* The sum over all threads. */
MORTISE_SLOW struct SELF(count) SELF(sum)(int szcls)
{
    struct SELF(count) sum = {0, 0, 0, 0, 0, 0, 0};
    struct SELF(record) *record = SELF(first_record)();
    for (; record != NULL; record = SELF(next_record)(record)) {
        const struct SELF(count) *count = &record->count[szcls];
        sum.wanted += MORTISE_LOAD_RELAXED(&count->wanted);
        sum.wanted_bytes += MORTISE_LOAD_RELAXED(&count->wanted_bytes);
        sum.failed += MORTISE_LOAD_RELAXED(&count->failed);
        sum.freed += MORTISE_LOAD_RELAXED(&count->freed);
        sum.resized += MORTISE_LOAD_RELAXED(&count->resized);
        sum.live += MORTISE_LOAD_RELAXED(&count->live);
        sum.live_bytes += MORTISE_LOAD_RELAXED(&count->live_bytes);
    }
    return sum;
}

MORTISE_SLOW void SELF(report)(struct mortise_sink *sink)
{
    mortise_sink_open(sink, "szcls_stat", MORTISE_STRING(COMPOSITION), MORTISE_STRING(LAYER));
    mortise_sink_word(sink, "sizeclass", MORTISE_STRING(SZCLS_STAT_SIZECLASS));
    int last = (int)SIZECLASS(size_to_szcls)(SIZECLASS(most)(CLASSES), CLASSES);
    for (int i = 0; i < SELF(classes); i++) {
        struct SELF(count) sum = SELF(sum)(i);
        if (sum.wanted == 0 && sum.freed == 0 && sum.resized == 0 && sum.live == 0)
            continue;
        struct mortise_decimal name =
            mortise_decimal(i <= last ? SIZECLASS(szcls_to_size)((unsigned)i, CLASSES) : 0);
        mortise_sink_row(sink, i <= last ? name.text : "larger");
        mortise_sink_field(sink, "wanted", sum.wanted);
        mortise_sink_field(sink, "wanted_bytes", sum.wanted_bytes);
        mortise_sink_field(sink, "failed", sum.failed);
        mortise_sink_field(sink, "freed", sum.freed);
        mortise_sink_field(sink, "resized", sum.resized);
        mortise_sink_field(sink, "live", sum.live);
        mortise_sink_field(sink, "live_bytes", sum.live_bytes);
    }
    mortise_sink_close(sink);
}

#undef SIZECLASS
#undef CLASSES
#undef SZCLS_STAT_SIZECLASS
#undef SZCLS_STAT_SIZECLASS_LEAST
#undef SZCLS_STAT_SIZECLASS_MOST
#undef SZCLS_STAT_SIZECLASS_STEP
#include "../core/layer_end.h"
