/* SPDX-License-Identifier: MIT */
/*
 * How free memory of buddy_glk goes back: empty regions, and pages. Part of layer/buddy_glk.h.
 * Everything here runs outside the lock and takes it for single steps.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../buddy_glk.h"
#else
/* Drops the pages of a lent block, which knows that then; the bytes dropped. */
MORTISE_SLOW size_t SELF(drop)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_buddy_unit *unit)
{
    size_t bytes = (size_t)unit->length * MORTISE_BUDDY_UNIT;
    mctx_t ctx = mctx_make(MORTISE_REGION, mortise_buddy_address(unit), bytes, 1);
    size_t dropped = NEXT(trim)(&ctx, heap, local)->usable;
    unit->bare = dropped != 0;
    return dropped;
}

/* What was lent is free again; a region may have run empty meanwhile. */
MORTISE_SLOW void SELF(take_back)(SELF_HEAP *heap, SELF_LOCAL *local,
                                  struct mortise_buddy_lend *task)
{
    if (task->chain != NULL)
        SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_return, task);
    if (task->empty != NULL)
        SELF(release)(heap, local, task->empty);
}

/* Drops the pages of free blocks but for about `keep` bytes; the bytes dropped. */
MORTISE_SLOW size_t SELF(purge)(SELF_HEAP *heap, SELF_LOCAL *local, size_t keep)
{
    size_t dropped = 0;
    for (unsigned order = MORTISE_BUDDY_ORDERS; order-- > 0;) {
        size_t bytes = (size_t)MORTISE_BUDDY_UNIT << order;
        struct mortise_buddy_lend task = {&heap->buddy, order, NULL, NULL};
        SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_lend, &task);
        for (struct mortise_buddy_unit *unit = task.chain; unit != NULL; unit = unit->next) {
            if (bytes <= keep) {
                keep -= bytes;
                continue;
            }
            dropped += SELF(drop)(heap, local, unit);
        }
        SELF(take_back)(heap, local, &task);
    }
    return dropped;
}

MORTISE_SLOW size_t SELF(return_empty)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t bytes = 0;
    struct mortise_buddy_move task = {&heap->buddy, NULL};
    SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_leave, &task);
    for (struct mortise_buddy_region *region = task.region; region != NULL; region = region->next)
        bytes += region->bytes;
    SELF(release)(heap, local, task.region);
    return bytes;
}

/* Has the pages of some free memory go, where a tick of the clock has begun. */
MORTISE_SLOW void SELF(look)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    uint64_t tick = mortise_decay_tick_at(MORTISE_MILLISECONDS, DECAY);
    struct mortise_buddy_tick task = {&heap->buddy, tick, NULL};
    if (!mortise_decay_is_new(&heap->buddy.decay, tick))
        return;
    SYNC(exec)(&heap->sync, &local->sync, mortise_buddy_do_tick, &task);
    bool dropped = true;
    for (struct mortise_buddy_unit *unit = task.chain; unit != NULL && dropped; unit = unit->next)
        dropped = SELF(drop)(heap, local, unit) != 0;
    struct mortise_buddy_lend lent = {&heap->buddy, 0, task.chain, NULL};
    SELF(take_back)(heap, local, &lent);
    if (!dropped)
        SYNC(exec)(&heap->sync, &local->sync, mortise_decay_do_rest, &heap->buddy.decay);
}

#include "../shared/ages.h"

#endif
