/* SPDX-License-Identifier: MIT */
/*
 * tally - the paper's count (figure 4), as a user writes it outside the tree
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
    unsigned long allocs, frees;
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
    ctx = NEXT(alloc)(ctx, heap, local);
    if (ctx->ptr != NULL)
        __atomic_fetch_add(&heap->allocs, 1, __ATOMIC_RELAXED);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    __atomic_fetch_add(&heap->frees, 1, __ATOMIC_RELAXED);
    return NEXT(free)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

#include <mortise/core/layer_end.h>
