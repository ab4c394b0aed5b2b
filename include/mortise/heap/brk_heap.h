/* SPDX-License-Identifier: MIT */
/*
 * brk_heap - memory from the program break, one growing range
 *
 * Where the composition stands in for malloc, the default heap grows the program break, so that
 * consecutive regions touch and a placing layer can join them. Where libc's malloc is there, which
 * moves the break too, where that cannot move, and for run-time heaps, which cannot share it, the
 * same range is a reservation that is committed bit by bit; it is halved until the system grants
 * it, so that a tight `ulimit -v` costs room, not the start. The program itself may move the break
 * as well: then the next region does not touch the last, and what lies between counts as the heap's
 * range.
 *
 * Needs: nothing
 * Offers: regions; one range test tells its memory from all other; thread-safe; memory at the end
 *     of the range goes back to the system
 *
 * Parameters:
 *   name     type  default  range        meaning
 *   reserve  size  64GB     64KB..16TB   room of a heap that does not use the program break
 *
 * Invariants: [lo, hi) covers every region given out; hi only moves under the lock.
 * Ordering: lo and hi are read without the lock by `whose`; a pointer that is asked about was
 *     handed over after its region, so the reader sees bounds that include it.
 * Wins: none yet
 * Source: paper table 2; sbrk(2)
 */
#include "../core/system_begin.h"
#include "../data/granule_map.h"
#include "../os/os.h"

#ifndef BRK_HEAP_RESERVE
#if SIZE_MAX > 0xFFFFFFFF
#define BRK_HEAP_RESERVE ((size_t)64 << 30)
#else
#define BRK_HEAP_RESERVE ((size_t)256 << 20)
#endif
#endif

MORTISE_ASSERT_STATIC((BRK_HEAP_RESERVE) >= MORTISE_GRANULE,
                      "mortise: brk_heap: reserve must be at least 64KB");

enum {
    SELF(needs) = 0,
    SELF(passes) = 0,
    SELF(offers) = MORTISE_HEAPS | MORTISE_REGIONS | MORTISE_THREADSAFE | MORTISE_ONE_RANGE |
                   MORTISE_RETURNS | MORTISE_PRECISE
};

SELF_HEAP
{
    struct mortise_os_mutex lock;
    bool reserved;                  /* the range is a reservation, not the program break */
    uintptr_t lo;                   /* first byte ever given out, 0: none yet */
    uintptr_t hi;                   /* end of the last region given out */
    uintptr_t limit;                /* end of the reservation */
    struct mortise_granule_map map; /* who has what; only walk asks where a single layer places */
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

#include "shared/break.h"

/* Under the lock. */
MORTISE_SLOW uintptr_t SELF(grow_reservation)(SELF_HEAP *heap, size_t size)
{
    if (heap->limit == 0) {
        size_t room = BRK_HEAP_RESERVE;
        void *base = NULL;
        while (base == NULL && room >= size && room >= MORTISE_GRANULE) {
            base = mortise_os_reserve(room, MORTISE_GRANULE);
            if (base == NULL)
                room = mortise_round_down(room / 2, MORTISE_GRANULE);
        }
        if (base == NULL)
            return 0;
        heap->lo = heap->hi = (uintptr_t)base;
        heap->limit = heap->lo + room;
    }
    if (heap->limit - heap->hi < size || !mortise_os_commit((void *)heap->hi, size))
        return 0;
    return heap->hi;
}

MORTISE_SLOW void *SELF(grow)(SELF_HEAP *heap, size_t size)
{
    mortise_os_mutex_lock(&heap->lock);
    uintptr_t base = 0;
    if (!heap->reserved) {
        base = SELF(grow_break)(size);
        if (base == 0 && heap->lo == 0)
            heap->reserved = true; /* the break has never moved: it is not to be had here */
    }
    if (heap->reserved)
        base = SELF(grow_reservation)(heap, size);
    if (base != 0) {
        if (heap->lo == 0)
            MORTISE_STORE_RELAXED(&heap->lo, base);
        MORTISE_STORE_RELAXED(&heap->hi, base + size);
    }
    mortise_os_mutex_unlock(&heap->lock);
    return (void *)base;
}

/* Takes a region back if it is the last; others cannot be returned and false says so. */
MORTISE_SLOW bool SELF(shrink)(SELF_HEAP *heap, void *region, size_t size)
{
    uintptr_t base = (uintptr_t)region;
    bool done = false;
    mortise_os_mutex_lock(&heap->lock);
    if (base + size == heap->hi) {
        if (heap->reserved)
            done = mortise_os_decommit(region, size);
        else
            done = SELF(shrink_break)(heap->hi, size);
        if (done)
            MORTISE_STORE_RELAXED(&heap->hi, base);
        if (done) /* what comes there next is nobody's */
            mortise_granule_map_set(&heap->map, region, size, 0);
    }
    mortise_os_mutex_unlock(&heap->lock);
    return done;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE)
        heap->reserved = true;
    return ctx;
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE) {
        mortise_granule_map_destroy(&heap->map);
        if (heap->limit == 0)
            return ctx;
        if (heap->hi > heap->lo)
            mortise_os_unmap((void *)heap->lo, heap->hi - heap->lo);
        if (heap->limit > heap->hi)
            mortise_os_unreserve((void *)heap->hi, heap->limit - heap->hi);
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ctx->ptr = NULL;
    if (ctx->size <= MORTISE_MAX_SIZE - MORTISE_GRANULE && ctx->align <= MORTISE_GRANULE) {
        ctx->usable = mortise_round_up(ctx->size, MORTISE_GRANULE);
        ctx->ptr = SELF(grow)(heap, ctx->usable);
    }
    ctx->zeroed = true;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

/* NO_MEMORY: the region stays the caller's, because it is not the last of the range. */
MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_REGION)
        ctx->status = SELF(shrink)(heap, ctx->ptr, ctx->size) ? MORTISE_OK : MORTISE_NO_MEMORY;
    else
        ctx->status = MORTISE_FOREIGN_POINTER;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    ctx->usable = 0;
    return ctx;
}

#include "shared/trim.h"

#define LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    stats->system += MORTISE_LOAD_RELAXED(&heap->hi) - MORTISE_LOAD_RELAXED(&heap->lo);
    return ctx;
}

MORTISE_SLOW void SELF(walk_run)(void *walk, void *base, size_t size, uint64_t owned)
{
    mortise_walk_claimed((struct mortise_walk *)walk, base, size, owned);
}

/* What lies between two regions is another's that moved the break, or the states of threads. */
#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind != MORTISE_HEAP)
        return ctx;
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, (void *)heap->lo,
                       heap->hi - heap->lo, heap->reserved ? "reserved" : "break", 0);
    mortise_granule_map_walk(&heap->map, SELF(walk_run), walk);
    return ctx;
}

/* With one placing layer the range says it all, and what it has of that only walk wants to know;
 * with several, the map tells them apart. */
#define LAYER_HAS_CLAIM
MORTISE_FAST mctx_t *SELF(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ctx->status = MORTISE_OK;
    if (!mortise_granule_map_set(&heap->map, ctx->ptr, ctx->size, ctx->owned) &&
        SELF(placers)() > 1)
        ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

#define LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (SELF(placers)() > 1) {
        ctx->owned = mortise_granule_map_get(&heap->map, ctx->ptr);
    } else {
        uintptr_t lo = MORTISE_LOAD_RELAXED(&heap->lo);
        bool ours = (uintptr_t)ctx->ptr - lo < MORTISE_LOAD_RELAXED(&heap->hi) - lo;
        /* The only number there is. */
        ctx->owned = ours ? mortise_owned(1 | MORTISE_LAST_OWNER, 0) : 0;
    }
    return ctx;
}

#undef BRK_HEAP_RESERVE
#include "../core/layer_end.h"
