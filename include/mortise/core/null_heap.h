/* SPDX-License-Identifier: MIT */
/*
 * The system layer beneath a layer whose header is opened alone: it offers everything that a layer
 * may need, so that any composes with it, and has no memory. Not a word of the model language.
 */
#include "system_begin.h"

enum { SELF(needs) = 0, SELF(passes) = 0, SELF(offers) = ~(MORTISE_GUARDS | MORTISE_BARE) };

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
    (void)heap, (void)local;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    ctx->ptr = NULL;
    ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}

#define LAYER_HAS_CLAIM
MORTISE_FAST mctx_t *SELF(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}

#define LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}

#include "layer_end.h"
