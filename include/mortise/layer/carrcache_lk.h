/* SPDX-License-Identifier: MIT */
/*
 * carrcache_lk - free blocks of each size class, kept by each core in arrays
 *
 * Who runs on a core shares its blocks, one thread after the other: what a program keeps grows with
 * its cores and not with its threads, and a block comes back to the core whose cache it is in. The
 * arrays of a core are guarded by a sync of their own, which hardly anybody else wants at the same
 * time. What is missing comes from the neighbour in batches, what is too much goes there in
 * batches, those first that were freed first; where bytes are what is too much, the classes give up
 * a batch in turn. All goes back in trim.
 *
 * A thread may have moved on between asking for its core and coming to its arrays: then it is a
 * guest at another core's, which is as good. Cores are numbered modulo `cores`.
 *
 * A block that is freed twice while it is kept is not noticed, and may be handed out twice; on its
 * way to the neighbour each block of a batch goes once.
 *
 * Needs: objects of known size, and their size classes from the same sizeclass policy; a
 *     thread-safe neighbour unless sync=none
 * Offers: what its neighbour offers, but regions and checks: it keeps blocks unseen; thread-safe
 *     unless sync=none
 *
 * Parameters:
 *   name         type       default    range        meaning
 *   sync         sync       futex      -            how threads exclude each other from a core
 *   sizeclass    sizeclass  tc         -            the neighbour's
 *   size_handle  range      [0,32768]  0..SIZE_MAX  sizes that are kept; others go to next
 *   slots        int        32         8..256       most blocks of a class that one core keeps
 *   cache_size   size       1MB        64KB..1GB    most bytes that one core keeps
 *   cores        int        64         1..1024      how many sets of arrays there are
 *
 * Invariants: for each core `bytes` is the sum of its blocks and at most cache_size; no class has
 *     more than `slots`. Both hold whenever no procedure runs.
 * Ordering: the sync policy's
 * Wins: none yet
 * Source: paper table 2; Bonwick and Adams, "Magazines and Vmem", USENIX 2001
 */
#include "../core/layer_begin.h"
#include "../data/chain.h"
#include "../os/os.h"
#include "../policy/sizeclass.h"
#include "../policy/sync.h"

#ifndef CARRCACHE_LK_SYNC
#define CARRCACHE_LK_SYNC futex
#endif
#ifndef CARRCACHE_LK_SIZECLASS
#define CARRCACHE_LK_SIZECLASS tc
#endif
#ifndef CARRCACHE_LK_SIZECLASS_LEAST
#define CARRCACHE_LK_SIZECLASS_LEAST 0
#endif
#ifndef CARRCACHE_LK_SIZECLASS_MOST
#define CARRCACHE_LK_SIZECLASS_MOST 0
#endif
#ifndef CARRCACHE_LK_SIZECLASS_STEP
#define CARRCACHE_LK_SIZECLASS_STEP 0
#endif
#ifndef CARRCACHE_LK_SIZE_HANDLE
#define CARRCACHE_LK_SIZE_HANDLE 0, 32768
#endif
#ifndef CARRCACHE_LK_SLOTS
#define CARRCACHE_LK_SLOTS 32
#endif
#ifndef CARRCACHE_LK_CACHE_SIZE
#define CARRCACHE_LK_CACHE_SIZE 1048576
#endif
#ifndef CARRCACHE_LK_CORES
#define CARRCACHE_LK_CORES 64
#endif
#include MORTISE_POLICY(sync, CARRCACHE_LK_SYNC)
#include MORTISE_POLICY(sizeclass, CARRCACHE_LK_SIZECLASS)

#define SYNC(x) MORTISE_MEMBER(CARRCACHE_LK_SYNC, x)
#define STATE MORTISE_MEMBER_STATE(CARRCACHE_LK_SYNC)
#define SIZECLASS(x) MORTISE_MEMBER(CARRCACHE_LK_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(CARRCACHE_LK_SIZECLASS_LEAST, CARRCACHE_LK_SIZECLASS_MOST,                \
                         CARRCACHE_LK_SIZECLASS_STEP)
#define KEPT CARRCACHE_LK_SIZE_HANDLE

MORTISE_ASSERT_STATIC(CARRCACHE_LK_SLOTS >= 8 && CARRCACHE_LK_SLOTS <= 256,
                      "mortise: carrcache_lk: slots must lie in 8..256");
MORTISE_ASSERT_STATIC(CARRCACHE_LK_CACHE_SIZE >= 65536 && CARRCACHE_LK_CACHE_SIZE <= 1 << 30,
                      "mortise: carrcache_lk: cache_size must lie in 64KB..1GB");
MORTISE_ASSERT_STATIC(CARRCACHE_LK_CORES >= 1 && CARRCACHE_LK_CORES <= 1024,
                      "mortise: carrcache_lk: cores must lie in 1..1024");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(longest_batch) = CARRCACHE_LK_SLOTS / 2 < 32 ? CARRCACHE_LK_SLOTS / 2 : 32,
    SELF(needs_sizeclass) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), CARRCACHE_LK),
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(sleeps) = SYNC(sleeps) ? MORTISE_SLEEPS : 0,
    SELF(needs) = MORTISE_OBJECTS | MORTISE_CLASSES | SELF(safe),
    SELF(offers) = SELF(safe) | SELF(sleeps),
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_CHECKS | MORTISE_REGIONS | MORTISE_QUICK |
                     MORTISE_LOCKLESS | MORTISE_THREADSAFE | MORTISE_PRECISE)
};

struct SELF(core) {
    STATE sync;
    size_t bytes; /* in all arrays */
    unsigned next_victim;
    uint16_t count[SELF(classes)];
    void *blocks[SELF(classes)][CARRCACHE_LK_SLOTS]; /* the one freed last at the end */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

SELF_HEAP
{
    struct SELF(core) cores[CARRCACHE_LK_CORES];
};

SELF_LOCAL
{
    struct SYNC(local) sync[CARRCACHE_LK_CORES];
};

#include "carrcache_lk/tasks.h"
#include "shared/classes.h"
#include "shared/send.h"
#include "shared/walk.h"

/* The arrays of the core that runs this thread, or ran it a moment ago. */
MORTISE_FAST unsigned SELF(here)(void)
{
    int core = mortise_os_core();
    return core < 0 ? 0 : (unsigned)core % CARRCACHE_LK_CORES;
}

MORTISE_FAST void SELF(exec)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned core,
                             mortise_procedure_t *procedure, void *task)
{
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[core])))
        local = SELF(attach)(heap, local);
    SYNC(exec)(&heap->cores[core].sync, &local->sync[core], procedure, task);
}

/* A block of a class of which the core has none, and more for its array. */
MORTISE_SLOW void *SELF(refill)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned core, unsigned szcls)
{
    local = SELF(attach)(heap, local);
    struct SELF(put) task = {&heap->cores[core], szcls, 0, {NULL}};
    mctx_t ctx = mctx_make(MORTISE_OBJECT, NULL, SIZECLASS(szcls_to_size)(szcls, CLASSES), 1);
    ctx.count = SELF(batch)(szcls);
    NEXT_COLD(alloc_batch)(&ctx, heap, local);
    if (ctx.ptr != NULL && ctx.count > 1) {
        task.count = ctx.count - 1;
        mortise_unchain(*(void **)ctx.ptr, task.blocks, task.count);
        SELF(exec)(heap, local, core, SELF(do_fill), &task);
        SELF(send)(heap, local, task.blocks, task.count);
    }
    return ctx.ptr;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    for (unsigned i = 0; ctx->status == MORTISE_OK && i < CARRCACHE_LK_CORES; i++) {
        if (ctx->kind == MORTISE_THREAD)
            SYNC(join)(&heap->cores[i].sync, &local->sync[i]);
        else
            SYNC(init)(&heap->cores[i].sync);
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT || !SELF(handles)(ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    unsigned szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
    unsigned core = SELF(here)();
    struct SELF(take) task = {&heap->cores[core], szcls, NULL};
    SELF(exec)(heap, local, core, SELF(do_take), &task);
    if (MORTISE_UNLIKELY(task.block == NULL))
        task.block = SELF(refill)(heap, local, core, szcls);
    ctx->ptr = task.block;
    ctx->usable = SIZECLASS(szcls_to_size)(szcls, CLASSES);
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx->szcls = SELF(classes); /* getmeta names a class where there is one */
    if (ctx->kind == MORTISE_OBJECT)
        NEXT(getmeta)(ctx, heap, local);
    if (ctx->kind != MORTISE_OBJECT || !SELF(keeps)(ctx->szcls))
        return NEXT(free)(ctx, heap, local);
    unsigned core = SELF(here)();
    struct SELF(put) task;
    task.core = &heap->cores[core];
    task.szcls = (unsigned)ctx->szcls;
    task.count = 0;
    task.blocks[0] = ctx->ptr;
    SELF(exec)(heap, local, core, SELF(do_put), &task);
    if (MORTISE_UNLIKELY(task.count != 0))
        SELF(send)(heap, local, task.blocks, task.count);
    return ctx;
}

/* A cache on the user side takes as many as there are, under one lock. */
#define LAYER_HAS_BATCH
MORTISE_SLOW mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!SELF(handles)(ctx->size, 1))
        return NEXT(alloc_batch)(ctx, heap, local);
    const unsigned most = SELF(longest_batch);
    unsigned wanted = ctx->count < most ? ctx->count : most;
    unsigned core = SELF(here)();
    struct SELF(put) task = {&heap->cores[core], 0, wanted, {NULL}};
    task.szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
    SELF(exec)(heap, local, core, SELF(do_take_some), &task);
    if (task.count == 0) {
        void *first = SELF(refill)(heap, local, core, task.szcls);
        task.count = wanted - 1;
        if (first != NULL && wanted > 1)
            SELF(exec)(heap, local, core, SELF(do_take_some), &task);
        if (first != NULL)
            task.blocks[task.count++] = first;
        else
            task.count = 0;
    }
    ctx->ptr = mortise_chain(task.blocks, task.count);
    ctx->count = 0; /* one that was freed twice is in the chain once */
    for (void *block = ctx->ptr; block != NULL; block = *(void **)block)
        ctx->count++;
    return ctx;
}

/* Keeps all blocks of the task; where there is no room, others have to go for each. */
MORTISE_SLOW void SELF(put_all)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned core,
                                struct SELF(put) * task)
{
    while (task->count != 0) {
        SELF(exec)(heap, local, core, SELF(do_fill), task);
        if (task->count == 0)
            return;
        struct SELF(put) one = {task->core, task->szcls, 0, {task->blocks[--task->count]}};
        SELF(exec)(heap, local, core, SELF(do_put), &one);
        SELF(send)(heap, local, one.blocks, one.count);
    }
}

/* Blocks of one class in a row come in under one lock; what is not kept goes on. */
MORTISE_SLOW mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    unsigned core = SELF(here)();
    struct SELF(put) task = {&heap->cores[core], 0, 0, {NULL}};
    local = SELF(attach)(heap, local);
    for (void *block = ctx->ptr; block != NULL;) {
        mctx_t one = mctx_make(MORTISE_OBJECT, block, 0, 1);
        block = *(void **)block;
        one.extra = ctx->extra;
        one.szcls = SELF(classes);
        NEXT(whose)(&one, heap, local);
        NEXT(getmeta)(&one, heap, local);
        bool kept = SELF(keeps)(one.szcls);
        if (task.count == SELF(longest_batch) || (kept && one.szcls != task.szcls))
            SELF(put_all)(heap, local, core, &task);
        if (kept) {
            task.szcls = (unsigned)one.szcls;
            task.blocks[task.count++] = one.ptr;
        } else {
            NEXT_COLD(free)(&one, heap, local);
        }
    }
    SELF(put_all)(heap, local, core, &task);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

/* All cores give back what they keep. */
#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr != NULL)
        return NEXT(trim)(ctx, heap, local);
    local = SELF(attach)(heap, local);
    for (unsigned i = 0; i < CARRCACHE_LK_CORES; i++) {
        struct SELF(put) task = {&heap->cores[i], 0, 0, {NULL}};
        do {
            task.count = 0;
            SELF(exec)(heap, local, i, SELF(do_give_up), &task);
            SELF(send)(heap, local, task.blocks, task.count);
        } while (task.count != 0);
    }
    return NEXT(trim)(ctx, heap, local);
}

#define LAYER_HAS_STATS
MORTISE_SLOW mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    for (unsigned i = 0; i < CARRCACHE_LK_CORES; i++) {
        struct SELF(sum) task = {&heap->cores[i], 0, 0};
        SELF(exec)(heap, local, i, SELF(do_sum), &task);
        stats->free += task.bytes;
        stats->free_blocks += task.blocks;
    }
    return NEXT(stats)(ctx, heap, local);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    for (unsigned n = 0; ctx->kind == MORTISE_HEAP && n < CARRCACHE_LK_CORES; n++) {
        struct SELF(core) *core = &heap->cores[n];
        for (unsigned i = 0; i < SELF(classes); i++) {
            size_t size = SIZECLASS(szcls_to_size)(i, CLASSES);
            SELF(walk_array)(walk, heap, local, core->blocks[i], core->count[i], size);
        }
    }
    return NEXT(walk)(ctx, heap, local);
}

#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; i < CARRCACHE_LK_CORES && ctx->kind == MORTISE_FORK_CHILD; i++)
        SYNC(reset)(&heap->cores[i].sync);
    return NEXT(fork)(ctx, heap, local);
}

#undef SYNC
#undef STATE
#undef SIZECLASS
#undef CLASSES
#undef KEPT
#undef CARRCACHE_LK_SYNC
#undef CARRCACHE_LK_SIZECLASS
#undef CARRCACHE_LK_SIZECLASS_LEAST
#undef CARRCACHE_LK_SIZECLASS_MOST
#undef CARRCACHE_LK_SIZECLASS_STEP
#undef CARRCACHE_LK_SIZE_HANDLE
#undef CARRCACHE_LK_SLOTS
#undef CARRCACHE_LK_CACHE_SIZE
#undef CARRCACHE_LK_CORES
#define LAYER_NEEDS_SIZECLASS
#include "../core/layer_end.h"
