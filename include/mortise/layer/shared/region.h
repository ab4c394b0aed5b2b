/* SPDX-License-Identifier: MIT */
/*
 * A region of the neighbour's in the hands of a layer that cuts it up: it comes, is put on record
 * as the layer's, and goes back as it came. Part of the layers that place blocks.
 *
 * On record it may be a layer's when it comes, that of the one which placed it. That one finds it
 * by its record when it goes back, so whoever takes a region keeps what `owned` said.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_lk.h"
#else
/* Asks for a region; `owned` says whose it is on record. False: there is none, and ptr is NULL. */
MORTISE_SLOW bool SELF(fetch_region)(mctx_t *region, SELF_HEAP *heap, SELF_LOCAL *local)
{
    NEXT_COLD(alloc)(region, heap, local);
    if (region->ptr != NULL)
        NEXT(whose)(region, heap, local);
    return region->ptr != NULL;
}

/* Puts a fetched region on record as `owned`. False: there is no memory for that, so it went back,
 * and ptr is NULL. What `owned` leads to is ready before: who frees a wild pointer gets there. */
MORTISE_SLOW bool SELF(claim_region)(mctx_t *region, SELF_HEAP *heap, SELF_LOCAL *local,
                                     uint64_t owned)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, region->ptr, region->size, 1);
    ctx.owned = owned;
    if (NEXT(claim)(&ctx, heap, local)->status == MORTISE_OK)
        return true;
    NEXT_COLD(free)(region, heap, local);
    region->ptr = NULL;
    return false;
}

/* Gives a region back of which `owned` said whose it was. False: the neighbour refuses it, and it
 * stays the layer's. */
MORTISE_SLOW bool SELF(return_region)(SELF_HEAP *heap, SELF_LOCAL *local, void *base, size_t size,
                                      uint64_t owned)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, base, size, 1);
    ctx.owned = owned;
    return NEXT_COLD(free)(&ctx, heap, local)->status == MORTISE_OK;
}

#endif
