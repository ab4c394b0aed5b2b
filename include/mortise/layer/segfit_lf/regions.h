/* SPDX-License-Identifier: MIT */
/*
 * How blocks of segfit_lf and segfit_lk come from the neighbour and go back to it. Part of both,
 * which say what a record is and where one comes from: get_record and put_record.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../segfit_lf.h"
#else
MORTISE_FAST struct SELF(block) * SELF(block_of)(uint64_t owned)
{
    return (struct SELF(block) *)(uintptr_t)(owned - SELF(number)());
}

MORTISE_FAST uint64_t SELF(owned_by)(const struct SELF(block) * block)
{
    return (uint64_t)(uintptr_t)block | SELF(number)();
}

/* A block of a class from the neighbour, claimed and taken, or NULL. */
MORTISE_SLOW struct SELF(block) *
    SELF(make_block)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls, bool *zeroed)
{
    struct SELF(block) *block = SELF(get_record)(heap, local);
    if (block == NULL)
        return NULL;
    size_t bytes = mortise_round_up(SIZECLASS(szcls_to_size)(szcls, CLASSES), MORTISE_GRANULE);
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, bytes, SELF(region_align)(bytes));
    NEXT_COLD(alloc)(&ctx, heap, local);
    if (ctx.ptr == NULL && SELF(region_align)(bytes) != MORTISE_GRANULE) {
        ctx = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
        NEXT_COLD(alloc)(&ctx, heap, local);
    }
    if (ctx.ptr != NULL) {
        *zeroed = ctx.zeroed;
        NEXT(whose)(&ctx, heap, local);
        block->base = (char *)ctx.ptr;
        block->bytes = bytes;
        block->szcls = szcls;
        block->region_owned = ctx.owned;
        block->advised = 0;
        MORTISE_STORE_RELAXED(&block->taken, 1u);
        ctx.size = bytes;
        ctx.owned = SELF(owned_by)(block);
        if (NEXT(claim)(&ctx, heap, local)->status == MORTISE_OK)
            return block;
        ctx.owned = block->region_owned;
        NEXT_COLD(free)(&ctx, heap, local);
    }
    SELF(put_record)(heap, local, block);
    return NULL;
}

/* Gives a block that is free and in no list back to the neighbour; false where it refuses. */
MORTISE_SLOW bool SELF(give_back)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, block->base, block->bytes, 1);
    ctx.owned = block->region_owned;
    NEXT_COLD(free)(&ctx, heap, local);
    if (ctx.status == MORTISE_OK)
        SELF(put_record)(heap, local, block);
    return ctx.status == MORTISE_OK;
}

/* A region that comes back is on record as that of the layer which cut it up, or, where that layer
 * could not claim it, still as ours. */
MORTISE_SLOW bool SELF(reclaim)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, block->base, block->bytes, 1);
    if (NEXT(whose)(&ctx, heap, local)->owned == SELF(owned_by)(block))
        return true;
    ctx.owned = SELF(owned_by)(block);
    return NEXT(claim)(&ctx, heap, local)->status == MORTISE_OK;
}

#endif
