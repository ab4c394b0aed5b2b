/* SPDX-License-Identifier: MIT */
/*
 * How vmalloc_heap takes memory, cuts it up and gives it back. Part of heap/vmalloc_heap.h.
 *
 * vmalloc and vmfree are called outside the lock: where a procedure finds no room, the caller takes
 * a chunk and submits "add this and take from it".
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_system.h"
#include "../vmalloc_heap.h"
#else
struct SELF(piece) {
    char *base; /* NULL: none */
    size_t size;
};

MORTISE_SLOW struct SELF(chunk) * SELF(get_record)(SELF_HEAP *heap)
{
    struct SELF(records_task) task = {heap, NULL, NULL};
    SELF(exec)(heap, SELF(do_get_record), &task);
    if (task.chunk != NULL)
        return task.chunk;
    task.page = (struct SELF(page) *)mortise_vmalloc_take(mortise_vmalloc_page);
    if (task.page != NULL)
        SELF(exec)(heap, SELF(do_get_record), &task);
    return task.chunk;
}

MORTISE_SLOW void SELF(put_record)(SELF_HEAP *heap, struct SELF(chunk) * chunk)
{
    struct SELF(records_task) task = {heap, chunk, NULL};
    SELF(exec)(heap, SELF(do_put_record), &task);
}

/* Gives the memory of a chunk back, which is in no list. A small one may have no granule at all. */
MORTISE_SLOW void SELF(drop)(SELF_HEAP *heap, struct SELF(chunk) * chunk)
{
    char *end = (char *)chunk->taken + chunk->bytes;
    if (chunk->base < end)
        mortise_area_map_forget(&heap->map, chunk->base, (size_t)(end - chunk->base));
    MORTISE_SUB_RELAXED(&heap->system, chunk->bytes); /* counts only */
    mortise_vmalloc_give(chunk->taken, chunk->bytes);
    SELF(put_record)(heap, chunk);
}

/* A chunk of `bytes`, of which nothing is on record, or NULL. */
MORTISE_SLOW struct SELF(chunk) * SELF(fetch)(SELF_HEAP *heap, size_t bytes)
{
    struct SELF(chunk) *chunk = SELF(get_record)(heap);
    if (chunk == NULL)
        return NULL;
    chunk->bytes = mortise_round_up(bytes, mortise_vmalloc_page);
    chunk->taken = mortise_vmalloc_take(bytes);
    if (chunk->taken == NULL) {
        SELF(put_record)(heap, chunk);
        return NULL;
    }
    chunk->base = (char *)mortise_round_up((uintptr_t)chunk->taken, MORTISE_GRANULE);
    chunk->all = chunk->free = 0;
    MORTISE_ADD_RELAXED(&heap->system, chunk->bytes);
    return chunk;
}

/* How many granules to take: region_size, doubled while that is an eighth of what there is, so that
 * a large heap loses little to chunks that begin between granules. */
MORTISE_PLAIN size_t SELF(wish)(const SELF_HEAP *heap)
{
    size_t granules = SELF(granules), eighth = MORTISE_LOAD_RELAXED(&heap->system) / 8;
    while (granules * 2 <= 64 && granules * 2 * MORTISE_GRANULE <= eighth)
        granules *= 2;
    return granules;
}

/* A chunk to cut up. Where it does not begin at a granule, it has one less. */
MORTISE_SLOW struct SELF(chunk) * SELF(fetch_granules)(SELF_HEAP *heap)
{
    struct SELF(chunk) *chunk = NULL;
    size_t wish = SELF(wish)(heap);
    for (; chunk == NULL && wish >= SELF(granules); wish /= 2) /* a limit is near: take less */
        chunk = SELF(fetch)(heap, wish * MORTISE_GRANULE);
    if (chunk == NULL)
        return NULL;
    size_t lead = (size_t)(chunk->base - (char *)chunk->taken);
    size_t granules = (chunk->bytes - lead) / MORTISE_GRANULE;
    if (!mortise_area_map_keep(&heap->map, chunk->base, granules * MORTISE_GRANULE, chunk)) {
        SELF(drop)(heap, chunk);
        return NULL;
    }
    chunk->all = chunk->free = SELF(mask)(granules);
    return chunk;
}

/* What is too large to share a chunk. An object is on record at the granule it begins in, which
 * nobody else has. */
MORTISE_SLOW struct SELF(piece)
    SELF(obtain_own)(SELF_HEAP *heap, size_t size, size_t align, bool object)
{
    struct SELF(piece) none = {NULL, 0};
    size_t unit = object ? (size_t)mortise_vmalloc_page : MORTISE_GRANULE;
    size = mortise_round_up(size, unit);
    align = align > MORTISE_GRANULE ? align : MORTISE_GRANULE;
    struct SELF(chunk) *chunk = SELF(fetch)(heap, size);
    if (chunk != NULL && ((uintptr_t)chunk->taken & (align - 1)) != 0) {
        SELF(drop)(heap, chunk);
        chunk = size <= MORTISE_MAX_SIZE - align
                    ? SELF(fetch)(heap, size + align - mortise_vmalloc_page)
                    : NULL;
    }
    if (chunk == NULL)
        return none;
    chunk->base = (char *)mortise_round_up((uintptr_t)chunk->taken, align);
    if (!mortise_area_map_keep(&heap->map, chunk->base, object ? MORTISE_GRANULE : size, chunk)) {
        SELF(drop)(heap, chunk);
        return none;
    }
    struct SELF(piece) piece = {chunk->base, size};
    return piece;
}

/* Granules of a chunk; of one that there is, unless `may_fetch`. */
MORTISE_SLOW struct SELF(piece) SELF(obtain_granules)(SELF_HEAP *heap, size_t size, bool may_fetch)
{
    size = mortise_round_up(size, MORTISE_GRANULE);
    struct SELF(task) task = {heap, size / MORTISE_GRANULE, NULL, NULL, NULL};
    SELF(exec)(heap, SELF(do_take), &task);
    if (task.base == NULL && may_fetch) {
        task.chunk = SELF(fetch_granules)(heap);
        if (task.chunk != NULL)
            SELF(exec)(heap, SELF(do_take), &task);
        if (task.empty != NULL)
            SELF(drop)(heap, task.empty);
    }
    struct SELF(piece) piece = {task.base, size};
    return piece;
}

/* Where there is nothing more to be had, chunks that have grown may still have room. */
MORTISE_SLOW struct SELF(piece)
    SELF(obtain)(SELF_HEAP *heap, size_t size, size_t align, bool object)
{
    struct SELF(piece) piece = {NULL, 0};
    bool fits = align <= MORTISE_GRANULE && size <= 64 * MORTISE_GRANULE;
    bool shares = fits && size <= SELF(granules) / 2 * MORTISE_GRANULE;
    if (!shares)
        piece = SELF(obtain_own)(heap, size, align, object);
    if (piece.base == NULL && fits)
        piece = SELF(obtain_granules)(heap, size, shares);
    if (piece.base != NULL && object) {
        mortise_area_map_set(&heap->map, piece.base, MORTISE_GRANULE, SELF(owned_for)(piece.size));
        MORTISE_ADD_RELAXED(&heap->direct, piece.size);
        MORTISE_ADD_RELAXED(&heap->directs, (size_t)1);
    }
    return piece;
}

/* Gives back what is in one chunk. */
MORTISE_SLOW void SELF(give_piece)(SELF_HEAP *heap, struct SELF(chunk) * chunk, void *base,
                                   size_t size)
{
    if (chunk->all == 0) {
        SELF(drop)(heap, chunk);
        return;
    }
    mortise_area_map_set(&heap->map, base, size, 0);
    struct SELF(task) task = {heap, size / MORTISE_GRANULE, chunk, (char *)base, NULL};
    SELF(exec)(heap, SELF(do_give), &task);
    if (task.empty != NULL)
        SELF(drop)(heap, task.empty);
}

MORTISE_SLOW void SELF(give_object)(SELF_HEAP *heap, void *base, size_t size)
{
    MORTISE_SUB_RELAXED(&heap->direct, size);
    MORTISE_SUB_RELAXED(&heap->directs, (size_t)1);
    SELF(give_piece)
    (heap, (struct SELF(chunk) *)mortise_area_map_record(&heap->map, base), base, size);
}

/* A region may have become one with those behind it, which may be in other chunks. */
MORTISE_SLOW void SELF(give_region)(SELF_HEAP *heap, char *base, size_t size)
{
    char *end = base + size;
    while (base < end) {
        struct SELF(chunk) *chunk = (struct SELF(chunk) *)mortise_area_map_record(&heap->map, base);
        size_t most = (size_t)((char *)chunk->taken + chunk->bytes - chunk->base);
        char *chunk_end = chunk->base + mortise_round_down(most, MORTISE_GRANULE);
        size_t piece = (size_t)((end < chunk_end ? end : chunk_end) - base);
        SELF(give_piece)(heap, chunk, base, piece);
        base += piece;
    }
}

/* Gives all chunks back that are without use; the bytes of them. */
MORTISE_SLOW size_t SELF(give_empties)(SELF_HEAP *heap)
{
    size_t bytes = 0;
    struct SELF(task) task = {heap, 0, NULL, NULL, NULL};
    SELF(exec)(heap, SELF(do_detach), &task);
    for (struct SELF(chunk) *chunk = task.empty, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        bytes += chunk->bytes;
        SELF(drop)(heap, chunk);
    }
    return bytes;
}

/* The visitor of the end of a heap: each chunk once, at its last granule. */
MORTISE_SLOW void SELF(give_chunk)(void *self, void *base, void *record)
{
    SELF_HEAP *heap = (SELF_HEAP *)self;
    struct SELF(chunk) *chunk = (struct SELF(chunk) *)record;
    void *next = mortise_area_map_at(&heap->map, (char *)base + MORTISE_GRANULE) == NULL
                     ? NULL
                     : mortise_area_map_record(&heap->map, (char *)base + MORTISE_GRANULE);
    if (next != record)
        mortise_vmalloc_give(chunk->taken, chunk->bytes);
}

MORTISE_SLOW void SELF(give_all)(SELF_HEAP *heap)
{
    mortise_area_map_walk(&heap->map, SELF(give_chunk), heap);
    mortise_area_map_destroy(&heap->map);
    while (heap->pages != NULL) {
        struct SELF(page) *page = heap->pages;
        heap->pages = page->next;
        mortise_vmalloc_give(page, mortise_vmalloc_page);
    }
}

#endif
