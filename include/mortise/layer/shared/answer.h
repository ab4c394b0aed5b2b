/* SPDX-License-Identifier: MIT */
/*
 * How a request for an object is answered with a payload that was cut out of free memory. Part of
 * the layers that place objects of any size.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../tlsf_glk.h"
#else
/* Clears no more than what may not be zero, where zeroes are wanted and that is known. */
MORTISE_FAST mctx_t *SELF(answer)(mctx_t *ctx, struct mortise_cut cut)
{
    ctx->ptr = cut.payload;
    ctx->usable = cut.usable;
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    if (ctx->want_zero && ctx->ptr != NULL && cut.dirty < cut.usable) {
        mortise_set(ctx->ptr, 0, cut.dirty);
        ctx->zeroed = true;
    }
    return ctx;
}

#endif
