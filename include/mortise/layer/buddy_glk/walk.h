/* SPDX-License-Identifier: MIT */
/*
 * The regions of buddy_glk, block by block, see core/walk.h. Part of layer/buddy_glk.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../buddy_glk.h"
#else
/* The block that begins at a unit; its length in units, 1 where none begins. */
MORTISE_SLOW uint32_t SELF(walk_block)(struct mortise_walk *walk,
                                       const struct mortise_buddy_region *region, uint32_t index)
{
    const struct mortise_buddy_unit *unit = &region->unit[index];
    bool is_free = unit->state == MORTISE_BUDDY_FREE;
    uint32_t length = is_free ? (uint32_t)1 << unit->order : unit->length;
    if (unit->state == MORTISE_BUDDY_INSIDE || length == 0 || length > region->units - index)
        return 1;
    mortise_walk_piece(walk, MORTISE_STRING(LAYER),
                       !is_free                   ? MORTISE_WALK_ALLOCATED
                       : index >= region->touched ? MORTISE_WALK_TOP
                                                  : MORTISE_WALK_FREE,
                       region->base + (size_t)index * MORTISE_BUDDY_UNIT,
                       (size_t)length * MORTISE_BUDDY_UNIT, is_free ? "order" : NULL,
                       is_free ? unit->order : 0);
    return length;
}

MORTISE_SLOW void SELF(walk_records)(struct mortise_walk *walk,
                                     const struct mortise_buddy_region *region)
{
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, region,
                       mortise_buddy_record_bytes(SELF(region_units)), "records", 0);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind != MORTISE_HEAP)
        return NEXT(walk)(ctx, heap, local);
    for (const struct mortise_buddy_region *at = heap->spare; at != NULL; at = at->next)
        SELF(walk_records)(walk, at);
    for (const struct mortise_buddy_region *at = heap->buddy.regions; at != NULL; at = at->next) {
        SELF(walk_records)(walk, at);
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, at->base, at->bytes,
                           "region", 0);
        for (uint32_t index = 0; index < at->units;)
            index += SELF(walk_block)(walk, at, index);
    }
    return NEXT(walk)(ctx, heap, local);
}

#endif
