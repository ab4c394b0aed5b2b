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
    if (!SELF(fetch_region)(&ctx, heap, local) && SELF(region_align)(bytes) != MORTISE_GRANULE) {
        ctx = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
        SELF(fetch_region)(&ctx, heap, local);
    }
    if (ctx.ptr != NULL) {
        *zeroed = ctx.zeroed;
        block->base = (char *)ctx.ptr;
        block->bytes = bytes;
        block->szcls = szcls;
        block->region_owned = ctx.owned;
        block->advised = 0;
        MORTISE_STORE_RELAXED(&block->taken, 1u);
        if (SELF(claim_region)(&ctx, heap, local, SELF(owned_by)(block)))
            return block;
    }
    SELF(put_record)(heap, local, block);
    return NULL;
}

/* Gives a block that is free and in no list back to the neighbour; false where it refuses. */
MORTISE_SLOW bool SELF(give_back)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    bool gone = SELF(return_region)(heap, local, block->base, block->bytes, block->region_owned);
    if (gone)
        SELF(put_record)(heap, local, block);
    return gone;
}

#endif
