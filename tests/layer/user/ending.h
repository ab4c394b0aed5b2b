/* SPDX-License-Identifier: MIT */
/*
 * ending - calls ending_hook when the state of a thread ends, before the layers on its system side
 *     hear of that
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters: none
 */
#include <mortise/core/layer_begin.h>

enum { SELF(needs) = 0, SELF(offers) = 0, SELF(passes) = ~MORTISE_PLACES };

SELF_HEAP
{
    MORTISE_NO_STATE;
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(create)(ctx, heap, local);
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD)
        ending_hook();
    return NEXT(destroy)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(alloc)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(free)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

#include <mortise/core/layer_end.h>
