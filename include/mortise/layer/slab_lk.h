/* SPDX-License-Identifier: MIT */
/*
 * slab_lk - slabs of one block size each, with one lock for each size class
 *
 * Requests are rounded up to a size class and served from slabs of it: regions of slab_size, more
 * where fewer than eight blocks would fit. A cache on the user side moves blocks in batches. The
 * first slab that runs empty stays with its class, others go back to the neighbour.
 *
 * Needs: regions; objects of any alignment for what size_handle leaves to the neighbour; a
 *     thread-safe neighbour unless sync=none
 * Offers: objects of known size; batches; size classes to caches; thread-safe unless sync=none
 *
 * Parameters:
 *   name         type       default    range        meaning
 *   sync         sync       futex      -            how threads exclude each other from a class
 *   slab_size    size       64KB       64KB..64MB   least size of a slab
 *   sizeclass    sizeclass  tc         -            which block sizes there are
 *   size_handle  range      [0,32768]  0..SIZE_MAX  sizes served here; others go to next
 *
 * Invariants: those of data/slab.h, under the lock of the class. The granules of a slab are claimed
 *     before its first block is handed out. A block cannot leave its class, so resize refuses.
 * Ordering: the sync policy's. Whoever frees a block got it after the claim of its granules; base,
 *     block size and class of a record do not change while a block of the slab is out.
 * Wins: none yet
 * Source: paper table 2; Bonwick, "The slab allocator", USENIX 1994
 */
#include "../core/layer_begin.h"
#include "../data/slab_tasks.h"
#include "../policy/sizeclass.h"
#include "../policy/sync.h"

#ifndef SLAB_LK_SYNC
#define SLAB_LK_SYNC futex
#endif
#ifndef SLAB_LK_SLAB_SIZE
#define SLAB_LK_SLAB_SIZE 65536
#endif
#ifndef SLAB_LK_SIZECLASS
#define SLAB_LK_SIZECLASS tc
#endif
#ifndef SLAB_LK_SIZECLASS_LEAST
#define SLAB_LK_SIZECLASS_LEAST 0
#endif
#ifndef SLAB_LK_SIZECLASS_MOST
#define SLAB_LK_SIZECLASS_MOST 0
#endif
#ifndef SLAB_LK_SIZECLASS_STEP
#define SLAB_LK_SIZECLASS_STEP 0
#endif
#ifndef SLAB_LK_SIZE_HANDLE
#define SLAB_LK_SIZE_HANDLE 0, 32768
#endif
#include MORTISE_POLICY(sync, SLAB_LK_SYNC)
#include MORTISE_POLICY(sizeclass, SLAB_LK_SIZECLASS)
#define SYNC(x) MORTISE_MEMBER(SLAB_LK_SYNC, x)
#define SIZECLASS(x) MORTISE_MEMBER(SLAB_LK_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SLAB_LK_SIZECLASS_LEAST, SLAB_LK_SIZECLASS_MOST, SLAB_LK_SIZECLASS_STEP)

MORTISE_ASSERT_STATIC(SLAB_LK_SLAB_SIZE >= 65536 && SLAB_LK_SLAB_SIZE <= 64 << 20,
                      "mortise: slab_lk: slab_size must lie in 64KB..64MB");
MORTISE_ASSERT_STATIC(MORTISE_LOW(SLAB_LK_SIZE_HANDLE) < MORTISE_HIGH(SLAB_LK_SIZE_HANDLE),
                      "mortise: slab_lk: size_handle=[lo,hi] needs lo < hi");
MORTISE_ASSERT_STATIC(SIZECLASS(classes) <= 256, "mortise: slab_lk: more than 256 size classes");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(sizeclass_id) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), SLAB_LK),
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | SELF(safe),
    SELF(offers) = MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_CLASSES | MORTISE_PLACES |
                   SELF(safe) | (SYNC(sleeps) ? MORTISE_SLEEPS : 0),
    SELF(passes) =
        MORTISE_REGIONS | MORTISE_ONE_RANGE | MORTISE_RETURNS | MORTISE_RESIZES | MORTISE_PRECISE
};
#define STATE MORTISE_MEMBER_STATE(SLAB_LK_SYNC)

struct SELF(class) {
    STATE sync;
    struct mortise_slab_list list;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

SELF_HEAP
{
    struct SELF(class) classes[SELF(classes)];
    STATE records_sync;
    struct mortise_slab *records; /* spare ones */
};

SELF_LOCAL
{
    struct SYNC(local) sync[SELF(classes) + 1]; /* the last one for the records */
};

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    const size_t lo = MORTISE_LOW(SLAB_LK_SIZE_HANDLE), hi = MORTISE_HIGH(SLAB_LK_SIZE_HANDLE);
    size_t judged = size > align || align <= 16 ? size : align;
    return judged <= SIZECLASS(most)(CLASSES) && mortise_within(judged, lo, hi) &&
           align <= MORTISE_GRANULE; /* to which a slab is aligned */
}

MORTISE_FAST struct mortise_slab *SELF(slab_of)(uint64_t owned)
{
    return (struct mortise_slab *)mortise_owner_record(owned);
}

MORTISE_FAST void SELF(give)(struct mortise_slab_list *list, uint64_t owned, void *block,
                             struct mortise_slab **emptied)
{
    if (mortise_slab_give(list, SELF(slab_of)(owned), block))
        mortise_slab_detach(list, SELF(slab_of)(owned), emptied);
}

MORTISE_SLOW size_t SELF(unused)(const struct mortise_slab_list *list)
{
    return list->blocks - list->used;
}

MORTISE_SLOW void SELF(release)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_slab *slab);

#define SIZE_HANDLE SLAB_LK_SIZE_HANDLE
#define EMPTIED struct mortise_slab
#include "shared/slabs.h"

MORTISE_SLOW void SELF(put_records)(SELF_HEAP *heap, SELF_LOCAL *local,
                                    struct mortise_slab *records, struct mortise_slab *last)
{
    struct mortise_slab_record task = {&heap->records, records, last, NULL};
    SELF(exec)(heap, local, SELF(classes), mortise_slab_do_add_records, &task);
}

/* A record for a new slab, or NULL. Their memory is never returned while the heap lives. */
MORTISE_SLOW struct mortise_slab *SELF(get_record)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_slab_record task = {&heap->records, NULL, NULL, NULL};
    SELF(exec)(heap, local, SELF(classes), mortise_slab_do_take_record, &task);
    if (task.taken != NULL)
        return task.taken;
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, MORTISE_GRANULE, MORTISE_GRANULE);
    struct mortise_slab *fresh = (struct mortise_slab *)NEXT_COLD(alloc)(&ctx, heap, local)->ptr;
    if (fresh == NULL)
        return NULL;
    struct mortise_slab *last = mortise_slab_link_records(fresh, MORTISE_GRANULE);
    SELF(put_records)(heap, local, fresh->next, last);
    return fresh;
}

/* A slab of a class, claimed but in no list, or NULL. */
MORTISE_SLOW struct mortise_slab *SELF(make_slab)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                  unsigned szcls)
{
    struct mortise_slab *slab = SELF(get_record)(heap, local);
    if (slab == NULL)
        return NULL;
    size_t block = SIZECLASS(szcls_to_size)(szcls, CLASSES);
    size_t bytes = mortise_slab_bytes(block, SLAB_LK_SLAB_SIZE);
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
    NEXT_COLD(alloc)(&ctx, heap, local);
    if (ctx.ptr != NULL) {
        NEXT(whose)(&ctx, heap, local);
        mortise_slab_begin(slab, ctx.ptr, bytes, block, szcls, ctx.owned);
        ctx.size = bytes;
        ctx.owned = mortise_owned_of_class(SELF(number)(), szcls, slab);
        if (NEXT(claim)(&ctx, heap, local)->status == MORTISE_OK)
            return slab;
        ctx.owned = slab->region_owned;
        NEXT_COLD(free)(&ctx, heap, local);
    }
    SELF(put_records)(heap, local, slab, slab);
    return NULL;
}

/* Gives empty slabs, linked by next, back to the neighbour; one that it refuses stays ours. */
MORTISE_SLOW void SELF(release)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_slab *slab)
{
    while (slab != NULL) {
        struct mortise_slab *next = slab->next;
        mctx_t ctx = mctx_make(MORTISE_REGION, slab->base, slab->bytes, 1);
        ctx.owned = slab->region_owned;
        NEXT_COLD(free)(&ctx, heap, local);
        struct mortise_slab_take task = {&heap->classes[slab->szcls].list, slab, 0, 0, NULL};
        if (ctx.status == MORTISE_OK)
            SELF(put_records)(heap, local, slab, slab);
        else
            SELF(exec)(heap, local, slab->szcls, mortise_slab_do_take, &task);
        slab = next;
    }
}

/* Blocks of a class when its slabs have none left; from one new slab. */
MORTISE_SLOW void SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_slab_take *task,
                             unsigned szcls)
{
    local = SELF(attach)(heap, local);
    task->slab = SELF(make_slab)(heap, local, szcls);
    if (task->slab != NULL)
        SELF(exec)(heap, local, szcls, mortise_slab_do_take, task);
}

/* Up to `count` blocks of a class; at least one, unless memory is out. */
MORTISE_FAST struct mortise_slab_take SELF(take)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls,
                                                 unsigned count)
{
    struct mortise_slab_take task = {&heap->classes[szcls].list, NULL, count, 0, NULL};
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[szcls])))
        local = SELF(attach)(heap, local);
    SELF(exec)(heap, local, szcls, mortise_slab_do_take, &task);
    if (MORTISE_UNLIKELY(task.chain == NULL))
        SELF(grow)(heap, local, &task, szcls);
    return task;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    SELF(begin_syncs)(ctx, heap, local);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    unsigned szcls = SELF(classes);
    if (ctx->kind == MORTISE_OBJECT && SELF(handles)(ctx->size, ctx->align))
        szcls = MORTISE_LIKELY(ctx->align <= 16) ? SIZECLASS(size_to_szcls)(ctx->size, CLASSES)
                                                 : SELF(aligned_class)(ctx->size, ctx->align);
    if (MORTISE_UNLIKELY(szcls >= SELF(classes)))
        return NEXT(alloc)(ctx, heap, local);
    ctx->ptr = SELF(take)(heap, local, szcls, 1).chain;
    ctx->usable = SIZECLASS(szcls_to_size)(szcls, CLASSES);
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t szcls = ctx->kind == MORTISE_OBJECT ? SELF(class_of)(ctx->owned) : (size_t)SELF(classes);
    if (szcls >= SELF(classes))
        return NEXT(free)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[szcls])))
        local = SELF(attach)(heap, local);
    struct mortise_slab_free task = {&heap->classes[szcls].list, SELF(slab_of)(ctx->owned),
                                     ctx->ptr, false, NULL};
    SELF(exec)(heap, local, szcls, mortise_slab_do_free, &task);
    if (MORTISE_UNLIKELY(task.detached != NULL))
        SELF(release)(heap, local, task.detached);
    ctx->status = task.done ? MORTISE_OK : MORTISE_FOREIGN_POINTER;
    return ctx;
}

#define LAYER_HAS_BATCH
MORTISE_FAST mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!SELF(handles)(ctx->size, 16))
        return NEXT(alloc_batch)(ctx, heap, local);
    unsigned szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
    struct mortise_slab_take task = SELF(take)(heap, local, szcls, ctx->count);
    ctx->ptr = task.chain;
    ctx->count = task.got;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx->szcls = SELF(class_of)(ctx->owned);
    if (ctx->szcls >= SELF(classes)) {
        NEXT(getmeta)(ctx, heap, local)->szcls = SELF(classes); /* none of its own */
        return ctx;
    }
    ctx->usable = SIZECLASS(szcls_to_size)((unsigned)ctx->szcls, CLASSES);
    ctx->fixed = true;
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr != NULL)
        return NEXT(trim)(ctx, heap, local);
    local = SELF(attach)(heap, local);
    for (unsigned i = 0; i < SELF(classes); i++) {
        struct mortise_slab_trim task = {&heap->classes[i].list, NULL};
        SELF(exec)(heap, local, i, mortise_slab_do_trim, &task);
        SELF(release)(heap, local, task.detached);
    }
    return NEXT(trim)(ctx, heap, local);
}

#undef SYNC
#undef STATE
#undef SIZECLASS
#undef CLASSES
#undef SIZE_HANDLE
#undef EMPTIED
#undef SLAB_LK_SYNC
#undef SLAB_LK_SLAB_SIZE
#undef SLAB_LK_SIZECLASS
#undef SLAB_LK_SIZECLASS_LEAST
#undef SLAB_LK_SIZECLASS_MOST
#undef SLAB_LK_SIZECLASS_STEP
#undef SLAB_LK_SIZE_HANDLE
#include "../core/layer_end.h"
