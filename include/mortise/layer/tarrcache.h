/* SPDX-License-Identifier: MIT */
/*
 * tarrcache - free blocks of each size class, kept by each thread in arrays
 *
 * malloc takes the block that the thread freed last, free puts it there: no atomics, no lock. The
 * pointers lie in an array for each class, so that a block is not touched while it is kept. What
 * is missing comes from the neighbour in batches, what is too much goes there in batches, those
 * first that were freed first. A class may keep more blocks each time it runs out, until it has
 * `slots` or all that the classes of a thread may keep adds up to cache_size; then another class
 * has to give up a batch for it, in turn. What a thread keeps goes back when it ends, and in trim.
 *
 * A block that is freed twice while it is kept is not noticed, and may be handed out twice; on its
 * way to the neighbour each block goes once.
 *
 * Needs: objects of known size, and their size classes from the same sizeclass policy; a
 *     thread-safe neighbour, for threads meet there
 * Offers: what its neighbour offers, but regions and checks: it keeps blocks unseen; quick
 *
 * Parameters:
 *   name         type       default    range        meaning
 *   sizeclass    sizeclass  tc         -            the neighbour's
 *   size_handle  range      [0,32768]  0..SIZE_MAX  sizes that are kept; others go to next
 *   slots        int        64         8..1024      most blocks of a class that one thread keeps
 *   cache_size   size       2MB        64KB..1GB    most bytes that one thread keeps
 *
 * Steps: a warm malloc up to 1 KiB is 14 instructions on slab_lk and mmap_heap, free is 21, neither
 *     has an atomic operation (x86-64, gcc 12, -O3; tests/budget counts them)
 * Invariants: those of layer/shared/budget.h. For each class base <= top <= end <= base + slots,
 *     where base is the class's first slot, which holds NULL; the blocks lie in the slots behind
 *     it, up to top. In the state of nobody all are 0: the first slot of all says that there is no
 *     block, and end that there is no room, so that every operation takes the slow path before it
 *     writes.
 * Ordering: none; the arrays belong to one thread, and states pass from thread to thread under the
 *     heap's lock
 * Wins: on blocks that are freed cold: one thread that replaces 200,000 blocks of 64 bytes in
 *     random order takes 8 ns for a free and a malloc where thread_cache takes 37, and 21 if it
 *     writes to each new one (x86-64, both on slab_lk)
 * Source: paper table 2; Bonwick and Adams, "Magazines and Vmem", USENIX 2001, for arrays
 */
#include "../core/layer_begin.h"
#include "../data/chain.h"
#include "../policy/sizeclass.h"

#ifndef TARRCACHE_SIZECLASS
#define TARRCACHE_SIZECLASS tc
#endif
#ifndef TARRCACHE_SIZECLASS_LEAST
#define TARRCACHE_SIZECLASS_LEAST 0
#endif
#ifndef TARRCACHE_SIZECLASS_MOST
#define TARRCACHE_SIZECLASS_MOST 0
#endif
#ifndef TARRCACHE_SIZECLASS_STEP
#define TARRCACHE_SIZECLASS_STEP 0
#endif
#ifndef TARRCACHE_SIZE_HANDLE
#define TARRCACHE_SIZE_HANDLE 0, 32768
#endif
#ifndef TARRCACHE_SLOTS
#define TARRCACHE_SLOTS 64
#endif
#ifndef TARRCACHE_CACHE_SIZE
#define TARRCACHE_CACHE_SIZE 2097152
#endif
#include MORTISE_POLICY(sizeclass, TARRCACHE_SIZECLASS)

#define SIZECLASS(x) MORTISE_MEMBER(TARRCACHE_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(TARRCACHE_SIZECLASS_LEAST, TARRCACHE_SIZECLASS_MOST,                      \
                         TARRCACHE_SIZECLASS_STEP)
#define KEPT TARRCACHE_SIZE_HANDLE

MORTISE_ASSERT_STATIC(TARRCACHE_SLOTS >= 8 && TARRCACHE_SLOTS <= 1024,
                      "mortise: tarrcache: slots must lie in 8..1024");
MORTISE_ASSERT_STATIC(TARRCACHE_CACHE_SIZE >= 65536 && TARRCACHE_CACHE_SIZE <= 1 << 30,
                      "mortise: tarrcache: cache_size must lie in 64KB..1GB");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(stride) = TARRCACHE_SLOTS + 1, /* from the base of a class to the next one's */
    SELF(needs_sizeclass) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), TARRCACHE),
    SELF(needs) = MORTISE_OBJECTS | MORTISE_CLASSES | MORTISE_THREADSAFE,
    SELF(offers) = MORTISE_QUICK,
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_CHECKS | MORTISE_REGIONS | MORTISE_PRECISE)
};

SELF_HEAP
{
    MORTISE_NO_STATE;
};

struct SELF(ends) {
    uint32_t top; /* the slot of the block that was freed last, or the base */
    uint32_t end; /* the last slot that may hold one */
};

SELF_LOCAL
{
    struct SELF(ends) ends[SELF(classes)];
    size_t budget; /* the limits in bytes */
    unsigned next_victim;
    bool begun;
    void *slots[SELF(classes) * SELF(stride)];
};

#include "shared/classes.h"
#include "shared/send.h"

MORTISE_FAST uint32_t SELF(base)(unsigned szcls)
{
    return szcls * SELF(stride);
}

MORTISE_FAST size_t SELF(most)(const SELF_LOCAL *local)
{
    (void)local;
    return TARRCACHE_CACHE_SIZE;
}

MORTISE_FAST uint32_t SELF(batch)(unsigned szcls)
{
    uint32_t batch = SIZECLASS(batch)(szcls, CLASSES);
    return batch < TARRCACHE_SLOTS / 2 ? batch : TARRCACHE_SLOTS / 2;
}

MORTISE_FAST uint32_t SELF(limit)(const SELF_LOCAL *local, unsigned szcls)
{
    return local->ends[szcls].end - SELF(base)(szcls);
}

MORTISE_FAST uint32_t SELF(longest)(unsigned szcls)
{
    (void)szcls;
    return TARRCACHE_SLOTS;
}

MORTISE_FAST void SELF(raise)(SELF_LOCAL *local, unsigned szcls)
{
    local->ends[szcls].end += SELF(batch)(szcls);
}

/* Gives up to `count` blocks of a class to the neighbour, those that have been kept longest. */
MORTISE_SLOW void SELF(flush)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls, uint32_t count)
{
    void **blocks = &local->slots[SELF(base)(szcls) + 1];
    uint32_t held = local->ends[szcls].top - SELF(base)(szcls);
    if (count > held)
        count = held;
    local->ends[szcls].top -= count;
    SELF(send)(heap, local, blocks, count);
    mortise_move_down(blocks, blocks + count, (held - count) * sizeof *blocks);
}

MORTISE_SLOW void SELF(lower)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    struct SELF(ends) *ends = &local->ends[szcls];
    uint32_t end = ends->end - SELF(batch)(szcls);
    if (ends->top > end)
        SELF(flush)(heap, local, szcls, ends->top - end);
    ends->end = end;
}

#include "shared/budget.h"

/* A block of a class that has none, and a batch for its array. */
MORTISE_SLOW void *SELF(take)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    SELF_LOCAL *mine = SELF(attach)(heap, local);
    struct SELF(ends) *ends = &mine->ends[szcls];
    mctx_t ctx = mctx_make(MORTISE_OBJECT, NULL, SIZECLASS(szcls_to_size)(szcls, CLASSES), 1);
    ctx.count = 1;
    if (mine->begun) {
        SELF(widen)(heap, mine, szcls);
        uint32_t room = ends->end - ends->top;
        ctx.count = room + 1 < SELF(batch)(szcls) ? room + 1 : SELF(batch)(szcls);
    }
    NEXT_COLD(alloc_batch)(&ctx, heap, mine);
    if (ctx.count > 1) {
        mortise_unchain(*(void **)ctx.ptr, &mine->slots[ends->top + 1], ctx.count - 1);
        ends->top += ctx.count - 1;
    }
    return ctx.ptr;
}

/* Keeps a block of a class that has no room, after making some; or passes it on where there is
 * none to be had, or the thread can have no state. */
MORTISE_SLOW void SELF(give)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls, void *block)
{
    SELF_LOCAL *mine = SELF(attach)(heap, local);
    struct SELF(ends) *ends = &mine->ends[szcls];
    if (mine->begun && ends->top == ends->end) {
        if (SELF(limit)(mine, szcls) != 0)
            SELF(flush)(heap, mine, szcls, SELF(batch)(szcls));
        else
            SELF(widen)(heap, mine, szcls);
    }
    if (ends->top < ends->end) {
        mine->slots[++ends->top] = block;
        return;
    }
    SELF(send)(heap, mine, &block, 1);
}

MORTISE_SLOW void SELF(drain)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; local->begun && i < SELF(classes); i++)
        SELF(flush)(heap, local, i, UINT32_MAX);
}

#include "shared/thread.h"
#include "shared/walk.h"

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; ctx->kind == MORTISE_THREAD && i < SELF(classes); i++)
        local->ends[i].top = local->ends[i].end = SELF(base)(i);
    if (ctx->kind == MORTISE_THREAD)
        local->begun = true;
    return NEXT(create)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT)
        return NEXT_COLD(alloc)(ctx, heap, local);
    if (MORTISE_LIKELY(SELF(handles)(ctx->size, ctx->align))) {
        size_t szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
        void *block = local->slots[local->ends[szcls].top];
        if (MORTISE_LIKELY(block != NULL)) {
            MORTISE_BASE(szcls); /* the top is counted in place */
            local->ends[szcls].top--;
            ctx->ptr = block;
            ctx->usable = SIZECLASS(szcls_to_size)((unsigned)szcls, CLASSES);
            ctx->zeroed = false;
            ctx->status = MORTISE_OK;
            return ctx;
        }
    }
    return REST(alloc)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT)
        return NEXT_COLD(free)(ctx, heap, local);
    ctx->szcls = SELF(classes); /* getmeta names a class where there is one */
    NEXT(getmeta)(ctx, heap, local);
    if (MORTISE_LIKELY(SELF(keeps)(ctx->szcls))) {
        size_t top = local->ends[ctx->szcls].top;
        if (MORTISE_LIKELY(top < local->ends[ctx->szcls].end)) {
            MORTISE_BASE(ctx->szcls); /* as in alloc */
            local->slots[top + 1] = ctx->ptr;
            local->ends[ctx->szcls].top++;
            return ctx;
        }
    }
    return REST(free)(ctx, heap, local);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    for (unsigned i = 0; ctx->kind == MORTISE_THREAD && local->begun && i < SELF(classes); i++) {
        void **blocks = &local->slots[SELF(base)(i) + 1];
        size_t count = local->ends[i].top - SELF(base)(i);
        size_t size = SIZECLASS(szcls_to_size)(i, CLASSES);
        SELF(walk_array)(walk, heap, local, blocks, count, size);
    }
    return NEXT(walk)(ctx, heap, local);
}

/* Blocks pass without an announcement, so a vanished thread may have been about to move one. Its
 * arrays are not looked at: what they hold is lost to the child. */
#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; ctx->kind == MORTISE_FORK_ORPHAN && i < SELF(classes); i++)
        local->ends[i].top = SELF(base)(i);
    return NEXT(fork)(ctx, heap, local);
}

#undef SIZECLASS
#undef CLASSES
#undef KEPT
#undef TARRCACHE_SIZECLASS
#undef TARRCACHE_SIZECLASS_LEAST
#undef TARRCACHE_SIZECLASS_MOST
#undef TARRCACHE_SIZECLASS_STEP
#undef TARRCACHE_SIZE_HANDLE
#undef TARRCACHE_SLOTS
#undef TARRCACHE_CACHE_SIZE
#define LAYER_NEEDS_SIZECLASS
#include "../core/layer_end.h"
