/* SPDX-License-Identifier: MIT */
/*
 * fake - passes every request on
 *
 * Costs nothing: a composition with fakes between its layers compiles to the same instructions as
 * without. It exists to prove that.
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters: none
 *
 * Wins: none, it does nothing
 * Source: paper section 4.2 (wfslabfl)
 */
#include "../core/layer_begin.h"

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

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(alloc)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(free)(ctx, heap, local);
}

#define LAYER_HAS_BATCH
MORTISE_FAST mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(alloc_batch)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(free_batch)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

#include "../core/layer_end.h"
