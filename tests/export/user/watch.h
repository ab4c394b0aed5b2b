/* SPDX-License-Identifier: MIT */
/*
 * watch - remembers how many blocks it saw, and the largest
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters:
 *   name   type  default  range  meaning
 *   exact  bool  1        -      count every block, not only those above 64 bytes
 */
#include <mortise/core/layer_begin.h>

#include "helper.h"

#ifndef WATCH_EXACT
#define WATCH_EXACT 1
#endif

enum { SELF(needs) = 0, SELF(offers) = 0, SELF(passes) = ~MORTISE_PLACES };

SELF_HEAP
{
    unsigned long seen;
    size_t largest;
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
#if WATCH_EXACT
    __atomic_fetch_add(&heap->seen, 1, __ATOMIC_RELAXED); /* a number, no order with anything */
#elif defined __linux__ /* never compiled here: WATCH_EXACT is 1 */
    if (ctx->size > 64)
        heap->seen++;
#endif
    watch_raise(&heap->largest, ctx->size);
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

#undef WATCH_EXACT
#include <mortise/core/layer_end.h>
