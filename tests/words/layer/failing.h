/* SPDX-License-Identifier: MIT */
/*
 * failing - lets requests to the system fail, as a test wants
 *
 * Stands on the user side of a system layer. A test writes its orders into the heap, while no other
 * thread is inside: <heap>->failing.fail_at = n lets the n-th request from the start of counting
 * fail, fail_on lets all later ones fail too, and and_claims, and_resizes count these requests in;
 * one for more of a region is as one for a region.
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters: none
 *
 * Invariants: a request that fails here never reaches the neighbour
 * Ordering: none; requests are numbered in the order in which they come
 * Wins: none, it fails
 */
#include <mortise/core/atomic.h>
#include <mortise/core/layer_begin.h>

enum { SELF(needs) = 0, SELF(offers) = 0, SELF(passes) = ~MORTISE_PLACES };

SELF_HEAP
{
    unsigned long requests; /* seen so far */
    unsigned long failed;   /* of these */
    unsigned long fail_at;  /* the first one to fail, 0: none */
    bool fail_on;           /* and all after it */
    bool and_claims;
    bool and_resizes;
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

MORTISE_PLAIN bool SELF(fails)(SELF_HEAP *heap)
{
    unsigned long number = MORTISE_ADD_RELAXED(&heap->requests, 1) + 1;
    bool fails =
        heap->fail_at != 0 && (heap->fail_on ? number >= heap->fail_at : number == heap->fail_at);
    if (fails)
        MORTISE_ADD_RELAXED(&heap->failed, 1);
    return fails;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(create)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!SELF(fails)(heap))
        return NEXT(alloc)(ctx, heap, local);
    ctx->ptr = NULL;
    ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(free)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if ((!heap->and_resizes && ctx->kind != MORTISE_REGION) || !SELF(fails)(heap))
        return NEXT(resize)(ctx, heap, local);
    ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

#define LAYER_HAS_CLAIM
MORTISE_FAST mctx_t *SELF(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!heap->and_claims || !SELF(fails)(heap))
        return NEXT(claim)(ctx, heap, local);
    ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

#include <mortise/core/layer_end.h>
