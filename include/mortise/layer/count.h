/* SPDX-License-Identifier: MIT */
/*
 * count - counts the objects that pass in each direction
 *
 * Requests outside size_handle pass uncounted. A program reads the counts from the heap, where they
 * are plain members: <composition>_default.<layer>.allocs.
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters:
 *   name         type   default       range        meaning
 *   size_handle  range  [0,SIZE_MAX]  0..SIZE_MAX  requested sizes that are counted as allocations
 *
 * Invariants: allocs counts successes only; frees counts every object freed through this layer.
 * Ordering: none; the counters are independent of each other and of what they count.
 * Wins: none, it measures
 * Source: paper figure 4
 */
#include "../core/atomic.h"
#include "../core/layer_begin.h"

#ifndef COUNT_SIZE_HANDLE
#define COUNT_SIZE_HANDLE 0, SIZE_MAX
#endif

enum { SELF(needs) = 0, SELF(offers) = 0, SELF(passes) = ~MORTISE_PLACES };

SELF_HEAP
{
    unsigned long allocs;
    unsigned long frees;
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
    if (ctx->ptr != NULL && ctx->kind == MORTISE_OBJECT &&
        mortise_within(ctx->size, MORTISE_LOW(COUNT_SIZE_HANDLE), MORTISE_HIGH(COUNT_SIZE_HANDLE)))
        MORTISE_ADD_RELAXED(&heap->allocs, 1);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_OBJECT && ctx->owned != 0)
        MORTISE_ADD_RELAXED(&heap->frees, 1); /* before the block can have a new owner */
    return NEXT(free)(ctx, heap, local);
}

#define LAYER_HAS_BATCH
MORTISE_FAST mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(alloc_batch)(ctx, heap, local);
    if (mortise_within(ctx->size, MORTISE_LOW(COUNT_SIZE_HANDLE), MORTISE_HIGH(COUNT_SIZE_HANDLE)))
        MORTISE_ADD_RELAXED(&heap->allocs, ctx->count);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    MORTISE_ADD_RELAXED(&heap->frees, ctx->count);
    return NEXT(free_batch)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

#undef COUNT_SIZE_HANDLE
#include "../core/layer_end.h"
