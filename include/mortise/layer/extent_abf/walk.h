/* SPDX-License-Identifier: MIT */
/*
 * What extent_abf tells of its arenas, see core/walk.h. Part of layer/extent_abf.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../extent_abf.h"
#else
/* What was never handed out is the end of a free extent. */
MORTISE_SLOW void SELF(walk_extent)(struct mortise_walk *walk, const struct mortise_extent *extent,
                                    uint64_t arena)
{
    bool used = extent->state == MORTISE_EXTENT_USED;
    size_t written = used ? extent->bytes : extent->written;
    mortise_walk_records(walk, MORTISE_STRING(LAYER), extent);
    if (extent->region != 0)
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, extent->base,
                           extent->region, "arena", arena);
    mortise_walk_piece(walk, MORTISE_STRING(LAYER),
                       used ? MORTISE_WALK_ALLOCATED : MORTISE_WALK_FREE, extent->base, written,
                       used ? NULL : "size", used ? 0 : extent->bytes);
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_TOP, extent->base + written,
                       extent->bytes - written, "size", extent->bytes);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(arena) *arena = NULL;
    uint64_t number = 0;
    while (ctx->kind == MORTISE_HEAP && (arena = SELF(next_arena)(heap, arena)) != NULL) {
        struct mortise_rb_node *node = mortise_rb_end(&arena->extents.by_address, 0);
        for (; node != NULL; node = mortise_rb_beside(node, 1))
            SELF(walk_extent)
        ((struct mortise_walk *)ctx->ptr, mortise_extent_of_address(node), number);
        number++;
    }
    return NEXT(walk)(ctx, heap, local);
}

#endif
