/* SPDX-License-Identifier: MIT */
/*
 * What vmalloc_heap tells of its chunks, see core/walk.h. Part of heap/vmalloc_heap.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_system.h"
#include "../vmalloc_heap.h"
#else
struct SELF(walker) {
    SELF_HEAP *heap;
    struct mortise_walk *walk;
    char *base, *end; /* granules side by side that a layer claimed by one word, not told of yet */
    uint64_t owned;
};

/* A visitor of the map. What vmalloc gave is told at the first granule that is on record. */
MORTISE_SLOW void SELF(walk_chunk)(void *argument, void *base, void *record)
{
    const struct SELF(walker) *walker = (const struct SELF(walker) *)argument;
    const struct SELF(chunk) *chunk = (const struct SELF(chunk) *)record;
    if (base == (void *)chunk->base)
        mortise_walk_piece(walker->walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, chunk->taken,
                           chunk->bytes, "chunk", 0);
}

MORTISE_SLOW void SELF(walk_claimed)(struct SELF(walker) * walker)
{
    if (walker->base != walker->end)
        mortise_walk_claimed(walker->walk, walker->base, (size_t)(walker->end - walker->base),
                             walker->owned);
    walker->base = walker->end;
}

/* That granule of the chunk is free, and the one before it is not. */
MORTISE_SLOW bool SELF(free_run_begins)(const struct SELF(chunk) * chunk, size_t index)
{
    return chunk->all != 0 && (chunk->free >> index & 1) != 0 &&
           (index == 0 || (chunk->free >> (index - 1) & 1) == 0);
}

/* Another one. What is on record as nobody's and is not free belongs to the object before it, or to
 * a layer that has not claimed it yet. */
MORTISE_SLOW void SELF(walk_granule)(void *argument, void *base, void *record)
{
    struct SELF(walker) *walker = (struct SELF(walker) *)argument;
    const struct SELF(chunk) *chunk = (const struct SELF(chunk) *)record;
    uint64_t owned = mortise_area_map_get(&walker->heap->map, base);
    unsigned owner = mortise_owner_of(owned);
    size_t index = (size_t)((char *)base - chunk->base) / MORTISE_GRANULE;
    if (owner == SELF(number)()) {
        mortise_walk_piece(walker->walk, MORTISE_STRING(LAYER), MORTISE_WALK_ALLOCATED, base,
                           SELF(size_of)(owned), "object", 0);
    } else if (owner != 0) {
        if (base != (void *)walker->end || owned != walker->owned) {
            SELF(walk_claimed)(walker);
            walker->base = (char *)base;
            walker->owned = owned;
        }
        walker->end = (char *)base + MORTISE_GRANULE;
    } else if (SELF(free_run_begins)(chunk, index)) {
        size_t count = 1;
        while (index + count < 64 && (chunk->free >> (index + count) & 1) != 0)
            count++;
        mortise_walk_piece(walker->walk, MORTISE_STRING(LAYER), MORTISE_WALK_FREE, base,
                           count * MORTISE_GRANULE, "granules", 0);
    }
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    struct SELF(walker) walker = {heap, (struct mortise_walk *)ctx->ptr, NULL, NULL, 0};
    if (ctx->kind == MORTISE_HEAP) {
        mortise_area_map_walk(&heap->map, SELF(walk_chunk), &walker);
        mortise_area_map_walk(&heap->map, SELF(walk_granule), &walker);
        SELF(walk_claimed)(&walker);
    }
    return ctx;
}

#endif
