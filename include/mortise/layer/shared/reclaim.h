/* SPDX-License-Identifier: MIT */
/*
 * A region, or a part of one, comes back from the layer it was given to. Part of the layers that
 * place regions.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../tlsf_glk.h"
#else
/* Puts it on record as `owned` again: it is as the other layer's, unless that could not claim it.
 * False: there is no memory for that, and it stays the other's. */
MORTISE_SLOW bool SELF(reclaim)(SELF_HEAP *heap, SELF_LOCAL *local, void *base, size_t size,
                                uint64_t owned)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, base, size, 1);
    if (NEXT(whose)(&ctx, heap, local)->owned == owned)
        return true;
    ctx.owned = owned;
    return NEXT(claim)(&ctx, heap, local)->status == MORTISE_OK;
}

#endif
