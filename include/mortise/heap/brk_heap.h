/* SPDX-License-Identifier: MIT */
/*
 * brk_heap - memory from the program break, one growing range, or two where the break is stopped
 *
 * Where the composition stands in for malloc, the default heap grows the program break, so that
 * consecutive regions touch and a placing layer can join them. Where libc's malloc is there, which
 * moves the break too, where that cannot move, and for run-time heaps, which cannot share it, the
 * same range is a reservation that is committed bit by bit; it is halved until the system grants
 * it, so that a tight `ulimit -v` costs room, not the start. The program itself may move the break
 * as well: then the next region does not touch the last, and what lies between counts as the heap's
 * range.
 *
 * Where something else is mapped in the way of the break, as the code of V8 is now and then, a
 * second range, such a reservation, goes on for it. As long as that has regions it is asked first,
 * and the break when it has no more room, so that consecutive regions touch there too.
 *
 * Needs: nothing
 * Offers: regions; a range test, and one more where it fails, tells its memory from all other;
 *     thread-safe; memory at the end of a range goes back to the system
 *
 * Parameters:
 *   name     type  default  range        meaning
 *   reserve  size  64GB     64KB..16TB   room of a range that is not the program break
 *
 * Invariants: each region given out lies in one of the ranges, the `size` bytes from `lo` on; sizes
 *     change only under the lock, and lo only before the first one is more than 0.
 * Ordering: `whose` reads the ranges without the lock. A pointer to a block was handed over after
 *     its region, so the reader sees a size that includes it. Of any other address it must not see
 *     more than there ever was: a size is stored by a release after its lo, and loaded by an
 *     acquire before it, so who sees a size sees the lo that it is counted from.
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

struct SELF(range) {
    uintptr_t lo; /* first byte ever given out, 0: none yet */
    size_t size;  /* from there to the end of the last region given out */
    size_t room;  /* from there to the end of the reservation, 0: it is the break, or none yet */
};

SELF_HEAP
{
    struct mortise_os_mutex lock;
    bool reserved;             /* the first range is a reservation, not the program break */
    struct SELF(range) range;  /* the first one */
    struct SELF(range) second; /* a reservation, where the first is the break and was stopped */
    struct mortise_granule_map map; /* who has what; only walk asks where a single layer places */
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

#include "shared/break.h"

/* ---- under the lock ---- */

/* The addresses of a range that has had none, of which the first `size` bytes get memory; 0: they
 * cannot. Where a limit on addresses stopped the break there is nothing left of that size either,
 * and where one on memory did, what was reserved goes back, so that neither takes addresses which
 * do not serve. */
MORTISE_SLOW uintptr_t SELF(reserve)(struct SELF(range) * range, size_t size)
{
    size_t room = BRK_HEAP_RESERVE;
    void *base = NULL;
    while (base == NULL && room >= size && room >= MORTISE_GRANULE) {
        base = mortise_os_reserve(room, MORTISE_GRANULE);
        if (base == NULL)
            room = mortise_round_down(room / 2, MORTISE_GRANULE);
    }
    if (base == NULL)
        return 0;
    if (!mortise_os_commit(base, size)) {
        mortise_os_unreserve(base, room);
        return 0;
    }
    range->room = room;
    return (uintptr_t)base;
}

MORTISE_SLOW uintptr_t SELF(grow_reservation)(struct SELF(range) * range, size_t size)
{
    if (range->room == 0)
        return SELF(reserve)(range, size);
    uintptr_t end = range->lo + range->size;
    if (range->room - range->size < size || !mortise_os_commit((void *)end, size))
        return 0;
    return end;
}

MORTISE_FAST void SELF(show)(struct SELF(range) * range, size_t size)
{
    MORTISE_STORE_RELEASE(&range->size, size); /* after lo, for `covers` */
}

/* `size` bytes more of a range, the break where it is no reservation; 0: it has none. */
MORTISE_SLOW uintptr_t SELF(extend)(struct SELF(range) * range, bool reserved, size_t size)
{
    uintptr_t base = reserved ? SELF(grow_reservation)(range, size) : SELF(grow_break)(size);
    if (base == 0)
        return 0;
    if (range->lo == 0)
        MORTISE_STORE_RELAXED(&range->lo, base);
    SELF(show)(range, base + size - range->lo);
    return base;
}

/* The same of the heap whose first range is the break. */
MORTISE_SLOW uintptr_t SELF(extend_either)(SELF_HEAP *heap, size_t size)
{
    bool second_first = heap->second.size != 0;
    uintptr_t base = second_first ? SELF(extend)(&heap->second, true, size)
                                  : SELF(extend)(&heap->range, false, size);
    if (base != 0)
        return base;
    if (heap->range.lo == 0) { /* the break has never moved: it is not to be had here */
        heap->reserved = true;
        return SELF(extend)(&heap->range, true, size);
    }
    return second_first ? SELF(extend)(&heap->range, false, size)
                        : SELF(extend)(&heap->second, true, size);
}

/* Takes back what ends where a range does; false: it does not, or the system has none of it. */
MORTISE_SLOW bool SELF(cut)(struct SELF(range) * range, bool reserved, void *region, size_t size)
{
    uintptr_t end = range->lo + range->size;
    if ((uintptr_t)region + size != end || size > range->size)
        return false;
    if (!(reserved ? mortise_os_decommit(region, size) : SELF(shrink_break)(end, size)))
        return false;
    SELF(show)(range, range->size - size);
    return true;
}

/* ---- with the lock ---- */

MORTISE_SLOW void *SELF(grow)(SELF_HEAP *heap, size_t size)
{
    mortise_os_mutex_lock(&heap->lock);
    uintptr_t base =
        heap->reserved ? SELF(extend)(&heap->range, true, size) : SELF(extend_either)(heap, size);
    mortise_os_mutex_unlock(&heap->lock);
    return (void *)base;
}

/* Takes a region back if it is the last of a range; others cannot be returned and false says so. */
MORTISE_SLOW bool SELF(shrink)(SELF_HEAP *heap, void *region, size_t size)
{
    mortise_os_mutex_lock(&heap->lock);
    bool done = SELF(cut)(&heap->range, heap->reserved, region, size) ||
                SELF(cut)(&heap->second, true, region, size);
    if (done) /* what comes there next is nobody's */
        mortise_granule_map_set(&heap->map, region, size, 0);
    mortise_os_mutex_unlock(&heap->lock);
    return done;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE)
        heap->reserved = true; /* so it has no second range */
    return ctx;
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE) {
        mortise_granule_map_destroy(&heap->map);
        struct SELF(range) range = heap->range;
        if (range.size != 0)
            mortise_os_unmap((void *)range.lo, range.size);
        if (range.room > range.size)
            mortise_os_unreserve((void *)(range.lo + range.size), range.room - range.size);
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
    stats->system += MORTISE_LOAD_RELAXED(&heap->range.size);
    stats->system += MORTISE_LOAD_RELAXED(&heap->second.size);
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
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, (void *)heap->range.lo,
                       heap->range.size, heap->reserved ? "reserved" : "break", 0);
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, (void *)heap->second.lo,
                       heap->second.size, "reserved", 0);
    mortise_granule_map_walk(&heap->map, SELF(walk_run), walk);
    return ctx;
}

/* With one placing layer the ranges say it all, and what it has of them only walk wants to know;
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

MORTISE_FAST bool SELF(covers)(const struct SELF(range) * range, const void *address)
{
    size_t size = MORTISE_LOAD_ACQUIRE(&range->size); /* before lo, see Ordering */
    return (uintptr_t)address - MORTISE_LOAD_RELAXED(&range->lo) < size;
}

#define LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (SELF(placers)() > 1) {
        ctx->owned = mortise_granule_map_get(&heap->map, ctx->ptr);
    } else {
        bool ours = MORTISE_LIKELY(SELF(covers)(&heap->range, ctx->ptr)) ||
                    SELF(covers)(&heap->second, ctx->ptr);
        /* The only number there is. */
        ctx->owned = ours ? mortise_owned(1 | MORTISE_LAST_OWNER, 0) : 0;
    }
    return ctx;
}

#undef BRK_HEAP_RESERVE
#include "../core/layer_end.h"
