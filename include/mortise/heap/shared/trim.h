/* SPDX-License-Identifier: MIT */
/*
 * How a layer has the content of pages dropped that it keeps. Part of the system layers that have
 * their memory from os/os.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../../socket/malloc_socket.h"
#else
#define LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    if (ctx->ptr != NULL && mortise_os_purge(ctx->ptr, ctx->size))
        ctx->usable += ctx->size;
    return ctx;
}

#endif
