/* SPDX-License-Identifier: MIT */
/*
 * buddy_glk - binary buddies behind one global lock
 *
 * Serves large blocks in a number of steps that does not depend on how many there are, and joins
 * them as soon as they are free. All records lie out of band and free memory is never touched. The
 * end of a block that a request does not need is free again at once, so that 68 KB hold 68 KB and
 * not 128. Requests are rounded up to a size class, beyond the classes to granules of 64 KB.
 *
 * Memory is fetched in regions of region_size, outside the lock; what is larger than half of one is
 * the neighbour's to serve. The first region that runs empty stays, further ones go back.
 * malloc_trim returns all empty ones and drops the pages of what is free in the others. A part of
 * what was not needed for `decay` milliseconds loses its pages, again and again, in blocks of at
 * least 32 KB, but for 1 MB and an eighth of what is needed; see data/decay.h.
 *
 * Needs: regions; objects of any size and alignment; a thread-safe neighbour unless sync=none
 * Offers: objects of any size and alignment; regions; resizing in place; recognises a block that
 *     is free already; thread-safe unless sync=none
 *
 * Parameters:
 *   name         type       default       range        meaning
 *   sync         sync       futex         -            how threads exclude each other
 *   sizeclass    sizeclass  tc            -            what requests are rounded up to
 *   size_handle  range      [0,SIZE_MAX]  0..SIZE_MAX  sizes served here; others go to next
 *   region_size  size       2MB           256KB..1GB   memory fetched at a time
 *   decay        int        100           0..86400000  ms that memory is not needed before its
 *                                                      pages go, 0: they stay
 *
 * Invariants: those of data/buddy.h, under the lock. The granules of a region are claimed before it
 *     is entered, and claimed again when a layer that cut up a part of it gives that back.
 * Ordering: the sync policy's. The region's record is found by the granule map; whoever frees a
 *     block got it after the claim. The record of a used block changes only in the hands of who
 *     owns the block, so getmeta reads it without the lock.
 * Wins: none yet
 * Source: paper table 2, section 3 (hslab); Knowlton, "A fast storage allocator", CACM 1965
 */
#include "../core/layer_begin.h"
#include "../data/buddy_tasks.h"
#include "../os/os.h"
#include "../policy/sizeclass.h"
#include "../policy/sync.h"

#ifndef BUDDY_GLK_SYNC
#define BUDDY_GLK_SYNC futex
#endif
#ifndef BUDDY_GLK_SIZECLASS
#define BUDDY_GLK_SIZECLASS tc
#endif
#ifndef BUDDY_GLK_SIZECLASS_LEAST
#define BUDDY_GLK_SIZECLASS_LEAST 0
#endif
#ifndef BUDDY_GLK_SIZECLASS_MOST
#define BUDDY_GLK_SIZECLASS_MOST 0
#endif
#ifndef BUDDY_GLK_SIZECLASS_STEP
#define BUDDY_GLK_SIZECLASS_STEP 0
#endif
#ifndef BUDDY_GLK_SIZE_HANDLE
#define BUDDY_GLK_SIZE_HANDLE 0, SIZE_MAX
#endif
#ifndef BUDDY_GLK_REGION_SIZE
#define BUDDY_GLK_REGION_SIZE 2097152
#endif
#ifndef BUDDY_GLK_DECAY
#define BUDDY_GLK_DECAY 100
#endif
#include MORTISE_POLICY(sync, BUDDY_GLK_SYNC)
#include MORTISE_POLICY(sizeclass, BUDDY_GLK_SIZECLASS)

#define SYNC(x) MORTISE_MEMBER(BUDDY_GLK_SYNC, x)
#define SIZECLASS(x) MORTISE_MEMBER(BUDDY_GLK_SIZECLASS, x)
#define DECAY BUDDY_GLK_DECAY
#define DECAYS (DECAY != 0)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(BUDDY_GLK_SIZECLASS_LEAST, BUDDY_GLK_SIZECLASS_MOST,                      \
                         BUDDY_GLK_SIZECLASS_STEP)

MORTISE_ASSERT_STATIC(BUDDY_GLK_REGION_SIZE >= 262144 && BUDDY_GLK_REGION_SIZE <= 1 << 30,
                      "mortise: buddy_glk: region_size must lie in 256KB..1GB");
MORTISE_ASSERT_STATIC(BUDDY_GLK_DECAY >= 0 && BUDDY_GLK_DECAY <= 86400000,
                      "mortise: buddy_glk: decay must lie in 0..86400000");
MORTISE_ASSERT_STATIC(MORTISE_LOW(BUDDY_GLK_SIZE_HANDLE) < MORTISE_HIGH(BUDDY_GLK_SIZE_HANDLE),
                      "mortise: buddy_glk: size_handle=[lo,hi] needs lo < hi");

enum {
    SELF(region_units) =
        (BUDDY_GLK_REGION_SIZE + MORTISE_GRANULE - 1) / MORTISE_GRANULE * MORTISE_BUDDY_GRANULE,
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(sleeps) = SYNC(sleeps) ? MORTISE_SLEEPS : 0,
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | SELF(safe),
    SELF(offers) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_RESIZES |
                   MORTISE_PLACES | SELF(safe) | SELF(sleeps),
    SELF(passes) = MORTISE_RETURNS | MORTISE_PRECISE | MORTISE_CHECKS
};

SELF_HEAP
{
    MORTISE_MEMBER_STATE(BUDDY_GLK_SYNC) sync;
    struct mortise_buddy buddy MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    struct mortise_buddy_region *spare; /* room for the records of regions to come */
};

SELF_LOCAL
{
    struct SYNC(local) sync;
};

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    size_t judged = size > align || align <= 16 ? size : align;
    return mortise_within(judged, MORTISE_LOW(BUDDY_GLK_SIZE_HANDLE),
                          MORTISE_HIGH(BUDDY_GLK_SIZE_HANDLE));
}

/* Units of a request, 0 when that is too large. */
MORTISE_FAST uint32_t SELF(units_of)(size_t size, enum mortise_kind kind)
{
    if (size > (size_t)(UINT32_MAX / 2) * MORTISE_BUDDY_UNIT)
        return 0;
    if (kind == MORTISE_OBJECT && size <= SIZECLASS(most)(CLASSES))
        size = SIZECLASS(szcls_to_size)(SIZECLASS(size_to_szcls)(size, CLASSES), CLASSES);
    else
        size = mortise_round_up(size, MORTISE_GRANULE);
    return (uint32_t)(mortise_round_up(size, MORTISE_BUDDY_UNIT) / MORTISE_BUDDY_UNIT);
}

/* Length 0: too large. */
MORTISE_FAST struct mortise_buddy_wish SELF(wish)(const mctx_t *ctx)
{
    struct mortise_buddy_wish wish = {SELF(units_of)(ctx->size, ctx->kind), 1,
                                      MORTISE_BUDDY_OBJECT};
    if (ctx->kind != MORTISE_OBJECT)
        wish.state = MORTISE_BUDDY_REGION;
    if (MORTISE_UNLIKELY(ctx->align > MORTISE_BUDDY_UNIT)) {
        wish.align = (uint32_t)(ctx->align / MORTISE_BUDDY_UNIT);
        if (ctx->align / MORTISE_BUDDY_UNIT > UINT32_MAX / 2)
            wish.length = 0;
    }
    return wish;
}

/* Too large for half a region. */
MORTISE_FAST bool SELF(is_large)(struct mortise_buddy_wish wish)
{
    return wish.length == 0 || mortise_buddy_room(wish) > SELF(region_units) / 2;
}

/* The region of an owned place, NULL if it is none of this layer's. */
MORTISE_FAST struct mortise_buddy_region *SELF(region_of)(uint64_t owned)
{
    if (mortise_owner_of(owned) != SELF(number)())
        return NULL;
    return (struct mortise_buddy_region *)(uintptr_t)mortise_owner_data(owned);
}

MORTISE_FAST struct mortise_buddy_unit *SELF(unit_at)(uint64_t owned, const void *address)
{
    return mortise_buddy_unit_at(SELF(region_of)(owned), address);
}

#include "shared/reclaim.h"
#include "shared/region.h"

#include "buddy_glk/regions.h"
#include "buddy_glk/release.h"

/* A block when no region has room. */
MORTISE_SLOW void SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_buddy_take *task)
{
    local = SELF(attach)(heap, local);
    task->region = SELF(fetch)(heap, local, mortise_buddy_room(task->wish));
    if (task->region != NULL)
        SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_take, task);
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
    struct mortise_buddy_wish wish = SELF(wish)(ctx);
    if (!SELF(handles)(ctx->size, ctx->align) || SELF(is_large)(wish))
        return NEXT(alloc)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync)))
        local = SELF(attach)(heap, local);
    struct mortise_buddy_take task = {&heap->buddy, wish, NULL, NULL, false};
    SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_take, &task);
    if (MORTISE_UNLIKELY(task.unit == NULL))
        SELF(grow)(heap, local, &task);
    ctx->ptr = NULL;
    ctx->status = MORTISE_NO_MEMORY;
    if (MORTISE_LIKELY(task.unit != NULL)) {
        ctx->ptr = mortise_buddy_address(task.unit);
        ctx->usable = (size_t)wish.length * MORTISE_BUDDY_UNIT;
        ctx->zeroed = task.zeroed;
        ctx->status = MORTISE_OK;
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_buddy_region *region = SELF(region_of)(ctx->owned);
    if (region == NULL)
        return NEXT(free)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync)))
        local = SELF(attach)(heap, local);
    const bool object = ctx->kind == MORTISE_OBJECT;
    if (!object && !SELF(reclaim)(heap, local, ctx->ptr, ctx->size, SELF(owned_by)(region))) {
        ctx->status = MORTISE_NO_MEMORY; /* it stays the caller's */
        return ctx;
    }
    struct mortise_buddy_free task = {&heap->buddy,
                                      region,
                                      ctx->ptr,
                                      object ? MORTISE_BUDDY_OBJECT : MORTISE_BUDDY_REGION,
                                      (NEXT(facts)() & MORTISE_RETURNS) != 0,
                                      DECAYS && (NEXT(facts)() & MORTISE_RETURNS) != 0,
                                      false,
                                      MORTISE_OK,
                                      NULL};
    SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_free, &task);
    if (MORTISE_UNLIKELY(task.detached != NULL)) {
        task.detached->next = NULL;
        SELF(release)(heap, local, task.detached);
    }
    if (MORTISE_UNLIKELY(task.due))
        SELF(look_on)(heap, local, &heap->buddy.decay);
    ctx->status = task.error;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (SELF(region_of)(ctx->owned) == NULL)
        return NEXT(getmeta)(ctx, heap, local);
    const struct mortise_buddy_region *region = SELF(region_of)(ctx->owned);
    struct mortise_buddy_unit *unit = SELF(unit_at)(ctx->owned, ctx->ptr);
    /* Without the lock: nobody else changes what the record of a block in use says. */
    if (MORTISE_UNLIKELY(!mortise_buddy_is_block(unit, ctx->ptr, MORTISE_BUDDY_OBJECT)))
        ctx->status = mortise_buddy_misuse(region, unit);
    else
        ctx->usable = (size_t)unit->length * MORTISE_BUDDY_UNIT;
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (SELF(region_of)(ctx->owned) == NULL)
        return NEXT(resize)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync)))
        local = SELF(attach)(heap, local);
    struct mortise_buddy_resize task = {&heap->buddy, SELF(unit_at)(ctx->owned, ctx->ptr),
                                        SELF(units_of)(ctx->size, MORTISE_OBJECT), false};
    if (task.length != 0 && SELF(handles)(ctx->size, 1))
        SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_resize, &task);
    if (task.done)
        ctx->usable = (size_t)task.length * MORTISE_BUDDY_UNIT;
    ctx->status = task.done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL && (NEXT(facts)() & MORTISE_RETURNS) != 0) {
        local = SELF(attach)(heap, local);
        ctx->usable += SELF(return_empty)(heap, local);
        ctx->usable += SELF(purge)(heap, local, ctx->size);
        (void)SELF(return_empty)(heap, local); /* what was lent may have hidden some */
    }
    return NEXT(trim)(ctx, heap, local);
}

#define LAYER_HAS_STATS
MORTISE_SLOW mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_buddy_count task = {&heap->buddy, 0, 0};
    SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_count, &task);
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    stats->free += task.free;
    stats->free_blocks += task.free_blocks;
    return NEXT(stats)(ctx, heap, local);
}

#include "buddy_glk/walk.h"

#define LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_CHILD)
        SYNC(reset)(&heap->sync);
    return NEXT(fork)(ctx, heap, local);
}

#undef SYNC
#undef SIZECLASS
#undef CLASSES
#undef DECAY
#undef DECAYS
#undef BUDDY_GLK_SYNC
#undef BUDDY_GLK_SIZECLASS
#undef BUDDY_GLK_SIZECLASS_LEAST
#undef BUDDY_GLK_SIZECLASS_MOST
#undef BUDDY_GLK_SIZECLASS_STEP
#undef BUDDY_GLK_SIZE_HANDLE
#undef BUDDY_GLK_REGION_SIZE
#undef BUDDY_GLK_DECAY
#include "../core/layer_end.h"
