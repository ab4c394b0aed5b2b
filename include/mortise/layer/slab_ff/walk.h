/* SPDX-License-Identifier: MIT */
/*
 * What slab_ff tells of its chunks, see core/walk.h. Part of layer/slab_ff.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_ff.h"
#else
MORTISE_SLOW void SELF(walk_folio)(struct mortise_walk *walk, const struct mortise_folios *list,
                                   const struct mortise_folio *folio)
{
    char *base = mortise_folio_base(list, folio) + folio->shift;
    for (uint32_t i = 0; i < list->blocks; i++)
        mortise_walk_piece(
            walk, MORTISE_STRING(LAYER),
            mortise_walk_has_bit(folio->free, i) ? MORTISE_WALK_FREE : MORTISE_WALK_ALLOCATED,
            base + i * list->block, list->block - folio->shift, "class", list->block);
}

MORTISE_SLOW void SELF(walk_chunks)(struct mortise_walk *walk, const struct mortise_folios *list,
                                    struct mortise_folio_chunk *chunk)
{
    for (; chunk != NULL; chunk = chunk->next) {
        const struct mortise_folio *folio = mortise_folio_first(chunk);
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, chunk->base,
                           chunk->bytes, "chunk", list->block);
        for (uint32_t i = 0; i < chunk->carved; i++)
            SELF(walk_folio)(walk, list, &folio[i]);
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_TOP,
                           chunk->base + chunk->carved * list->bytes,
                           (chunk->folios - chunk->carved) * list->bytes, "chunk", list->block);
    }
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind != MORTISE_HEAP)
        return NEXT(walk)(ctx, heap, local);
    for (const struct mortise_folio_region *at = heap->store.regions; at != NULL; at = at->next)
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, at, at->bytes,
                           "records", 0);
    for (unsigned i = 0; i < SELF(used)(); i++) {
        const struct mortise_folios *list = &heap->classes[i].list;
        SELF(walk_chunks)(walk, list, list->fresh);
        SELF(walk_chunks)(walk, list, list->full);
    }
    return NEXT(walk)(ctx, heap, local);
}

#endif
