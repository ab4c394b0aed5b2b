/* SPDX-License-Identifier: MIT */
/*
 * The slabs of slab_wf, block by block, see core/walk.h. Part of layer/slab_wf.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_wf.h"
#else
/* A block that another thread freed is free, though its owner has not seen that yet. */
MORTISE_SLOW void SELF(walk_slab)(struct mortise_walk *walk, struct mortise_wf_slab *slab)
{
    uint64_t *is_free = mortise_walk_slab(walk, MORTISE_STRING(LAYER), slab->base, slab->bytes,
                                          slab->block, slab->carved, slab->capacity);
    if (is_free == NULL)
        return;
    const char *block = (const char *)slab->free;
    for (uint32_t left = slab->carved; left > 0 && block != NULL; left--) {
        if ((size_t)(block - slab->base) >= slab->carved * slab->block)
            break;
        mortise_walk_set_bit(is_free, mortise_wf_index(slab, block));
        block = *(const char *const *)(const void *)block;
    }
    for (uint32_t i = 0; i < slab->carved; i++) {
        bool remote = mortise_walk_has_bit(mortise_wf_bits(slab), i);
        bool is_used = !remote && !mortise_walk_has_bit(is_free, i);
        mortise_walk_piece(
            walk, MORTISE_STRING(LAYER), is_used ? MORTISE_WALK_ALLOCATED : MORTISE_WALK_FREE,
            slab->base + i * slab->block, slab->block, remote ? "remote" : "class", slab->block);
    }
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind == MORTISE_REGION && mortise_walk_asks(walk, SELF(number)())) {
        struct mortise_wf_slab *slab = SELF(slab_of)(walk->owned);
        mortise_walk_records(walk, MORTISE_STRING(LAYER), slab);
        SELF(walk_slab)(walk, slab);
    }
    if (ctx->kind == MORTISE_HEAP && heap->pool != NULL)
        mortise_walk_records(walk, MORTISE_STRING(LAYER), heap->pool);
    return NEXT(walk)(ctx, heap, local);
}

#endif
