/* SPDX-License-Identifier: MIT */
/*
 * touching - touches new pages with each object that is allocated
 *
 * Needs: nothing
 * Offers: what its neighbour offers
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none
 * Wins: none, it is for tests of what counts page faults
 * Source: none
 */
#include <mortise/core/layer_begin.h>

#ifndef MORTISE_TESTS_TOUCHING
#define MORTISE_TESTS_TOUCHING
static size_t pages_touched;

MORTISE_SLOW void touch_pages(void)
{
    size_t size = pages_touched * mortise_os_page_size();
    volatile char *base = (volatile char *)mortise_os_map(size, mortise_os_page_size());
    for (size_t at = 0; base != NULL && at < size; at += mortise_os_page_size())
        base[at] = 1;
    mortise_os_unmap((void *)base, size);
}
#endif

enum { SELF(needs) = 0, SELF(offers) = 0, SELF(passes) = ~(MORTISE_PLACES | MORTISE_QUICK) };

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
    if (pages_touched != 0)
        touch_pages();
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
