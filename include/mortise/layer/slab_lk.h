/* SPDX-License-Identifier: MIT */
/*
 * slab_lk - slabs of one block size each, with one lock for each size class
 *
 * Requests are rounded up to a size class and served from slabs of it: regions of slab_size, more
 * where fewer than eight blocks would fit. A cache on the user side moves blocks in batches. The
 * first slab that runs empty stays with its class, others go back to the neighbour.
 *
 * With another `arena` than one there are several such sets of classes; the policy says which
 * serves a thread. A block goes back to the slab that it is from, and that is its arena's.
 *
 * Needs: regions; objects of any alignment for what size_handle leaves to the neighbour; a
 *     thread-safe neighbour unless sync=none
 * Offers: objects of known size; batches; size classes to caches; thread-safe unless sync=none
 *
 * Parameters:
 *   name         type       default    range        meaning
 *   sync         sync       futex      -            how threads exclude each other from a class
 *   arena        arena      one        -            which set of classes serves a thread
 *   arenas       int        0          0..65536     most of them, 0: one for each core
 *   slab_size    size       64KB       64KB..64MB   least size of a slab
 *   sizeclass    sizeclass  tc         -            which block sizes there are
 *   size_handle  range      [0,32768]  0..SIZE_MAX  sizes served here; others go to next
 *
 * Invariants: those of data/slab.h, under the lock of the class. The granules of a slab are claimed
 *     before its first block is handed out. A block cannot leave its class, so resize refuses.
 * Ordering: the sync policy's. Whoever frees a block got it after the claim of its granules; base,
 *     block size, class and arena of a record do not change while a block of the slab is out.
 * Wins: none yet
 * Source: paper table 2; Bonwick, "The slab allocator", USENIX 1994
 */
#include "../core/layer_begin.h"
#include "../data/slab_tasks.h"
#include "../os/os.h"
#include "../policy/arena.h"
#include "../policy/sizeclass.h"
#include "../policy/sync.h"

#ifndef SLAB_LK_SYNC
#define SLAB_LK_SYNC futex
#endif
#ifndef SLAB_LK_ARENA
#define SLAB_LK_ARENA one
#endif
#ifndef SLAB_LK_ARENAS
#define SLAB_LK_ARENAS 0
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
#include MORTISE_POLICY(arena, SLAB_LK_ARENA)
#include MORTISE_POLICY(sizeclass, SLAB_LK_SIZECLASS)
#define SYNC(x) MORTISE_MEMBER(SLAB_LK_SYNC, x)
#define ARENA(x) MORTISE_MEMBER(SLAB_LK_ARENA, x)
#define SIZECLASS(x) MORTISE_MEMBER(SLAB_LK_SIZECLASS, x)
#define SIZE_HANDLE SLAB_LK_SIZE_HANDLE
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SLAB_LK_SIZECLASS_LEAST, SLAB_LK_SIZECLASS_MOST, SLAB_LK_SIZECLASS_STEP)

MORTISE_ASSERT_STATIC(SLAB_LK_ARENAS >= 0 && SLAB_LK_ARENAS <= 65536,
                      "mortise: slab_lk: arenas must lie in 0..65536");
MORTISE_ASSERT_STATIC(SLAB_LK_SLAB_SIZE >= 65536 && SLAB_LK_SLAB_SIZE <= 64 << 20,
                      "mortise: slab_lk: slab_size must lie in 64KB..64MB");
MORTISE_ASSERT_STATIC(MORTISE_LOW(SLAB_LK_SIZE_HANDLE) < MORTISE_HIGH(SLAB_LK_SIZE_HANDLE),
                      "mortise: slab_lk: size_handle=[lo,hi] needs lo < hi");
MORTISE_ASSERT_STATIC(SIZECLASS(classes) <= 256, "mortise: slab_lk: more than 256 size classes");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(sizeclass_id) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), SLAB_LK),
    SELF(room) = 0,
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

struct SELF(arena) {
    struct mortise_arena link;
    struct SELF(class) classes[SELF(classes)];
};

SELF_HEAP
{
    struct SELF(arena) main;
    struct mortise_arenas arenas;
    MORTISE_MEMBER_STATE(SLAB_LK_ARENA) choice;
    STATE records_sync;
    struct mortise_slab *records; /* spare ones */
};

/* The sync states are for the arena of the thread, the last one for the records. */
SELF_LOCAL
{
    struct ARENA(local) choice;
    struct SYNC(local) sync[SELF(classes) + 1];
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

#include "shared/region.h"
#include "shared/slabs.h"

#include "slab_lk/slabs.h"

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
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local, szcls)))
        local = SELF(attach)(heap, local);
    struct mortise_slab *slab = SELF(slab_of)(ctx->owned);
    struct SELF(arena) *arena = SELF(arena_of)(heap, slab);
    struct mortise_slab_free task = {&arena->classes[szcls].list, slab, ctx->ptr, false, NULL};
    SELF(exec)(heap, local, arena, szcls, mortise_slab_do_free, &task);
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

/* Blocks of others that are in the chain go on one by one. */
MORTISE_SLOW mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    local = SELF(attach)(heap, local);
    struct SELF(give_task) task = {heap, local, NULL, 0, ctx->ptr, NULL};
    while (task.chain != NULL) {
        mctx_t one = mctx_make(MORTISE_OBJECT, task.chain, 0, 1);
        NEXT(whose)(&one, heap, local);
        task.szcls = SELF(class_of)(one.owned);
        if (task.szcls < SELF(classes)) {
            task.arena = SELF(arena_of)(heap, SELF(slab_of)(one.owned));
            SELF(exec)(heap, local, task.arena, task.szcls, SELF(do_give), &task);
        } else {
            task.chain = *(void **)task.chain;
            NEXT_COLD(free)(&one, heap, local);
        }
    }
    SELF(release)(heap, local, task.detached);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)SELF(tell_class)(ctx, heap, local);
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr != NULL)
        return NEXT(trim)(ctx, heap, local);
    local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = NULL;
    while ((arena = SELF(next_arena)(heap, arena)) != NULL) {
        for (unsigned i = 0; i < SELF(classes); i++) {
            struct mortise_slab_trim task = {&arena->classes[i].list, NULL};
            SELF(exec)(heap, local, arena, i, mortise_slab_do_trim, &task);
            SELF(release)(heap, local, task.detached);
        }
    }
    return NEXT(trim)(ctx, heap, local);
}

MORTISE_SLOW void SELF(count_arena)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                    struct mortise_stats *stats)
{
    for (unsigned i = 0; i < SELF(classes); i++) {
        struct mortise_slab_count task = {&arena->classes[i].list, 0};
        SELF(exec)(heap, local, arena, i, mortise_slab_do_count, &task);
        stats->free += task.unused * SIZECLASS(szcls_to_size)(i, CLASSES);
        stats->free_blocks += task.unused;
    }
}

#include "slab_lk/walk.h"

#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(arena) *arena = NULL;
    while (ctx->kind == MORTISE_FORK_CHILD && (arena = SELF(next_arena)(heap, arena)) != NULL) {
        for (unsigned i = 0; i < SELF(classes); i++)
            SYNC(reset)(&arena->classes[i].sync);
    }
    if (ctx->kind == MORTISE_FORK_CHILD)
        SYNC(reset)(&heap->records_sync);
    return NEXT(fork)(ctx, heap, local);
}

#undef SYNC
#undef ARENA
#undef STATE
#undef SIZECLASS
#undef CLASSES
#undef SIZE_HANDLE
#undef SLAB_LK_SYNC
#undef SLAB_LK_ARENA
#undef SLAB_LK_ARENAS
#undef SLAB_LK_SLAB_SIZE
#undef SLAB_LK_SIZECLASS
#undef SLAB_LK_SIZECLASS_LEAST
#undef SLAB_LK_SIZECLASS_MOST
#undef SLAB_LK_SIZECLASS_STEP
#undef SLAB_LK_SIZE_HANDLE
#include "../core/layer_end.h"
