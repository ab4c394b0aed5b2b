/* SPDX-License-Identifier: MIT */
/*
 * The walk (core/walk.h) of layers whose claimed regions are pools that can be walked from their
 * beginnings. A part of the body of such a layer, which has
 *   uintptr_t SELF(walk_pool)(walk, heap, begin)  tells of the pool there; where it ends
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../tlsf_glk.h"
#else
/* A claimed region begins with a pool, unless it is the rest of one in which another layer has
 * claimed something; several pools may follow each other. */
#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind != MORTISE_REGION || !mortise_walk_asks(walk, SELF(number)()))
        return NEXT(walk)(ctx, heap, local);
    uintptr_t *done = &walk->done[SELF(number)()];
    uintptr_t at = (uintptr_t)walk->region, end = at + walk->region_size;
    for (at = at > *done ? at : *done; at < end; *done = at)
        at = SELF(walk_pool)(walk, heap, at);
    return ctx;
}

#endif
