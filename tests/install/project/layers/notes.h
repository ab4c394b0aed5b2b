/* SPDX-License-Identifier: MIT */
/*
 * notes - counts blocks, and large ones apart
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters:
 *   name   type  default  range      meaning
 *   large  size  64KB     1..1GB     what a large block is
 */
#include <mortise/core/layer_begin.h>

#ifndef NOTES_LARGE
#define NOTES_LARGE 65536
#endif

enum { SELF(needs) = 0, SELF(offers) = 0, SELF(passes) = ~MORTISE_PLACES };

SELF_HEAP
{
    unsigned long seen;
    unsigned long large;
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
    __atomic_fetch_add(&heap->seen, 1, __ATOMIC_RELAXED); /* numbers, no order with anything */
    if (ctx->size >= NOTES_LARGE)
        __atomic_fetch_add(&heap->large, 1, __ATOMIC_RELAXED);
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

#undef NOTES_LARGE
#include <mortise/core/layer_end.h>
