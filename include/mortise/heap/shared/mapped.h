/* SPDX-License-Identifier: MIT */
/*
 * Who owns what, and how much there is, where the memory of a heap is in many places. Part of the
 * system layers for which each request is one to the system.
 *
 * The layer has in its state of a heap what counts.h says, and `map`, a granule map.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../../socket/malloc_socket.h"
#else
#include "counts.h"

#define LAYER_HAS_CLAIM
MORTISE_FAST mctx_t *SELF(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    bool done = mortise_granule_map_set(&heap->map, ctx->ptr, ctx->size, ctx->owned);
    ctx->status = done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

#define LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ctx->owned = mortise_granule_map_get(&heap->map, ctx->ptr);
    return ctx;
}

#endif
