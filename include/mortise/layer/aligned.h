/* SPDX-License-Identifier: MIT */
/*
 * aligned - rounds the size of each request up to a multiple
 *
 * For a program that wants whole units, cache lines say, for each of its blocks: no two blocks then
 * share one, if the blocks are aligned to it as well, which align_too asks for.
 *
 * Needs: any alignment
 * Offers: what its neighbour offers
 *
 * Parameters:
 *   name         type   default       range        meaning
 *   multiple     size   64            1..1GB       sizes become multiples of it; a power of two
 *   align_too    bool   1             -            blocks begin at a multiple of it as well
 *   size_handle  range  [0,SIZE_MAX]  0..SIZE_MAX  requested sizes that are rounded
 *
 * Invariants: a size that cannot be rounded up is passed on as it is, to be refused
 * Ordering: none; no state
 * Wins: none yet
 * Source: paper table 2
 */
#include "../core/layer_begin.h"

#ifndef ALIGNED_MULTIPLE
#define ALIGNED_MULTIPLE 64
#endif
#ifndef ALIGNED_ALIGN_TOO
#define ALIGNED_ALIGN_TOO 1
#endif
#ifndef ALIGNED_SIZE_HANDLE
#define ALIGNED_SIZE_HANDLE 0, SIZE_MAX
#endif

MORTISE_ASSERT_STATIC(ALIGNED_MULTIPLE >= 1 && ALIGNED_MULTIPLE <= 1 << 30 &&
                          (ALIGNED_MULTIPLE & (ALIGNED_MULTIPLE - 1)) == 0,
                      "mortise: aligned: multiple must be a power of two in 1..1GB");

enum {
    SELF(needs) = ALIGNED_ALIGN_TOO ? MORTISE_ALIGNS : 0,
    SELF(offers) = 0,
    SELF(passes) = ~MORTISE_PLACES
};

SELF_HEAP
{
    MORTISE_NO_STATE;
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

MORTISE_FAST bool SELF(handles)(size_t size)
{
    return mortise_within(size, MORTISE_LOW(ALIGNED_SIZE_HANDLE),
                          MORTISE_HIGH(ALIGNED_SIZE_HANDLE)) &&
           size <= SIZE_MAX - (ALIGNED_MULTIPLE - 1);
}

MORTISE_FAST size_t SELF(rounded)(size_t size)
{
    return SELF(handles)(size) ? mortise_round_up(size + (size == 0), ALIGNED_MULTIPLE) : size;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(create)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_OBJECT && SELF(handles)(ctx->size)) {
        if (ALIGNED_ALIGN_TOO && ctx->align < ALIGNED_MULTIPLE)
            ctx->align = ALIGNED_MULTIPLE;
        ctx->size = SELF(rounded)(ctx->size);
    }
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

/* In place a block keeps its alignment; moved, it has that of any block. */
#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx->size = SELF(rounded)(ctx->size);
    if (ALIGNED_ALIGN_TOO && ALIGNED_MULTIPLE > 16)
        ctx->may_move = false;
    return NEXT(resize)(ctx, heap, local);
}

#undef ALIGNED_MULTIPLE
#undef ALIGNED_ALIGN_TOO
#undef ALIGNED_SIZE_HANDLE
#include "../core/layer_end.h"
