/* SPDX-License-Identifier: MIT */
/*
 * The blocks of segfit_lf and segfit_lk, each of which is a region of its own, see core/walk.h.
 * Part of both.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../segfit_lf.h"
#else
/* Where another layer has claimed a part of a block, that is asked instead. */
#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind == MORTISE_REGION && mortise_walk_asks(walk, SELF(number)())) {
        const struct SELF(block) *block = SELF(block_of)(walk->owned);
        mortise_walk_records(walk, MORTISE_STRING(LAYER), block);
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, block->base,
                           block->bytes, "block", 0);
        mortise_walk_piece(walk, MORTISE_STRING(LAYER),
                           block->taken ? MORTISE_WALK_ALLOCATED : MORTISE_WALK_FREE, block->base,
                           block->bytes, "class", block->bytes);
    }
    return NEXT(walk)(ctx, heap, local);
}

#endif
