/* SPDX-License-Identifier: MIT */
/*
 * thread_cache - free blocks of each size class, kept by each thread
 *
 * malloc takes the block that the thread freed last, free puts it there: no atomics, no lock. What
 * is missing comes from the neighbour in batches, what is too much goes there in batches. A class
 * may keep more blocks each time it runs out, until all that the classes of a thread may keep adds
 * up to cache_size; then another class has to give up a batch for it, in turn.
 *
 * With coreaware_cachesize that sum is cache_size on the cores with the largest cache and in
 * proportion less on others, 64 KB at least: every 64th time that a thread leaves its hot path it
 * asks which core it is on, and while it keeps more than it may there, each such time one class
 * gives up one batch. os/linux_cores.h says where the sizes come from, and how a file can say them.
 *
 * Needs: objects of known size, and their size classes from the same sizeclass policy; a
 *     thread-safe neighbour, for threads meet there
 * Offers: what its neighbour offers, but regions and checks: it keeps blocks unseen; quick
 *
 * Parameters:
 *   name                 type       default    range        meaning
 *   sizeclass            sizeclass  tc         -            the neighbour's
 *   size_handle          range      [0,32768]  0..SIZE_MAX  sizes that are kept; others go to next
 *   cache_size           size       2MB        64KB..1GB    most bytes that one thread keeps
 *   coreaware_cachesize  bool       0          -            less on cores with less cache
 *
 * Steps: a warm malloc up to 1 KiB is 15 instructions on slab_lk and mmap_heap, free is 22, neither
 *     has an atomic operation (x86-64, gcc 12, -O3; tests/budget counts them)
 * Invariants: for each class, blocks in the list + room = limit; the limits times their block
 *     sizes add up to the budget, which is at most cache_size. The state of nobody has no blocks
 *     and no room, so every operation on it takes the slow path before it writes.
 * Ordering: none; a list belongs to one thread, and states pass from thread to thread under the
 *     heap's lock
 * Wins: none yet
 * Source: paper table 2, section 3 (hslab); gperftools 2.9.1, thread_cache.h
 */
#include "../core/layer_begin.h"
#include "../data/chain.h"
#include "../os/os.h"
#include "../policy/sizeclass.h"

#ifndef THREAD_CACHE_SIZECLASS
#define THREAD_CACHE_SIZECLASS tc
#endif
#ifndef THREAD_CACHE_SIZECLASS_LEAST
#define THREAD_CACHE_SIZECLASS_LEAST 0
#endif
#ifndef THREAD_CACHE_SIZECLASS_MOST
#define THREAD_CACHE_SIZECLASS_MOST 0
#endif
#ifndef THREAD_CACHE_SIZECLASS_STEP
#define THREAD_CACHE_SIZECLASS_STEP 0
#endif
#ifndef THREAD_CACHE_SIZE_HANDLE
#define THREAD_CACHE_SIZE_HANDLE 0, 32768
#endif
#ifndef THREAD_CACHE_CACHE_SIZE
#define THREAD_CACHE_CACHE_SIZE 2097152
#endif
#ifndef THREAD_CACHE_COREAWARE_CACHESIZE
#define THREAD_CACHE_COREAWARE_CACHESIZE 0
#endif
#include MORTISE_POLICY(sizeclass, THREAD_CACHE_SIZECLASS)

#define SIZECLASS(x) MORTISE_MEMBER(THREAD_CACHE_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(THREAD_CACHE_SIZECLASS_LEAST, THREAD_CACHE_SIZECLASS_MOST,                \
                         THREAD_CACHE_SIZECLASS_STEP)
#define KEPT THREAD_CACHE_SIZE_HANDLE

MORTISE_ASSERT_STATIC(THREAD_CACHE_CACHE_SIZE >= 65536 && THREAD_CACHE_CACHE_SIZE <= 1 << 30,
                      "mortise: thread_cache: cache_size must lie in 64KB..1GB");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(needs_sizeclass) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), THREAD_CACHE),
    SELF(needs) = MORTISE_OBJECTS | MORTISE_CLASSES | MORTISE_THREADSAFE,
    SELF(offers) = MORTISE_QUICK,
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_CHECKS | MORTISE_REGIONS | MORTISE_PRECISE)
};

SELF_HEAP
{
    MORTISE_NO_STATE;
};

SELF_LOCAL
{
    void *head[SELF(classes)];    /* blocks of a class, linked by their first words */
    uint16_t room[SELF(classes)]; /* how many more of them may be kept */
    uint16_t limit[SELF(classes)];
    size_t budget; /* the limits in bytes */
    unsigned next_victim;
    unsigned events; /* times off the hot path */
    size_t most;     /* what the budget may be on this core */
    bool begun;
};

#include "shared/classes.h"
#include "shared/send.h"

/* Gives up to `count` blocks of a class to the neighbour. */
MORTISE_SLOW void SELF(flush)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls, uint32_t count)
{
    void *first = local->head[szcls], *last = NULL, *at = first;
    uint32_t taken = 0;
    for (; taken < count && at != NULL; taken++) {
        last = at;
        at = *(void **)at;
    }
    if (taken == 0)
        return;
    *(void **)last = NULL;
    local->head[szcls] = at;
    local->room[szcls] += taken;
    mctx_t ctx = mctx_make(MORTISE_OBJECT, first, 0, 1);
    ctx.count = taken;
    NEXT_COLD(free_batch)(&ctx, heap, local);
}

/* What the budget may be. */
MORTISE_FAST size_t SELF(most)(const SELF_LOCAL *local)
{
    return THREAD_CACHE_COREAWARE_CACHESIZE ? local->most : (size_t)THREAD_CACHE_CACHE_SIZE;
}

MORTISE_FAST uint32_t SELF(batch)(unsigned szcls)
{
    return SIZECLASS(batch)(szcls, CLASSES);
}

MORTISE_FAST uint32_t SELF(limit)(const SELF_LOCAL *local, unsigned szcls)
{
    return local->limit[szcls];
}

MORTISE_FAST uint32_t SELF(longest)(unsigned szcls)
{
    return 64 * SELF(batch)(szcls);
}

MORTISE_FAST void SELF(raise)(SELF_LOCAL *local, unsigned szcls)
{
    local->limit[szcls] += SELF(batch)(szcls);
    local->room[szcls] += SELF(batch)(szcls);
}

MORTISE_SLOW void SELF(lower)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    uint32_t less = SELF(batch)(szcls);
    if (local->room[szcls] < less)
        SELF(flush)(heap, local, szcls, less - local->room[szcls]);
    local->room[szcls] -= less;
    local->limit[szcls] -= less;
}

#include "shared/budget.h"

/* Follows the thread to the core that it is on. A class that has nothing to give up is no help, so
 * the next ones are asked until one has. */
MORTISE_SLOW void SELF(look_at_core)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (++local->events % 64 == 0) {
        size_t share = mortise_os_core_share(mortise_os_core());
        size_t most = (size_t)THREAD_CACHE_CACHE_SIZE / 1024 * share;
        local->most = most < 65536 ? 65536 : most;
    }
    size_t before = local->budget;
    for (unsigned i = 0; i < SELF(classes) && before > local->most && local->budget == before; i++)
        SELF(narrow)(heap, local, SELF(classes));
}

/* A block of a class whose list is empty, and a batch for the list. */
MORTISE_SLOW void *SELF(take)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    SELF_LOCAL *mine = SELF(attach)(heap, local);
    mctx_t ctx = mctx_make(MORTISE_OBJECT, NULL, SIZECLASS(szcls_to_size)(szcls, CLASSES), 1);
    ctx.count = 1;
    if (mine->begun) {
        if (THREAD_CACHE_COREAWARE_CACHESIZE)
            SELF(look_at_core)(heap, mine);
        SELF(widen)(heap, mine, szcls);
        if (mine->room[szcls] >= 1)
            ctx.count = SELF(batch)(szcls);
        if (ctx.count > mine->room[szcls] + 1u)
            ctx.count = mine->room[szcls] + 1u;
    }
    NEXT_COLD(alloc_batch)(&ctx, heap, mine);
    void *block = ctx.ptr;
    if (ctx.count > 1) {
        mine->head[szcls] = *(void **)block;
        mine->room[szcls] -= ctx.count - 1;
    }
    return block;
}

/* Keeps a block of a class that has no room, after making some; or passes it on where the thread
 * can have no state. */
MORTISE_SLOW void SELF(give)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls, void *block)
{
    SELF_LOCAL *mine = SELF(attach)(heap, local);
    if (THREAD_CACHE_COREAWARE_CACHESIZE && mine->begun)
        SELF(look_at_core)(heap, mine);
    if (mine->room[szcls] == 0 && mine->limit[szcls] != 0)
        SELF(flush)(heap, mine, szcls, SELF(batch)(szcls));
    else if (mine->room[szcls] == 0 && mine->begun)
        SELF(widen)(heap, mine, szcls);
    if (mine->room[szcls] != 0) {
        *(void **)block = mine->head[szcls];
        mine->head[szcls] = block;
        mine->room[szcls]--;
        return;
    }
    SELF(send)(heap, mine, &block, 1);
}

MORTISE_SLOW void SELF(drain)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; i < SELF(classes); i++)
        SELF(flush)(heap, local, i, UINT32_MAX);
}

#include "shared/thread.h"
#include "shared/walk.h"

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD) {
        local->most = THREAD_CACHE_CACHE_SIZE;
        local->begun = true;
    }
    return NEXT(create)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT)
        return NEXT_COLD(alloc)(ctx, heap, local);
    if (MORTISE_LIKELY(SELF(handles)(ctx->size, ctx->align))) {
        unsigned szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
        void *block = local->head[szcls];
        if (MORTISE_LIKELY(block != NULL)) {
            local->head[szcls] = *(void **)block;
            local->room[szcls]++;
            ctx->ptr = block;
            ctx->usable = SIZECLASS(szcls_to_size)(szcls, CLASSES);
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
    if (MORTISE_LIKELY(SELF(keeps)(ctx->szcls) && local->room[ctx->szcls] != 0)) {
        MORTISE_BASE(ctx->szcls); /* the room is tested and counted in place */
        *(void **)ctx->ptr = local->head[ctx->szcls];
        local->head[ctx->szcls] = ctx->ptr;
        local->room[ctx->szcls]--;
        return ctx;
    }
    return REST(free)(ctx, heap, local);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    for (unsigned i = 0; ctx->kind == MORTISE_THREAD && i < SELF(classes); i++) {
        size_t size = SIZECLASS(szcls_to_size)(i, CLASSES);
        void *block = local->head[i];
        for (uint32_t left = local->limit[i]; left > 0 && block != NULL; left--) {
            if (!SELF(walk_kept)(walk, heap, local, block, size))
                break;
            block = *(void **)block;
        }
    }
    return NEXT(walk)(ctx, heap, local);
}

/* Blocks pass without an announcement, so a vanished thread may have been about to move one. Its
 * lists are not looked at: they are lost to the child. */
#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; ctx->kind == MORTISE_FORK_ORPHAN && i < SELF(classes); i++) {
        local->head[i] = NULL;
        local->room[i] = local->limit[i];
    }
    return NEXT(fork)(ctx, heap, local);
}

#undef SIZECLASS
#undef CLASSES
#undef KEPT
#undef THREAD_CACHE_SIZECLASS
#undef THREAD_CACHE_SIZECLASS_LEAST
#undef THREAD_CACHE_SIZECLASS_MOST
#undef THREAD_CACHE_SIZECLASS_STEP
#undef THREAD_CACHE_SIZE_HANDLE
#undef THREAD_CACHE_CACHE_SIZE
#undef THREAD_CACHE_COREAWARE_CACHESIZE
#define LAYER_NEEDS_SIZECLASS
#include "../core/layer_end.h"
