/* SPDX-License-Identifier: MIT */
/*
 * The slabs of slab_lk, block by block, see core/walk.h. Part of layer/slab_lk.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_lk.h"
#else
MORTISE_SLOW void SELF(walk_slab)(struct mortise_walk *walk, const struct mortise_slab *slab)
{
    uint64_t *is_free = mortise_walk_slab(walk, MORTISE_STRING(LAYER), slab->base, slab->bytes,
                                          slab->block, slab->carved, slab->capacity);
    if (is_free == NULL)
        return;
    void *block = slab->free;
    for (uint32_t left = slab->carved; left > 0 && mortise_slab_is_block(slab, block); left--) {
        mortise_walk_set_bit(is_free, (size_t)((char *)block - slab->base) / slab->block);
        block = *(void **)block;
    }
    for (uint32_t i = 0; i < slab->carved; i++)
        mortise_walk_piece(walk, MORTISE_STRING(LAYER),
                           mortise_walk_has_bit(is_free, i) ? MORTISE_WALK_FREE
                                                            : MORTISE_WALK_ALLOCATED,
                           slab->base + i * slab->block, slab->block, "class", slab->block);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind == MORTISE_REGION && mortise_walk_asks(walk, SELF(number)())) {
        const struct mortise_slab *slab = SELF(slab_of)(walk->owned);
        mortise_walk_records(walk, MORTISE_STRING(LAYER), slab);
        SELF(walk_slab)(walk, slab);
    }
    if (ctx->kind == MORTISE_HEAP && heap->records != NULL)
        mortise_walk_records(walk, MORTISE_STRING(LAYER), heap->records);
    return NEXT(walk)(ctx, heap, local);
}

#endif
