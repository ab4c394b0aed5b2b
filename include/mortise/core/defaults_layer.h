/* SPDX-License-Identifier: MIT */
/*
 * Operations that a layer does not define pass to its neighbour. Included by layer_end.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#ifndef LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(destroy)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_SIZECLASS
MORTISE_FAST const void *SELF(sizeclass)(void)
{
    return NEXT(sizeclass)();
}
#endif

#ifndef LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(resize)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(trim)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_AGE
MORTISE_FAST mctx_t *SELF(age)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(age)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(stats)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_WALK
MORTISE_FAST mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(walk)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(fork)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_CLAIM
MORTISE_FAST mctx_t *SELF(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(claim)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(whose)(ctx, heap, local);
}
#endif

#endif
