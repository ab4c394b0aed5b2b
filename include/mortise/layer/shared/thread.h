/* SPDX-License-Identifier: MIT */
/*
 * What a thread's cache does with a request, whatever it keeps the blocks in: the operations but
 * for the few hot steps of alloc and free, create and fork. Part of the caching layers.
 *
 * The layer has what classes.h defines, and
 *   void *SELF(take)(heap, local, szcls)       a block where the hot steps find none, or NULL
 *   void SELF(give)(heap, local, szcls, block) keeps a block for which they find no room, after
 *                                              making some, or passes it on
 *   void SELF(drain)(heap, local)              gives up all blocks; also of a state without any
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../thread_cache.h"
#else
/* The thread has ended: its blocks go back, so that no memory waits for a thread to come. */
#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD)
        SELF(drain)(heap, local);
    return NEXT(destroy)(ctx, heap, local);
}

#define LAYER_HAS_REST
MORTISE_FAST mctx_t *SELF(alloc_rest)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!SELF(handles)(ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    unsigned szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
    ctx->ptr = SELF(take)(heap, local, szcls);
    ctx->usable = SIZECLASS(szcls_to_size)(szcls, CLASSES);
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free_rest)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx->szcls = SELF(classes); /* getmeta names a class where there is one */
    NEXT(getmeta)(ctx, heap, local);
    if (!SELF(keeps)(ctx->szcls))
        return NEXT(free)(ctx, heap, local);
    SELF(give)(heap, local, (unsigned)ctx->szcls, ctx->ptr);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

/* Only what the caller itself keeps can be given back: what others keep is not ours to touch. */
#define LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL)
        SELF(drain)(heap, local);
    return NEXT(trim)(ctx, heap, local);
}

#endif
