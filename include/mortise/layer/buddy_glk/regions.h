/* SPDX-License-Identifier: MIT */
/*
 * Where the regions of buddy_glk and their records come from, and how they go back. Part of
 * layer/buddy_glk.h. Everything here runs outside the lock and takes it for single steps.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../buddy_glk.h"
#else
MORTISE_FAST uint64_t SELF(owned_by)(const struct mortise_buddy_region *region)
{
    return mortise_owned(SELF(number)(), (uint64_t)(uintptr_t)region);
}

/* ---- records ---- */

struct SELF(records) {
    SELF_HEAP *heap;
    struct mortise_buddy_region *first; /* to add, linked by next */
    struct mortise_buddy_region *taken; /* answer, when there is none to add; NULL: none spare */
};

MORTISE_SLOW void SELF(do_records)(void *argument)
{
    struct SELF(records) *task = (struct SELF(records) *)argument;
    struct mortise_buddy_region **spare = &task->heap->spare;
    if (task->first == NULL && *spare != NULL) {
        task->taken = *spare;
        *spare = task->taken->next;
    }
    while (task->first != NULL) {
        struct mortise_buddy_region *next = task->first->next;
        task->first->next = *spare;
        *spare = task->first;
        task->first = next;
    }
}

/* Adds records, linked by next and zero but for their heads, or takes one. Their memory is not
 * returned while the heap lives. */
MORTISE_SLOW struct mortise_buddy_region *SELF(spare_records)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                              struct mortise_buddy_region *first)
{
    struct SELF(records) task = {heap, first, NULL};
    SYNC(exec)(&heap->sync, &local->sync, SELF(do_records), &task);
    return task.taken;
}

/* Records for a region of region_size, or NULL. */
MORTISE_SLOW struct mortise_buddy_region *SELF(get_records)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_buddy_region *region = SELF(spare_records)(heap, local, NULL);
    if (region != NULL)
        return region;
    size_t slot =
        mortise_round_up(mortise_buddy_record_bytes(SELF(region_units)), MORTISE_CACHE_LINE);
    mctx_t ctx =
        mctx_make(MORTISE_REGION, NULL, mortise_round_up(slot, MORTISE_GRANULE), MORTISE_GRANULE);
    char *memory = (char *)NEXT_COLD(alloc)(&ctx, heap, local)->ptr;
    if (memory == NULL)
        return NULL;
    if (!ctx.zeroed)
        mortise_set(memory, 0, ctx.size);
    for (size_t at = slot; at + slot <= ctx.size; at += slot) {
        struct mortise_buddy_region *next = region;
        region = (struct mortise_buddy_region *)(void *)(memory + at);
        region->next = next;
    }
    if (region != NULL)
        (void)SELF(spare_records)(heap, local, region);
    return (struct mortise_buddy_region *)(void *)memory;
}

/* ---- regions ---- */

/* A claimed region with room for at least `least` units, not entered; NULL: none. */
MORTISE_SLOW struct mortise_buddy_region *SELF(fetch)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                      size_t least)
{
    size_t wish = (size_t)SELF(region_units) * MORTISE_BUDDY_UNIT;
    least = mortise_round_up(least * MORTISE_BUDDY_UNIT, MORTISE_GRANULE);
    struct mortise_buddy_region *region = SELF(get_records)(heap, local);
    if (region == NULL)
        return NULL;
    mctx_t ctx;
    for (;;) {
        ctx = mctx_make(MORTISE_REGION, NULL, wish, MORTISE_GRANULE);
        if (SELF(fetch_region)(&ctx, heap, local) || wish <= least)
            break;
        wish = mortise_round_down(wish / 2, MORTISE_GRANULE); /* a limit is near: take less */
        if (wish < least)
            wish = least;
    }
    if (ctx.ptr != NULL) {
        region->base = (char *)ctx.ptr;
        region->bytes = ctx.size;
        region->units = (uint32_t)(ctx.size / MORTISE_BUDDY_UNIT);
        region->touched = 0;
        region->zeroed = ctx.zeroed;
        region->owned = ctx.owned;
        if (SELF(claim_region)(&ctx, heap, local, SELF(owned_by)(region)))
            return region;
    }
    region->next = NULL;
    (void)SELF(spare_records)(heap, local, region);
    return NULL;
}

/* Gives regions that have left, linked by next, to the neighbour; one that it refuses is entered
 * again. */
MORTISE_SLOW void SELF(release)(SELF_HEAP *heap, SELF_LOCAL *local,
                                struct mortise_buddy_region *chain)
{
    while (chain != NULL) {
        struct mortise_buddy_region *region = chain;
        chain = region->next;
        region->next = NULL;
        if (SELF(return_region)(heap, local, region->base, region->bytes, region->owned)) {
            (void)SELF(spare_records)(heap, local, region);
        } else {
            struct mortise_buddy_move task = {&heap->buddy, region};
            SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_enter, &task);
        }
    }
}

#endif
