/* SPDX-License-Identifier: MIT */
/*
 * What mmap_heap does with objects that are freed: some of their mappings stay for the next object.
 * Part of heap/mmap_heap.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_system.h"
#include "../mmap_heap.h"
#else
/* Unmaps what is kept, and what was refused, `most` of that; the bytes that went back. */
MORTISE_SLOW size_t SELF(give_back)(SELF_HEAP *heap, size_t most)
{
    size_t bytes = SELF(return_refused)(heap, most);
    for (;;) {
        struct mortise_kept_piece piece = mortise_kept_take_any(&heap->kept);
        if (piece.base == NULL)
            return bytes;
        if (SELF(unmap)(heap, piece.base, piece.size, false))
            bytes += piece.size;
    }
}

/* A freed object. While its mapping is kept it stays on record: freeing it again is reported, and
 * the end of the heap unmaps it. */
MORTISE_SLOW void SELF(keep)(SELF_HEAP *heap, void *base, size_t size)
{
    if (size > MMAP_HEAP_KEEP) {
        SELF(unmap)(heap, base, size, true);
        return;
    }
    struct mortise_kept_piece piece = {(char *)base, size};
    uint64_t owned = mortise_owned(SELF(number)(), size / MORTISE_GRANULE | MARK);
    SELF(count_object)(heap, size, (size_t)-1);
    (void)mortise_granule_map_set(&heap->map, base, MORTISE_GRANULE, owned); /* has its leaf */
    while (!mortise_kept_add(&heap->kept, piece, MMAP_HEAP_KEEP)) {
        struct mortise_kept_piece old = mortise_kept_take_any(&heap->kept);
        if (old.base == NULL)
            old = piece;
        SELF(unmap)(heap, old.base, old.size, false);
        if (old.base == piece.base)
            return;
    }
}

/* A kept mapping as an object of at least `size` bytes; NULL and `size`: none. Where it has less,
 * or a quarter more, it is resized: what it has in pages is still worth that. By value, so that
 * the caller's context stays in registers. */
MORTISE_SLOW struct mortise_kept_piece SELF(reuse)(SELF_HEAP *heap, size_t size)
{
    struct mortise_kept_piece piece = mortise_kept_take(&heap->kept, size), none = {NULL, size};
    if (piece.base == NULL)
        return none;
    (void)SELF(record)(heap, piece.base, piece.size, true); /* as in keep */
    SELF(count_object)(heap, piece.size, 1);
    if (piece.size >= size && piece.size - size <= size / 4)
        return piece;
    char *resized = (char *)SELF(remap)(heap, piece.base, piece.size, size, true);
    if (resized != NULL) {
        piece.base = resized;
        piece.size = size;
    } else if (piece.size < size) {
        SELF(unmap)(heap, piece.base, piece.size, true);
        return none;
    }
    return piece;
}

/* Where memory is out, what is kept goes first; or it can serve itself, where it cannot go. */
MORTISE_SLOW bool SELF(find_more)(SELF_HEAP *heap)
{
    return SELF(give_back)(heap, 16) != 0 || MORTISE_LOAD_RELAXED(&heap->refused.regions) != 0;
}

MORTISE_SLOW void *SELF(map_object)(SELF_HEAP *heap, size_t size, size_t align)
{
    void *base = SELF(map_new)(heap, size, align);
    return base == NULL && SELF(find_more)(heap) ? SELF(map_new)(heap, size, align) : base;
}

MORTISE_SLOW void *SELF(map_region)(SELF_HEAP *heap, SELF_LOCAL *local, size_t size, size_t align)
{
    void *base = SELF(carve)(heap, local, size, align);
    if (base == NULL && SELF(find_more)(heap))
        base = SELF(carve)(heap, local, size, align);
    return base;
}

#endif
