/* SPDX-License-Identifier: MIT */
/*
 * What a system layer tells of memory that is on record as shared/mappings.h says, see core/walk.h.
 * With LAYER_WALKS_THREADS the layer defines walk_thread, for what it has in the state of a thread.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../../socket/malloc_socket.h"
#else
MORTISE_SLOW void SELF(walk_mapping)(struct mortise_walk *walk, void *base, uint64_t entry)
{
    bool refused = mortise_is_refused(entry);
    size_t size = refused ? mortise_refused_size(entry) : SELF(bytes_of)(entry);
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, base, size, "mapping", 0);
    if (refused || mortise_owner_of(entry) != 0)
        mortise_walk_piece(walk, MORTISE_STRING(LAYER),
                           refused || (mortise_owner_data(entry) & MARK) != 0
                               ? MORTISE_WALK_FREE
                               : MORTISE_WALK_ALLOCATED,
                           base, size, "mapping", 0);
}

/* A run of equal entries: granules that a layer claimed, or mappings of equal size; those of one
 * granule are told of as one. The mark on one that is nobody's is no mapping's. */
MORTISE_SLOW void SELF(walk_run)(void *argument, void *base, size_t size, uint64_t entry)
{
    struct mortise_walk *walk = (struct mortise_walk *)argument;
    unsigned owner = mortise_owner_of(entry);
    if (owner != 0 && owner != SELF(number)()) {
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, base, size, "mapping",
                           0);
        mortise_walk_claimed(walk, base, size, entry);
    } else if (entry == mortise_owned(0, 1)) {
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, base, size, "mapping",
                           0);
    } else if (owner != 0 || mortise_is_refused(entry) || (mortise_owner_data(entry) & MARK) == 0) {
        for (size_t at = 0; at < size; at += MORTISE_GRANULE)
            SELF(walk_mapping)(walk, (char *)base + at, entry);
    }
}

#ifdef LAYER_WALKS_THREADS
MORTISE_SLOW void SELF(walk_thread)(struct mortise_walk *walk, SELF_LOCAL *local);
#endif

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP)
        mortise_granule_map_walk(&heap->map, SELF(walk_run), ctx->ptr);
#ifdef LAYER_WALKS_THREADS
    if (ctx->kind == MORTISE_THREAD)
        SELF(walk_thread)((struct mortise_walk *)ctx->ptr, local);
#endif
    return ctx;
}

#endif
