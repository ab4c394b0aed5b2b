/* SPDX-License-Identifier: MIT */
/*
 * tlsf_glk - two-level segregated fit behind one global lock
 *
 * Allocates and frees in a constant number of steps with little fragmentation, the allocator of
 * small real-time systems. One lock guards it all, so the sync policy decides how it behaves on
 * many cores: a combining policy lets one thread serve the others while the lists are in its cache.
 *
 * Memory is fetched in pools that grow with what is held, and always outside the lock. A pool whose
 * blocks are all free, or the end of one at the end of the neighbour's range, goes back once more
 * than trim_threshold and half of what is in use lies free.
 *
 * Needs: regions; a thread-safe neighbour unless sync=none; objects of any alignment where
 *     size_handle leaves some to it
 * Offers: objects of any size and alignment; regions; resizing in place; thread-safe unless
 *     sync=none
 *
 * Parameters:
 *   name            type   default       range        meaning
 *   sync            sync   mutex         -            how threads exclude each other
 *   size_handle     range  [0,SIZE_MAX]  0..SIZE_MAX  sizes served here; others go to next
 *   pool_size       size   256KB         64KB..1GB    least memory fetched at a time
 *   trim_threshold  size   8MB           64KB..1TB    free memory kept before any goes back
 *
 * Invariants: those of data/tlsf.h, under the lock. A pool is claimed before it is added, so an
 *     address in a block is always known to be this layer's.
 * Ordering: the sync policy's. getmeta reads the size word of a block that the caller owns without
 *     the lock: only its flags can change meanwhile.
 * Wins: none yet
 * Source: paper section 3 (tlsfcc); Masmano et al. 2004
 */
#include "../core/layer_begin.h"
#include "../data/tlsf_heap.h"
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
#include MORTISE_POLICY(sync, TLSF_GLK_SYNC)

#define SYNC(x) MORTISE_MEMBER(TLSF_GLK_SYNC, x)
#define HANDLES_ALL                                                                                \
    (MORTISE_LOW(TLSF_GLK_SIZE_HANDLE) == 0 && MORTISE_HIGH(TLSF_GLK_SIZE_HANDLE) == SIZE_MAX)

MORTISE_ASSERT_STATIC(TLSF_GLK_POOL_SIZE >= 65536 && TLSF_GLK_POOL_SIZE <= 1 << 30,
                      "mortise: tlsf_glk: pool_size must lie in 64KB..1GB");
MORTISE_ASSERT_STATIC(MORTISE_LOW(TLSF_GLK_SIZE_HANDLE) < MORTISE_HIGH(TLSF_GLK_SIZE_HANDLE),
                      "mortise: tlsf_glk: size_handle=[lo,hi] needs lo < hi");

enum {
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(needs) = MORTISE_REGIONS | SELF(safe) |
                  (HANDLES_ALL ? 0 : MORTISE_OBJECTS | MORTISE_ALIGNS),
    SELF(offers) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_RESIZES |
                   MORTISE_PLACES | SELF(safe),
    SELF(passes) = MORTISE_ONE_RANGE | MORTISE_RETURNS
};

SELF_HEAP {
    MORTISE_MEMBER_STATE(TLSF_GLK_SYNC) sync;
    struct mortise_tlsf tlsf MORTISE_ALIGNED(MORTISE_CACHE_LINE);
};

SELF_LOCAL {
    struct SYNC(local) sync;
};

/* What a procedure under the lock is asked and answers. */
struct SELF(task) {
    struct mortise_tlsf *tlsf;
    size_t size;     /* block bytes wanted */
    size_t align;
    void *payload;   /* of the block to free or resize */
    bool want_zero;
    bool fresh;      /* the region to add is zero */
    bool done;
    bool may_cut;    /* giving back: the end of a pool will do */
    size_t least;    /* giving back: only when the free block has that many bytes */
    size_t keep;     /* giving back: leave that much free, 0: nothing */
    void *region;    /* to add, or to give back; NULL: none */
    size_t region_size;
    struct mortise_tlsf_cut cut;
};

MORTISE_FAST struct SELF(task) SELF(make_task)(SELF_HEAP *heap)
{
    struct SELF(task) task;
    __builtin_memset(&task, 0, sizeof task); /* unused fields vanish where the lock is inlined */
    task.tlsf = &heap->tlsf;
    return task;
}

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    size_t judged = size > align || align <= MORTISE_TLSF_ALIGN ? size : align;
    return mortise_within(judged, MORTISE_LOW(TLSF_GLK_SIZE_HANDLE),
                          MORTISE_HIGH(TLSF_GLK_SIZE_HANDLE));
}

/* ---- under the lock ---- */

MORTISE_PLAIN void SELF(do_alloc)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    task->cut = mortise_tlsf_alloc(task->tlsf, task->size, task->align, task->want_zero);
}

/* Adds the region and cuts from it at once, so that no other thread can take what was fetched. */
MORTISE_PLAIN void SELF(do_add)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    struct mortise_tlsf_block *block =
        mortise_tlsf_add(task->tlsf, task->region, task->region_size, task->fresh);
    if (task->size == 0)
        return;
    mortise_tlsf_remove(task->tlsf, block);
    task->cut = mortise_tlsf_cut_from(task->tlsf, block, task->size, task->align, true);
}

/* Detaches what should go back to the neighbour: a whole pool, or the end of one. */
MORTISE_SLOW void SELF(detach_excess)(struct SELF(task) * task, struct mortise_tlsf_block *block)
{
    struct mortise_tlsf *tlsf = task->tlsf;
    size_t size = mortise_tlsf_size(block);
    size_t excess = tlsf->held - tlsf->used;
    if (excess <= task->keep || !mortise_tlsf_is_last(block))
        return;
    excess -= task->keep;
    if (mortise_tlsf_is_first(block) && (!task->may_cut || excess >= size)) {
        task->region_size = size + MORTISE_TLSF_POOL_COST;
    } else if (task->may_cut && size > MORTISE_TLSF_LEAST) {
        size_t most = size - MORTISE_TLSF_LEAST;
        task->region_size = mortise_round_down(excess < most ? excess : most, MORTISE_GRANULE);
        if (task->region_size == 0)
            return;
    } else {
        return;
    }
    task->region = mortise_tlsf_take_back(tlsf, block, task->region_size);
}

MORTISE_PLAIN void SELF(do_free)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    struct mortise_tlsf_block *block = mortise_tlsf_free(task->tlsf, task->payload);
    task->done = block != NULL;
    if (MORTISE_LIKELY(block == NULL || mortise_tlsf_size(block) < task->least))
        return;
    size_t half = task->tlsf->used / 2;
    if (task->keep != 0 && task->keep < half)
        task->keep = half;
    SELF(detach_excess)(task, block);
}

MORTISE_PLAIN void SELF(do_resize)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    task->done = mortise_tlsf_resize(task->tlsf, task->payload, task->size);
}

MORTISE_PLAIN void SELF(do_detach)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    task->payload = mortise_tlsf_detach(task->tlsf, task->size);
}

MORTISE_PLAIN void SELF(do_stats)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    struct mortise_stats *stats = (struct mortise_stats *)task->payload;
    stats->system += task->tlsf->held;
    stats->free += task->tlsf->held - task->tlsf->used;
    stats->free_blocks += task->tlsf->free_blocks;
}

/* ---- slow paths, outside the lock ---- */

MORTISE_SLOW void SELF(give_back)(SELF_HEAP *heap, SELF_LOCAL *local, void *region, size_t size)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, region, size, 1);
    NEXT_COLD(free)(&ctx, heap, local);
    if (ctx.status == MORTISE_OK)
        return;
    struct SELF(task) task = SELF(make_task)(heap); /* refused: ours again */
    task.region = region;
    task.region_size = size;
    SYNC(exec)(&heap->sync, &local->sync, SELF(do_add), &task);
}

/* What this layer holds, free and used, added to `stats`. */
MORTISE_SLOW void SELF(count_up)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_stats *stats)
{
    struct SELF(task) task = SELF(make_task)(heap);
    task.payload = stats;
    SYNC(exec)(&heap->sync, &local->sync, SELF(do_stats), &task);
}

/* A claimed region of at least `least` bytes, as large as is reasonable; ptr NULL: none. */
MORTISE_SLOW mctx_t SELF(fetch)(SELF_HEAP *heap, SELF_LOCAL *local, size_t least)
{
    struct mortise_stats stats = {0, 0, 0, 0, 0, 0};
    SELF(count_up)(heap, local, &stats);
    size_t held = stats.system;
    size_t wish = held / 8 < ((size_t)64 << 20) ? held / 8 : (size_t)64 << 20;
    if (wish < TLSF_GLK_POOL_SIZE)
        wish = TLSF_GLK_POOL_SIZE;
    if (wish < least)
        wish = least;
    mctx_t ctx;
    for (;;) {
        size_t size = mortise_round_up(wish, MORTISE_GRANULE);
        ctx = mctx_make(MORTISE_REGION, NULL, size, MORTISE_GRANULE);
        NEXT_COLD(alloc)(&ctx, heap, local);
        ctx.size = size;
        if (ctx.ptr != NULL || wish == least)
            break;
        wish = wish / 2 > least ? wish / 2 : least; /* a limit is near: take less */
    }
    if (ctx.ptr == NULL)
        return ctx;
    ctx.owner = SELF(number)();
    NEXT(claim)(&ctx, heap, local);
    if (ctx.status != MORTISE_OK) {
        NEXT_COLD(free)(&ctx, heap, local);
        ctx.ptr = NULL;
    }
    return ctx;
}

MORTISE_SLOW struct mortise_tlsf_cut SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, size_t size,
                                                size_t align)
{
    struct mortise_tlsf_cut none = {NULL, 0, 0};
    local = SELF(attach)(heap, local); /* the heap may not have begun */
    size_t room = mortise_tlsf_room(size, align);
    if (size == 0 || room == 0)
        return none;
    mctx_t region = SELF(fetch)(heap, local, room + MORTISE_TLSF_POOL_COST);
    if (region.ptr == NULL)
        return none;
    struct SELF(task) task = SELF(make_task)(heap);
    task.size = size;
    task.align = align;
    task.region = region.ptr;
    task.region_size = region.size;
    task.fresh = region.zeroed;
    SYNC(exec)(&heap->sync, &local->sync, SELF(do_add), &task);
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
    struct SELF(task) task = SELF(make_task)(heap);
    task.size = mortise_tlsf_block_size(ctx->size);
    task.align = ctx->align;
    task.want_zero = ctx->want_zero;
    if (MORTISE_LIKELY(task.size != 0 && mortise_tlsf_room(task.size, task.align) != 0))
        SYNC(exec)(&heap->sync, &local->sync, SELF(do_alloc), &task);
    if (MORTISE_UNLIKELY(task.cut.payload == NULL))
        task.cut = SELF(grow)(heap, local, task.size, task.align);
    ctx->ptr = task.cut.payload;
    ctx->usable = task.cut.usable;
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    if (ctx->want_zero && ctx->ptr != NULL && task.cut.dirty < task.cut.usable) {
        __builtin_memset(ctx->ptr, 0, task.cut.dirty);
        ctx->zeroed = true;
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_OBJECT ? ctx->owner != SELF(number)()
                                    : !SELF(handles)(ctx->size, MORTISE_TLSF_ALIGN))
        return NEXT(free)(ctx, heap, local);
    if (MORTISE_UNLIKELY(((uintptr_t)ctx->ptr & (MORTISE_TLSF_ALIGN - 1)) != 0)) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync)))
        local = SELF(attach)(heap, local);
    struct SELF(task) task = SELF(make_task)(heap);
    task.payload = ctx->ptr;
    task.may_cut = (NEXT(facts)() & MORTISE_ONE_RANGE) != 0;
    task.least = (NEXT(facts)() & MORTISE_RETURNS) != 0 ? MORTISE_GRANULE / 2 : SIZE_MAX;
    task.keep = TLSF_GLK_TRIM_THRESHOLD;
    SYNC(exec)(&heap->sync, &local->sync, SELF(do_free), &task);
    if (MORTISE_UNLIKELY(task.region != NULL))
        SELF(give_back)(heap, local, task.region, task.region_size);
    ctx->status = task.done ? MORTISE_OK : MORTISE_DOUBLE_FREE;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->owner != SELF(number)())
        return NEXT(getmeta)(ctx, heap, local);
    ctx->usable = mortise_tlsf_usable(ctx->ptr);
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->owner != SELF(number)())
        return NEXT(resize)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync)))
        local = SELF(attach)(heap, local);
    struct SELF(task) task = SELF(make_task)(heap);
    task.payload = ctx->ptr;
    task.size = mortise_tlsf_block_size(ctx->size);
    if (task.size != 0 && SELF(handles)(ctx->size, MORTISE_TLSF_ALIGN))
        SYNC(exec)(&heap->sync, &local->sync, SELF(do_resize), &task);
    if (task.done)
        ctx->usable = mortise_tlsf_usable(ctx->ptr);
    ctx->status = task.done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

/* Everything free goes back, or loses its pages; ctx->size bytes are kept for what comes next. */
MORTISE_SLOW size_t SELF(trim_all)(SELF_HEAP *heap, SELF_LOCAL *local, size_t keep)
{
    size_t returned = 0;
    local = SELF(attach)(heap, local);
    struct SELF(task) task = SELF(make_task)(heap);
    task.size = MORTISE_GRANULE;
    SYNC(exec)(&heap->sync, &local->sync, SELF(do_detach), &task);
    struct mortise_tlsf_block *block = (struct mortise_tlsf_block *)task.payload;
    while (block != NULL) {
        struct mortise_tlsf_block *next = block->next_free;
        char *payload = (char *)mortise_tlsf_payload(block);
        size_t room = mortise_tlsf_usable(payload);
        if (room > keep) {
            mctx_t ctx = mctx_make(MORTISE_REGION, payload + keep, room - keep, 1);
            returned += NEXT(trim)(&ctx, heap, local)->usable;
        }
        keep = room > keep ? 0 : keep - room;
        task = SELF(make_task)(heap);
        task.payload = payload;
        task.may_cut = (NEXT(facts)() & MORTISE_ONE_RANGE) != 0;
        task.least = MORTISE_GRANULE / 2;
        SYNC(exec)(&heap->sync, &local->sync, SELF(do_free), &task);
        if (task.region != NULL)
            SELF(give_back)(heap, local, task.region, task.region_size);
        block = next;
    }
    return returned;
}

#define LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr != NULL)
        return NEXT(trim)(ctx, heap, local);
    if ((NEXT(facts)() & MORTISE_RETURNS) != 0)
        ctx->usable += SELF(trim_all)(heap, local, ctx->size);
    return ctx;
}

#define LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_stats mine = {0, 0, 0, 0, 0, 0};
    SELF(count_up)(heap, local, &mine);
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    stats->free += mine.free;
    stats->free_blocks += mine.free_blocks;
    return NEXT(stats)(ctx, heap, local);
}

#define LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_PREPARE)
        SYNC(hold)(&heap->sync, &local->sync);
    ctx = NEXT(fork)(ctx, heap, local);
    if (ctx->kind == MORTISE_FORK_PARENT)
        SYNC(release)(&heap->sync, &local->sync);
    else if (ctx->kind == MORTISE_FORK_CHILD)
        SYNC(reset)(&heap->sync, &local->sync);
    else if (ctx->kind == MORTISE_FORK_ORPHAN)
        SYNC(join)(&heap->sync, &local->sync);
    return ctx;
}

#undef SYNC
#undef HANDLES_ALL
#undef TLSF_GLK_SYNC
#undef TLSF_GLK_SIZE_HANDLE
#undef TLSF_GLK_POOL_SIZE
#undef TLSF_GLK_TRIM_THRESHOLD
#include "../core/layer_end.h"
