/* SPDX-License-Identifier: MIT */
/*
 * Where the regions of mmap_heap come from: a mapping, a large range, or what the thread has taken
 * for itself. Part of heap/mmap_heap.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_system.h"
#include "../mmap_heap.h"
#else
/* Asks for the huge pages that begin in [base, base + size) and end before `end`, unless the heap
 * has less than four of them in use: one that is hardly begun would inflate it by a quarter and
 * more. Each page begins in one region, so it is asked for once. */
MORTISE_SLOW void SELF(advise)(const SELF_HEAP *heap, char *base, size_t size, const char *end)
{
    const size_t huge = (size_t)2 << 20;
    uintptr_t first = mortise_round_up((uintptr_t)base, huge);
    uintptr_t last = mortise_round_up((uintptr_t)base + size, huge);
    if (last > mortise_round_down((uintptr_t)end, huge))
        last = mortise_round_down((uintptr_t)end, huge);
    if (first < last && MORTISE_LOAD_RELAXED(&heap->system) >= 4 * huge)
        mortise_os_want_huge((void *)first, last - first);
}

/* A piece of a range where that is wanted, else a mapping, not on record; *end is up to where what
 * lies behind it belongs to this heap. */
MORTISE_SLOW char *SELF(fetch)(SELF_HEAP *heap, size_t size, size_t align, char **end)
{
    size_t huge = MMAP_HEAP_HUGE_PAGE && size >= (size_t)2 << 20 ? (size_t)2 << 20 : 0;
    char *base = SELF(take_refused)(heap, size, align);
    if (base != NULL) {
        *end = base + size;
        return base;
    }
    struct mortise_range_wish wish = {(size_t)32 << 20,
                                      MMAP_HEAP_HUGE_PAGE ? (size_t)2 << 20 : MORTISE_GRANULE};
    if (wish.size < MORTISE_LOAD_RELAXED(&heap->system))
        wish.size = mortise_round_down(MORTISE_LOAD_RELAXED(&heap->system), MORTISE_GRANULE);
    if (wish.size < 4 * OWN_SIZE)
        wish.size = 4 * OWN_SIZE;
    if (MMAP_HEAP_FAA_HEAP_GROWTH && align <= MORTISE_GRANULE && size <= wish.size / 4)
        return (char *)mortise_ranges_take(&heap->ranges, size, wish, end);
    if (align < MORTISE_GRANULE)
        align = MORTISE_GRANULE;
    base = (char *)mortise_os_map(size, align < huge ? huge : align);
    if (base != NULL)
        *end = base + size;
    return base;
}

/* Unmaps what no layer has. */
MORTISE_SLOW void SELF(drop)(SELF_HEAP *heap, char *base, size_t size)
{
    mortise_granule_map_set(&heap->map, base, size, 0);
    if (size != 0 && !mortise_os_unmap(base, size)) {
        MORTISE_ADD_RELAXED(&heap->system, size);
        SELF(refuse)(heap, base, size);
    }
}

/* A region from what the thread has taken for itself, after taking more where that is too little;
 * of two rests it keeps the larger. */
MORTISE_SLOW char *SELF(from_own)(SELF_HEAP *heap, struct SELF(own) * own, size_t size, char **end)
{
    if ((size_t)(own->end - own->at) < size) {
        char *base = SELF(fetch)(heap, OWN_SIZE, 1, end);
        if (base == NULL)
            return NULL;
        if (!mortise_granule_map_set(&heap->map, base, OWN_SIZE, mortise_owned(0, 1))) {
            mortise_os_unmap(base, OWN_SIZE);
            return NULL;
        }
        if ((size_t)(own->end - own->at) > OWN_SIZE - size) {
            SELF(drop)(heap, base + size, OWN_SIZE - size);
            return base;
        }
        SELF(drop)(heap, own->at, (size_t)(own->end - own->at));
        own->at = base;
        own->end = base + OWN_SIZE;
        own->range_end = *end;
    }
    char *base = own->at;
    own->at += size;
    *end = own->range_end;
    return base;
}

MORTISE_SLOW void *SELF(carve)(SELF_HEAP *heap, SELF_LOCAL *local, size_t size, size_t align)
{
    struct SELF(own) *own = (struct SELF(own) *)(void *)local;
    char *base = NULL, *end = NULL;
    if (OWN_SIZE != 0 && size <= OWN_SIZE && align <= MORTISE_GRANULE && own->joined)
        base = SELF(from_own)(heap, own, size, &end);
    if (base == NULL) {
        base = SELF(fetch)(heap, size, align, &end);
        if (base == NULL)
            return NULL;
        if (!SELF(record)(heap, base, size, false)) {
            mortise_os_unmap(base, size);
            return NULL;
        }
    }
    if (MMAP_HEAP_HUGE_PAGE)
        SELF(advise)(heap, base, size, end);
    SELF(count)(heap, size, false);
    return base;
}

#endif
