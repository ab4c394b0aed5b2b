/* SPDX-License-Identifier: MIT */
/*
 * The arenas of bins, chunk by chunk, see core/walk.h. Part of layer/bins.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../bins.h"
#else
/* What of an area is in chunks. */
struct SELF(area) {
    struct mortise_walk *walk;
    const struct mortise_bins *bins;
    const struct mortise_heap_info *info;
    const uint64_t *unsorted; /* a bit for each 16 bytes: the chunk there is in the unsorted bin;
                               * NULL: the area is too large for that */
};

/* Marks the chunks of an area that wait to be sorted. */
MORTISE_SLOW void SELF(mark_unsorted)(struct SELF(area) * area)
{
    const struct mortise_chunk *head = &area->bins->bin[MORTISE_BINS_UNSORTED];
    uint64_t *bits = mortise_walk_bits(area->walk, area->info->size / MORTISE_CHUNK_ALIGN);
    area->unsorted = bits;
    for (const struct mortise_chunk *at = head->fd; bits != NULL && at != head; at = at->fd) {
        size_t away = (size_t)((uintptr_t)at - (uintptr_t)area->info);
        if (away < area->info->size)
            mortise_walk_set_bit(bits, away / MORTISE_CHUNK_ALIGN);
    }
}

/* In which list a free chunk is. Those in fast bins are in use as far as the next one knows. */
MORTISE_SLOW const char *SELF(list_of)(const struct SELF(area) * area, struct mortise_chunk *chunk)
{
    size_t size = mortise_chunk_size(chunk);
    size_t away = (size_t)((uintptr_t)chunk - (uintptr_t)area->info) / MORTISE_CHUNK_ALIGN;
    if (chunk == area->bins->top)
        return "top";
    if (mortise_chunk_prev_in_use(mortise_chunk_next(chunk)))
        return "fast";
    if (area->unsorted != NULL && mortise_walk_has_bit(area->unsorted, away))
        return "unsorted";
    return mortise_chunk_is_small(size) ? "small" : "large";
}

/* The list of a small or fast chunk has one size; those of others are numbered, as in the
 * original. */
MORTISE_SLOW void SELF(walk_chunk)(const struct SELF(area) * area, struct mortise_chunk *chunk)
{
    size_t size = mortise_chunk_size(chunk);
    bool is_free = (mortise_chunk_word(chunk) & MORTISE_CHUNK_FREE) != 0;
    const char *list = is_free ? SELF(list_of)(area, chunk) : NULL;
    enum mortise_walk_state state = !is_free                   ? MORTISE_WALK_ALLOCATED
                                    : chunk == area->bins->top ? MORTISE_WALK_TOP
                                                               : MORTISE_WALK_FREE;
    uint64_t number = 0;
    if (is_free && (list[0] == 's' || list[0] == 'f'))
        number = size;
    else if (is_free && list[0] == 'l')
        number = mortise_chunk_bin(size);
    mortise_walk_piece(area->walk, MORTISE_STRING(LAYER), state, mortise_chunk_payload(chunk),
                       size - (state == MORTISE_WALK_TOP ? MORTISE_CHUNK_HEAD : MORTISE_CHUNK_WORD),
                       list, number);
}

/* Up to the top, which ends the newest area, or the fence. */
MORTISE_SLOW void SELF(walk_area)(struct SELF(area) * area, uint64_t number)
{
    const struct mortise_heap_info *info = area->info;
    struct mortise_chunk *chunk = (struct mortise_chunk *)((uintptr_t)(info + 1) + info->lead);
    const struct mortise_chunk *end =
        info->fence != NULL ? info->fence
                            : (const struct mortise_chunk *)((uintptr_t)info + info->size);
    mortise_walk_piece(area->walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, info, info->size,
                       "arena", number);
    SELF(mark_unsorted)(area);
    for (; chunk < end && mortise_chunk_size(chunk) != 0; chunk = mortise_chunk_next(chunk))
        SELF(walk_chunk)(area, chunk);
}

/* The main arena has number 0, the others follow as they were made. */
#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(arena) *arena = NULL;
    uint64_t number = 0;
    while (ctx->kind == MORTISE_HEAP && (arena = SELF(next_arena)(heap, arena)) != NULL)
        number++;
    while (number != 0 && (arena = SELF(next_arena)(heap, arena)) != NULL) {
        number--;
        for (struct mortise_heap_info *info = arena->bins.info; info != NULL; info = info->prev) {
            struct SELF(area) area = {(struct mortise_walk *)ctx->ptr, &arena->bins, info, NULL};
            SELF(walk_area)(&area, number);
        }
    }
    return NEXT(walk)(ctx, heap, local);
}

#endif
