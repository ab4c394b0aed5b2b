/* SPDX-License-Identifier: MIT */
/*
 * Mappings and rooms of brk_mmap_heap. Part of heap/brk_mmap_heap.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_system.h"
#include "../brk_mmap_heap.h"
#else
/* ---- mappings ---- */

MORTISE_SLOW void *SELF(map)(SELF_HEAP *heap, size_t size, size_t align, bool object)
{
    void *base = SELF(take_refused)(heap, size, align);
    if (base == NULL)
        base = mortise_os_map(size, align < MORTISE_GRANULE ? MORTISE_GRANULE : align);
    if (base == NULL)
        return NULL;
    if (!SELF(record)(heap, base, size, object)) {
        mortise_os_unmap(base, size);
        return NULL;
    }
    SELF(count)(heap, size, object);
    return base;
}

/* ---- rooms ---- */

/* In the data of the last granule of a room, with the logarithm of its size. */
#define ROOM MARK

/* Reserves `room` bytes at a multiple of that, of which the first `size` are memory. */
MORTISE_SLOW void *SELF(make_room)(SELF_HEAP *heap, size_t size, size_t room)
{
    char *base = (char *)mortise_os_reserve(room, room);
    if (base == NULL)
        return NULL;
    if (mortise_os_commit(base, size) &&
        mortise_granule_map_set(&heap->map, base + room - MORTISE_GRANULE, MORTISE_GRANULE,
                                mortise_owned(0, ROOM | mortise_log2(room)))) {
        SELF(count)(heap, size, false);
        return base;
    }
    mortise_os_unmap(base, room);
    return NULL;
}

/* The room that an address is in, and its size; NULL: in none. The search is over the few sizes
 * that there can be; an entry is believed where a room of its size ends. */
MORTISE_SLOW char *SELF(room_of)(SELF_HEAP *heap, const char *address, size_t *room)
{
    for (unsigned log2 = mortise_log2(MORTISE_GRANULE) + 1; log2 < 47; log2++) {
        *room = (size_t)1 << log2;
        char *base = (char *)mortise_round_down((uintptr_t)address, *room);
        if (mortise_granule_map_get(&heap->map, base + *room - MORTISE_GRANULE) ==
            mortise_owned(0, ROOM | log2))
            return base;
    }
    return NULL;
}

/* `size` bytes more for the region that ends at `end`. */
MORTISE_SLOW void *SELF(widen)(SELF_HEAP *heap, char *end, size_t size)
{
    size_t room;
    char *base = SELF(room_of)(heap, end - 1, &room);
    if (base == NULL || size > (size_t)(base + room - MORTISE_GRANULE - end))
        return NULL;
    return mortise_os_commit(end, size) ? end : NULL;
}

/* A whole region, or the end of one in a room. The system may have no memory for that. */
MORTISE_SLOW bool SELF(free_region)(SELF_HEAP *heap, char *region, size_t size)
{
    size_t room;
    char *base = SELF(room_of)(heap, region, &room);
    if (base == NULL) {
        SELF(unmap)(heap, region, size, false);
        return true;
    }
    if (region == base) {
        mortise_granule_map_set(&heap->map, base, room, 0);
        if (!mortise_os_unmap(base, size)) {
            MORTISE_ADD_RELAXED(&heap->system, size); /* which still has it */
            SELF(refuse)(heap, base, size);
        }
        mortise_os_unreserve(base + size, room - size);
    } else if (!mortise_os_decommit(region, size)) {
        return false;
    } else {
        mortise_granule_map_set(&heap->map, region, size, 0);
    }
    MORTISE_SUB_RELAXED(&heap->system, size);
    return true;
}

/* ---- the end of a heap ---- */

/* Rooms first, as a whole: their granules lie before the entry that tells of them, and are nobody's
 * afterwards. */
MORTISE_SLOW void SELF(unmap_rooms)(void *self, void *base, size_t size, uint64_t entry)
{
    SELF_HEAP *heap = (SELF_HEAP *)self;
    uint64_t data = mortise_owner_data(entry);
    if (mortise_owner_of(entry) != 0 || mortise_is_refused(entry) || (data & ROOM) == 0)
        return;
    size_t room = (size_t)1 << (data & (ROOM - 1));
    char *begin = (char *)base + size - room;
    mortise_granule_map_set(&heap->map, begin, room, 0);
    mortise_os_unmap(begin, room);
}

#endif
