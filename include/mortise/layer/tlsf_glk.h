/* SPDX-License-Identifier: MIT */
/*
 * tlsf_glk - two-level segregated fit behind one global lock
 *
 * Allocates and frees in a constant number of steps with little fragmentation, the allocator of
 * small real-time systems. One lock guards it all, so the sync policy decides how it behaves on
 * many cores: a combining policy lets one thread serve the others while the lists are in its cache.
 *
 * Memory is fetched in pools that grow with what is held, and always outside the lock. While more
 * lies free than trim_threshold, and more than half of what is in use, a pool whose blocks are all
 * free goes back, and so does the end of the neighbour's memory where that is one range.
 *
 * Other free memory keeps its place and loses its pages: a part of what was not needed for `decay`
 * milliseconds, again and again, of blocks of at least 32 KB; see data/decay.h. A free does that
 * now and then, outside the lock, so where each request has a time to keep, decay=0. 1 MB
 * more than is needed stays, and an eighth of that.
 *
 * Needs: regions; a thread-safe neighbour unless sync=none; objects of any alignment where
 *     size_handle leaves some to it
 * Offers: objects of any size and alignment; regions; resizing in place; recognises a block that
 *     is free already; thread-safe unless sync=none
 *
 * Parameters:
 *   name            type   default       range        meaning
 *   sync            sync   mutex         -            how threads exclude each other
 *   size_handle     range  [0,SIZE_MAX]  0..SIZE_MAX  sizes served here; others go to next
 *   pool_size       size   256KB         64KB..1GB    least memory fetched at a time
 *   trim_threshold  size   8MB           64KB..1TB    free memory kept before any goes back
 *   decay           int    100           0..86400000  ms that memory is not needed before its pages
 *                                                     go, 0: they stay
 *
 * Invariants: those of data/tlsf.h, under the lock. A pool is claimed before it is added, so an
 *     address in a block is always known to be this layer's.
 * Ordering: the sync policy's. getmeta reads the size word of a block that the caller owns without
 *     the lock: only its flags can change meanwhile.
 * Wins: none yet
 * Source: paper section 3 (tlsfcc); Masmano et al. 2004
 */
#include "../core/layer_begin.h"
#include "../data/tlsf_tasks.h"
#include "../os/os.h"
#include "../policy/sync.h"

#ifndef TLSF_GLK_SYNC
#define TLSF_GLK_SYNC mutex
#endif
#ifndef TLSF_GLK_SIZE_HANDLE
#define TLSF_GLK_SIZE_HANDLE 0, SIZE_MAX
#endif
#ifndef TLSF_GLK_POOL_SIZE
#define TLSF_GLK_POOL_SIZE 262144
#endif
#ifndef TLSF_GLK_TRIM_THRESHOLD
#define TLSF_GLK_TRIM_THRESHOLD 8388608
#endif
#ifndef TLSF_GLK_DECAY
#define TLSF_GLK_DECAY 100
#endif
#include MORTISE_POLICY(sync, TLSF_GLK_SYNC)

#define SYNC(x) MORTISE_MEMBER(TLSF_GLK_SYNC, x)
#define DECAY TLSF_GLK_DECAY
#define DECAYS (DECAY != 0)
#define HANDLES_ALL                                                                                \
    (MORTISE_LOW(TLSF_GLK_SIZE_HANDLE) == 0 && MORTISE_HIGH(TLSF_GLK_SIZE_HANDLE) == SIZE_MAX)

MORTISE_ASSERT_STATIC(TLSF_GLK_POOL_SIZE >= 65536 && TLSF_GLK_POOL_SIZE <= 1 << 30,
                      "mortise: tlsf_glk: pool_size must lie in 64KB..1GB");
MORTISE_ASSERT_STATIC(TLSF_GLK_DECAY >= 0 && TLSF_GLK_DECAY <= 86400000,
                      "mortise: tlsf_glk: decay must lie in 0..86400000");
MORTISE_ASSERT_STATIC(MORTISE_LOW(TLSF_GLK_SIZE_HANDLE) < MORTISE_HIGH(TLSF_GLK_SIZE_HANDLE),
                      "mortise: tlsf_glk: size_handle=[lo,hi] needs lo < hi");

enum {
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(sleeps) = SYNC(sleeps) ? MORTISE_SLEEPS : 0,
    SELF(needs) =
        MORTISE_REGIONS | SELF(safe) | (HANDLES_ALL ? 0 : MORTISE_OBJECTS | MORTISE_ALIGNS),
    SELF(offers) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_RESIZES |
                   MORTISE_PLACES | SELF(safe) | SELF(sleeps) | (HANDLES_ALL ? MORTISE_CHECKS : 0),
    SELF(passes) = MORTISE_RETURNS | MORTISE_PRECISE | MORTISE_CHECKS
};

SELF_HEAP
{
    MORTISE_MEMBER_STATE(TLSF_GLK_SYNC) sync;
    struct mortise_tlsf tlsf MORTISE_ALIGNED(MORTISE_CACHE_LINE);
};

SELF_LOCAL
{
    struct SYNC(local) sync;
};

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    size_t judged = size > align || align <= MORTISE_TLSF_ALIGN ? size : align;
    return mortise_within(judged, MORTISE_LOW(TLSF_GLK_SIZE_HANDLE),
                          MORTISE_HIGH(TLSF_GLK_SIZE_HANDLE));
}

#include "shared/answer.h"
#include "shared/reclaim.h"
#include "shared/region.h"

#include "tlsf_glk/release.h"

/* ---- slow paths, outside the lock ---- */

MORTISE_SLOW struct mortise_tlsf_stats_task SELF(count_up)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_tlsf_stats_task task = {&heap->tlsf, 0, 0, 0};
    SYNC(exec)(&heap->sync, &local->sync, mortise_tlsf_do_stats, &task);
    return task;
}

/* A claimed region of at least `least` bytes, as large as is reasonable, and in `owned` whose it
 * was, which has to be a word; ptr NULL: none. */
MORTISE_SLOW mctx_t SELF(fetch)(SELF_HEAP *heap, SELF_LOCAL *local, size_t least)
{
    size_t held = SELF(count_up)(heap, local).held;
    size_t wish = held / 8 < ((size_t)64 << 20) ? held / 8 : (size_t)64 << 20;
    if (wish < TLSF_GLK_POOL_SIZE)
        wish = TLSF_GLK_POOL_SIZE;
    if (wish < least)
        wish = least;
    mctx_t ctx;
    for (;;) {
        size_t size = mortise_round_up(wish, MORTISE_GRANULE);
        ctx = mctx_make(MORTISE_REGION, NULL, size, MORTISE_GRANULE);
        if (SELF(fetch_region)(&ctx, heap, local) || wish == least)
            break;
        wish = wish / 2 > least ? wish / 2 : least; /* a limit is near: take less */
    }
    if (ctx.ptr == NULL)
        return ctx;
    if (SELF(may_cut)())
        ctx.owned = 0;
    if ((uintptr_t)ctx.owned == ctx.owned) {
        SELF(claim_region)(&ctx, heap, local, mortise_owned(SELF(number)(), 0));
    } else {
        NEXT_COLD(free)(&ctx, heap, local);
        ctx.ptr = NULL;
    }
    return ctx;
}

MORTISE_SLOW struct mortise_cut SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, size_t size,
                                           size_t align)
{
    struct mortise_tlsf_add_task task = {&heap->tlsf, NULL, 0, 0, false, size, align, {NULL, 0, 0}};
    size_t room = mortise_tlsf_room(size, align);
    local = SELF(attach)(heap, local); /* the heap may not have begun */
    if (size == 0 || room == 0)
        return task.cut;
    mctx_t region = SELF(fetch)(heap, local, room + MORTISE_TLSF_POOL_COST);
    if (region.ptr == NULL)
        return task.cut;
    task.region = region.ptr;
    task.region_size = region.size;
    task.owned = (uintptr_t)region.owned;
    task.fresh = region.zeroed;
    SYNC(exec)(&heap->sync, &local->sync, mortise_tlsf_do_add, &task);
    return task.cut;
}

/* ---- the operations ---- */

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    if (ctx->status == MORTISE_OK && ctx->kind == MORTISE_THREAD)
        SYNC(join)(&heap->sync, &local->sync);
    else if (ctx->status == MORTISE_OK)
        SYNC(init)(&heap->sync);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!SELF(handles)(ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync)))
        local = SELF(attach)(heap, local);
    struct mortise_tlsf_alloc_task task = {
        &heap->tlsf, mortise_tlsf_block_size(ctx->size), ctx->align, ctx->want_zero, {NULL, 0, 0}};
    if (MORTISE_UNLIKELY(ctx->align > MORTISE_TLSF_ALIGN || ctx->want_zero)) {
        if (mortise_tlsf_room(task.size, ctx->align) != 0)
            SYNC(exec)(&heap->sync, &local->sync, mortise_tlsf_do_alloc_specially, &task);
    } else if (MORTISE_LIKELY(task.size != 0)) {
        SYNC(exec)(&heap->sync, &local->sync, mortise_tlsf_do_alloc, &task);
    }
    if (MORTISE_UNLIKELY(task.cut.payload == NULL))
        task.cut = SELF(grow)(heap, local, task.size, task.align);
    return SELF(answer)(ctx, task.cut);
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_OBJECT ? mortise_owner_of(ctx->owned) != SELF(number)()
                                    : !SELF(handles)(ctx->size, MORTISE_TLSF_ALIGN))
        return NEXT(free)(ctx, heap, local);
    if (MORTISE_UNLIKELY(((uintptr_t)ctx->ptr & (MORTISE_TLSF_ALIGN - 1)) != 0)) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync)))
        local = SELF(attach)(heap, local);
    if (ctx->kind == MORTISE_REGION &&
        !SELF(reclaim)(heap, local, ctx->ptr, ctx->size, mortise_owned(SELF(number)(), 0))) {
        ctx->status = MORTISE_NO_MEMORY; /* it stays the caller's */
        return ctx;
    }
    struct SELF(free_task) task = {&heap->tlsf, ctx->ptr, 0, false, false, NULL, 0};
    SYNC(exec)(&heap->sync, &local->sync, SELF(do_free), &task);
    if (MORTISE_UNLIKELY(task.due))
        SELF(follow)(heap, local, &task);
    ctx->status = task.done ? MORTISE_OK : MORTISE_DOUBLE_FREE;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (mortise_owner_of(ctx->owned) != SELF(number)())
        return NEXT(getmeta)(ctx, heap, local);
    if (MORTISE_UNLIKELY(((uintptr_t)ctx->ptr & (MORTISE_TLSF_ALIGN - 1)) != 0)) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    ctx->usable = mortise_tlsf_usable(ctx->ptr);
    if (MORTISE_UNLIKELY(!mortise_tlsf_is_used(ctx->ptr)))
        ctx->status = MORTISE_DOUBLE_FREE;
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (mortise_owner_of(ctx->owned) != SELF(number)())
        return NEXT(resize)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync)))
        local = SELF(attach)(heap, local);
    struct mortise_tlsf_resize_task task = {&heap->tlsf, ctx->ptr,
                                            mortise_tlsf_block_size(ctx->size), false};
    if (task.size != 0 && SELF(handles)(ctx->size, MORTISE_TLSF_ALIGN))
        SYNC(exec)(&heap->sync, &local->sync, mortise_tlsf_do_resize, &task);
    if (task.done)
        ctx->usable = mortise_tlsf_usable(ctx->ptr);
    ctx->status = task.done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL && (NEXT(facts)() & MORTISE_RETURNS) != 0)
        ctx->usable += SELF(trim_all)(heap, local, ctx->size);
    return NEXT(trim)(ctx, heap, local);
}

#define LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_tlsf_stats_task mine = SELF(count_up)(heap, local);
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    stats->free += mine.held - mine.used;
    stats->free_blocks += mine.free_blocks;
    return NEXT(stats)(ctx, heap, local);
}

#include "tlsf_glk/walk.h"

#define LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_CHILD)
        SYNC(reset)(&heap->sync);
    return NEXT(fork)(ctx, heap, local);
}

#undef SYNC
#undef HANDLES_ALL
#undef DECAY
#undef DECAYS
#undef TLSF_GLK_SYNC
#undef TLSF_GLK_SIZE_HANDLE
#undef TLSF_GLK_POOL_SIZE
#undef TLSF_GLK_TRIM_THRESHOLD
#undef TLSF_GLK_DECAY
#include "../core/layer_end.h"
