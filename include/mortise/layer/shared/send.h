/* SPDX-License-Identifier: MIT */
/*
 * How blocks go to the neighbour from an array: all at once. Part of the caching layers.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../tarrcache.h"
#else
MORTISE_SLOW void SELF(send)(SELF_HEAP *heap, SELF_LOCAL *local, void *const *blocks, size_t count)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, mortise_chain(blocks, count), 0, 1);
    ctx.count = (unsigned)count;
    if (count != 0)
        NEXT_COLD(free_batch)(&ctx, heap, local);
}

#endif
