/* SPDX-License-Identifier: MIT */
/*
 * slab_lk - slabs of one block size each, with one lock for each size class
 *
 * Requests are rounded up to a size class and served from slabs of that class: regions of
 * slab_size, or more where fewer than eight blocks would fit. Contention spreads over the classes,
 * and a cache on the user side moves blocks in batches, one lock for each. The first slab that runs
 * empty stays with its class, further ones go back to the neighbour, outside the lock.
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
 * Ordering: the sync policy's. The record's address comes from the granule map; whoever frees a
 *     block got it after the claim. Base, block size and class of a record do not change while a
 *     block of the slab is out.
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
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | SELF(safe),
    SELF(offers) = MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_CLASSES | MORTISE_PLACES | SELF(safe),
    SELF(passes) = MORTISE_REGIONS | MORTISE_ONE_RANGE | MORTISE_RETURNS | MORTISE_RESIZES
};

struct SELF(class) {
    MORTISE_MEMBER_STATE(SLAB_LK_SYNC) sync;
    struct mortise_slab_list list;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

SELF_HEAP
{
    struct SELF(class) classes[SELF(classes)];
    MORTISE_MEMBER_STATE(SLAB_LK_SYNC) records_sync;
    struct mortise_slab *records; /* spare ones */
};

SELF_LOCAL
{
    struct SYNC(local) sync[SELF(classes) + 1]; /* the last one for the records */
};

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    size_t judged = size > align || align <= 16 ? size : align;
    return judged <= SIZECLASS(most)(CLASSES) &&
           mortise_within(judged, MORTISE_LOW(SLAB_LK_SIZE_HANDLE),
                          MORTISE_HIGH(SLAB_LK_SIZE_HANDLE));
}

/* The class of an owned place, SELF(classes) if it is none of this layer's. */
MORTISE_FAST unsigned SELF(class_of)(uint64_t owned)
{
    return mortise_slab_class_of(owned, SELF(number)(), SELF(number)() == SELF(placers)(),
                                 SELF(classes));
}

/* Gives the blocks at the head of a chain that are of one class; under its lock. */
struct SELF(give_task) {
    SELF_HEAP *heap;
    SELF_LOCAL *local;
    unsigned szcls;
    void *chain;                   /* in and out: the blocks that are left */
    struct mortise_slab *detached; /* answer: empty slabs to release, linked by next */
};

MORTISE_SLOW void SELF(do_give)(void *argument)
{
    struct SELF(give_task) *task = (struct SELF(give_task) *)argument;
    struct mortise_slab_list *list = &task->heap->classes[task->szcls].list;
    while (task->chain != NULL) {
        mctx_t ctx = mctx_make(MORTISE_OBJECT, task->chain, 0, 1);
        NEXT(whose)(&ctx, task->heap, task->local); /* reads the map only */
        if (SELF(class_of)(ctx.owned) != task->szcls)
            return;
        task->chain = *(void **)ctx.ptr;
        if (mortise_slab_give(list, mortise_slab_of(ctx.owned), ctx.ptr))
            mortise_slab_detach(list, mortise_slab_of(ctx.owned), &task->detached);
    }
}

/* The sync of class `i`, or of the records after the last class. */
MORTISE_FAST MORTISE_MEMBER_STATE(SLAB_LK_SYNC) * SELF(sync_of)(SELF_HEAP *heap, unsigned i)
{
    return i < SELF(classes) ? &heap->classes[i].sync : &heap->records_sync;
}

MORTISE_SLOW void SELF(put_records)(SELF_HEAP *heap, SELF_LOCAL *local,
                                    struct mortise_slab *records, struct mortise_slab *last)
{
    struct mortise_slab_record task = {&heap->records, records, last, NULL};
    SYNC(exec)
    (&heap->records_sync, &local->sync[SELF(classes)], mortise_slab_do_add_records, &task);
}

/* A record for a new slab, or NULL. Their memory is never returned while the heap lives. */
MORTISE_SLOW struct mortise_slab *SELF(get_record)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_slab_record task = {&heap->records, NULL, NULL, NULL};
    SYNC(exec)
    (&heap->records_sync, &local->sync[SELF(classes)], mortise_slab_do_take_record, &task);
    if (task.taken != NULL)
        return task.taken;
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, MORTISE_GRANULE, MORTISE_GRANULE);
    struct mortise_slab *fresh = (struct mortise_slab *)NEXT_COLD(alloc)(&ctx, heap, local)->ptr;
    if (fresh == NULL)
        return NULL;
    size_t count = MORTISE_GRANULE / sizeof *fresh;
    for (size_t i = 1; i + 1 < count; i++)
        fresh[i].next = &fresh[i + 1];
    SELF(put_records)(heap, local, &fresh[1], &fresh[count - 1]);
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
    size_t bytes = mortise_round_up(8 * block, MORTISE_GRANULE);
    if (bytes < SLAB_LK_SLAB_SIZE)
        bytes = mortise_round_up(SLAB_LK_SLAB_SIZE, MORTISE_GRANULE);
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
    NEXT_COLD(alloc)(&ctx, heap, local);
    if (ctx.ptr != NULL) {
        NEXT(whose)(&ctx, heap, local);
        mortise_slab_begin(slab, ctx.ptr, bytes, block, szcls, ctx.owned);
        ctx.size = bytes;
        ctx.owned = mortise_slab_owned(SELF(number)(), slab);
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
        if (ctx.status == MORTISE_OK) {
            SELF(put_records)(heap, local, slab, slab);
        } else {
            unsigned szcls = slab->szcls;
            struct mortise_slab_take task = {&heap->classes[szcls].list, slab, 0, 0, NULL};
            SYNC(exec)
            (SELF(sync_of)(heap, szcls), &local->sync[szcls], mortise_slab_do_take, &task);
        }
        slab = next;
    }
}

/* Blocks of a class when its slabs have none left; up to `count`, from one new slab. */
MORTISE_SLOW void SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls,
                             struct mortise_slab_take *task)
{
    local = SELF(attach)(heap, local);
    task->slab = SELF(make_slab)(heap, local, szcls);
    if (task->slab != NULL)
        SYNC(exec)(&heap->classes[szcls].sync, &local->sync[szcls], mortise_slab_do_take, task);
}

/* The least class whose blocks all lie at multiples of `align`; SELF(classes): none. */
MORTISE_SLOW unsigned SELF(aligned_class)(size_t size, size_t align)
{
    unsigned szcls = SIZECLASS(size_to_szcls)(size > align ? size : align, CLASSES);
    unsigned last = SIZECLASS(size_to_szcls)(SIZECLASS(most)(CLASSES), CLASSES);
    while (szcls <= last && SIZECLASS(szcls_to_size)(szcls, CLASSES) % align != 0)
        szcls++;
    return szcls <= last ? szcls : (unsigned)SELF(classes);
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    for (unsigned i = 0; ctx->status == MORTISE_OK && i <= SELF(classes); i++) {
        if (ctx->kind == MORTISE_THREAD)
            SYNC(join)(SELF(sync_of)(heap, i), &local->sync[i]);
        else
            SYNC(init)(SELF(sync_of)(heap, i));
    }
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
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[szcls])))
        local = SELF(attach)(heap, local);
    struct mortise_slab_take task = {&heap->classes[szcls].list, NULL, 1, 0, NULL};
    SYNC(exec)(&heap->classes[szcls].sync, &local->sync[szcls], mortise_slab_do_take, &task);
    if (MORTISE_UNLIKELY(task.chain == NULL))
        SELF(grow)(heap, local, szcls, &task);
    ctx->ptr = task.chain;
    ctx->usable = SIZECLASS(szcls_to_size)(szcls, CLASSES);
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    unsigned szcls = SELF(classes);
    if (ctx->kind == MORTISE_OBJECT)
        szcls = SELF(class_of)(ctx->owned);
    if (szcls >= SELF(classes))
        return NEXT(free)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[szcls])))
        local = SELF(attach)(heap, local);
    struct mortise_slab_free task = {&heap->classes[szcls].list, mortise_slab_of(ctx->owned),
                                     ctx->ptr, false, NULL};
    SYNC(exec)(SELF(sync_of)(heap, szcls), &local->sync[szcls], mortise_slab_do_free, &task);
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
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[szcls])))
        local = SELF(attach)(heap, local);
    struct mortise_slab_take task = {&heap->classes[szcls].list, NULL, ctx->count, 0, NULL};
    SYNC(exec)(&heap->classes[szcls].sync, &local->sync[szcls], mortise_slab_do_take, &task);
    if (task.chain == NULL)
        SELF(grow)(heap, local, szcls, &task);
    ctx->ptr = task.chain;
    ctx->count = task.got;
    return ctx;
}

/* Blocks of others that are in the chain go on one by one. */
MORTISE_SLOW mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    local = SELF(attach)(heap, local);
    struct SELF(give_task) task = {heap, local, 0, ctx->ptr, NULL};
    while (task.chain != NULL) {
        mctx_t one = mctx_make(MORTISE_OBJECT, task.chain, 0, 1);
        NEXT(whose)(&one, heap, local);
        task.szcls = SELF(class_of)(one.owned);
        if (task.szcls < SELF(classes)) {
            SYNC(exec)
            (&heap->classes[task.szcls].sync, &local->sync[task.szcls], SELF(do_give), &task);
        } else {
            task.chain = *(void **)task.chain;
            NEXT_COLD(free)(&one, heap, local);
        }
    }
    if (task.detached != NULL)
        SELF(release)(heap, local, task.detached);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx->szcls = SELF(class_of)(ctx->owned);
    if (ctx->szcls >= SELF(classes))
        return NEXT(getmeta)(ctx, heap, local);
    ctx->usable = SIZECLASS(szcls_to_size)(ctx->szcls, CLASSES);
    return ctx;
}

#define LAYER_HAS_SIZECLASS
MORTISE_FAST const void *SELF(sizeclass)(void)
{
    return (const void *)&SIZECLASS(size_to_szcls);
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (SELF(class_of)(ctx->owned) >= SELF(classes))
        return NEXT(resize)(ctx, heap, local);
    ctx->status = MORTISE_NO_MEMORY;
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
        SYNC(exec)(&heap->classes[i].sync, &local->sync[i], mortise_slab_do_trim, &task);
        SELF(release)(heap, local, task.detached);
    }
    return NEXT(trim)(ctx, heap, local);
}

#define LAYER_HAS_STATS
MORTISE_SLOW mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    for (unsigned i = 0; i < SELF(classes); i++) {
        struct mortise_slab_count task = {&heap->classes[i].list, 0};
        SYNC(exec)(&heap->classes[i].sync, &local->sync[i], mortise_slab_do_count, &task);
        stats->free += task.unused * SIZECLASS(szcls_to_size)(i, CLASSES);
        stats->free_blocks += task.unused;
    }
    return NEXT(stats)(ctx, heap, local);
}

#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; i <= SELF(classes); i++) {
        if (ctx->kind == MORTISE_FORK_PREPARE)
            SYNC(hold)(SELF(sync_of)(heap, i), &local->sync[i]);
        else if (ctx->kind == MORTISE_FORK_PARENT)
            SYNC(release)(SELF(sync_of)(heap, i), &local->sync[i]);
        else if (ctx->kind == MORTISE_FORK_CHILD)
            SYNC(reset)(SELF(sync_of)(heap, i), &local->sync[i]);
        else
            SYNC(join)(SELF(sync_of)(heap, i), &local->sync[i]);
    }
    return NEXT(fork)(ctx, heap, local);
}

#undef SYNC
#undef SIZECLASS
#undef CLASSES
#undef SLAB_LK_SYNC
#undef SLAB_LK_SLAB_SIZE
#undef SLAB_LK_SIZECLASS
#undef SLAB_LK_SIZECLASS_LEAST
#undef SLAB_LK_SIZECLASS_MOST
#undef SLAB_LK_SIZECLASS_STEP
#undef SLAB_LK_SIZE_HANDLE
#include "../core/layer_end.h"
