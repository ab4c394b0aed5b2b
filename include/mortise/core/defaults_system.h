/* SPDX-License-Identifier: MIT */
/*
 * Operations that a system layer does not define end there. Included by layer_end.h. Claim and
 * whose have no default: only the layer that brings memory can tell it from other memory.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#ifndef LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}
#endif

#ifndef LAYER_HAS_SIZECLASS
MORTISE_FAST const void *SELF(sizeclass)(void)
{
    return NULL;
}
#endif

#ifndef LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}
#endif

#ifndef LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}
#endif

#ifndef LAYER_HAS_AGE
MORTISE_FAST mctx_t *SELF(age)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}
#endif

#ifndef LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}
#endif

#ifndef LAYER_HAS_WALK
MORTISE_FAST mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}
#endif

#ifndef LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}
#endif

#endif
