/* SPDX-License-Identifier: MIT */
/*
 * Where the memory of wfslabm comes from, and whose an address is.
 *
 * Regions are carved from what a thread has taken for itself, 256 MB at a time, and that from
 * ranges by one atomic addition. Blocks too large for a class are mappings of their own. An entry
 * of the map, one for each 64 KiB, is the address of a slab's or large block's record with a bit
 * that says which, or the size of a mapping in granules.
 */
#ifndef WFSLABM_PAGES_H
#define WFSLABM_PAGES_H

#include "base.h"

enum { MAPPING = 1, LARGE = 2, SLAB = 32, OWNER_BITS = 6 };

#define OWN_SIZE ((size_t)256 << 20)

struct map {
    uintptr_t root[65536]; /* how far the leaf of 4 GiB is from `empty` */
    uint64_t empty[65536];
};

struct range {
    char *base;
    size_t size;
    size_t used;
    struct range *before;
};

static struct map map;
static struct range *current_range;
static size_t mapped; /* bytes in use, about */

HOT uint64_t owner_of(const void *address)
{
    uintptr_t root = (uintptr_t)address >> 32;
    if (UNLIKELY(root >= 65536))
        return 0;
    uintptr_t at = (uintptr_t)&map;
    OPAQUE(at);
    at += __atomic_load_n(&((struct map *)at)->root[root], __ATOMIC_ACQUIRE);
    OPAQUE(at);
    at += (uint32_t)(uintptr_t)address / GRANULE * sizeof(uint64_t);
    return __atomic_load_n((uint64_t *)(at + offsetof(struct map, empty)), __ATOMIC_ACQUIRE);
}

static bool make_leaf(uintptr_t root)
{
    if (__atomic_load_n(&map.root[root], __ATOMIC_ACQUIRE) != 0)
        return true;
    char *leaf = map_aligned(sizeof map.empty, PAGE, 0);
    uintptr_t none = 0;
    if (leaf == NULL)
        return false;
    if (!__atomic_compare_exchange_n(&map.root[root], &none, (uintptr_t)leaf - (uintptr_t)map.empty,
                                     false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        unmap(leaf, sizeof map.empty);
    return true;
}

/* False: no leaf is to be had, and nothing has changed. */
COLD bool set_owner(const void *base, size_t size, uint64_t owner)
{
    uintptr_t first = (uintptr_t)base / GRANULE, end = first + size / GRANULE;
    for (uintptr_t root = first / 65536; owner != 0 && root <= (end - 1) / 65536; root++)
        if (root >= 65536 || !make_leaf(root))
            return false;
    for (uintptr_t at = first; at < end; at++) {
        uintptr_t leaf = __atomic_load_n(&map.root[at / 65536], __ATOMIC_ACQUIRE);
        uint64_t *entries = (uint64_t *)((uintptr_t)map.empty + leaf);
        if (leaf != 0)
            __atomic_store_n(&entries[at % 65536], owner, __ATOMIC_RELEASE);
    }
    return true;
}

HOT uint64_t mapping_of(size_t size)
{
    return (uint64_t)(size / GRANULE) << OWNER_BITS | MAPPING;
}

HOT size_t mapping_size(uint64_t owner)
{
    return (size_t)(owner >> OWNER_BITS) * GRANULE;
}

/* Huge pages for those that begin in [base, base + size) and end before `end`, once 8 MB are in
 * use. */
static void want_huge(char *base, size_t size, const char *end)
{
    uintptr_t first = round_up((uintptr_t)base, HUGE);
    uintptr_t last = round_up((uintptr_t)base + size, HUGE);
    uintptr_t most = (uintptr_t)end & ~(uintptr_t)(HUGE - 1);
    if (last > most)
        last = most;
    if (first < last && __atomic_load_n(&mapped, __ATOMIC_RELAXED) >= 4 * HUGE) {
        int saved = errno;
        madvise((void *)first, last - first, MADV_HUGEPAGE);
        errno = saved;
    }
}

COLD bool new_range(struct range *old, size_t size)
{
    size_t wish = 4 * OWN_SIZE;
    struct range *range = (struct range *)map_some(PAGE, 0);
    if (range == NULL)
        return false;
    if (wish < __atomic_load_n(&mapped, __ATOMIC_RELAXED))
        wish = __atomic_load_n(&mapped, __ATOMIC_RELAXED) & ~(size_t)(GRANULE - 1);
    while ((range->base = map_aligned(wish, HUGE, MAP_NORESERVE)) == NULL && wish > size)
        wish = wish / 2 > size ? (wish / 2) & ~(size_t)(GRANULE - 1) : size;
    if (range->base == NULL) {
        unmap(range, PAGE);
        return false;
    }
    range->size = wish;
    range->before = old;
    if (!__atomic_compare_exchange_n(&current_range, &old, range, false, __ATOMIC_RELEASE,
                                     __ATOMIC_RELAXED)) {
        unmap(range->base, wish);
        unmap(range, PAGE);
    } else if (old != NULL) {
        size_t at = __atomic_fetch_add(&old->used, old->size + 1, __ATOMIC_RELAXED);
        if (at < old->size)
            unmap(old->base + at, old->size - at);
    }
    return true;
}

/* A piece of a range; *end is the end of the range. */
COLD char *carve(size_t size, char **end)
{
    for (;;) {
        struct range *range = __atomic_load_n(&current_range, __ATOMIC_ACQUIRE);
        if (range != NULL && size <= range->size &&
            __atomic_load_n(&range->used, __ATOMIC_RELAXED) < range->size) {
            size_t at = __atomic_fetch_add(&range->used, size, __ATOMIC_RELAXED);
            if (at <= range->size && size <= range->size - at) {
                *end = range->base + range->size;
                return range->base + at;
            }
            if (at < range->size)
                unmap(range->base + at, range->size - at);
        }
        if (!new_range(range, size))
            return NULL;
    }
}

/* What is left of the range, where the kernel has no more. */
COLD char *carve_rest(size_t size)
{
    struct range *range = __atomic_load_n(&current_range, __ATOMIC_ACQUIRE);
    if (range == NULL)
        return NULL;
    size_t at = __atomic_load_n(&range->used, __ATOMIC_RELAXED);
    while (at <= range->size && size <= range->size - at)
        if (__atomic_compare_exchange_n(&range->used, &at, at + size, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return range->base + at;
    return NULL;
}

/* What a thread has taken for itself. */
struct own {
    char *at, *end, *range_end;
};

/* A region of granules, on nobody's record; `own` NULL: for a thread without a state. */
COLD char *take_region(struct own *own, size_t size)
{
    char *base, *end;
    if (own == NULL || size > OWN_SIZE) {
        base = size <= OWN_SIZE ? carve(size, &end) : map_aligned(size, HUGE, 0);
        if (size > OWN_SIZE)
            end = base + size;
    } else if ((size_t)(own->end - own->at) >= size) {
        base = own->at;
        own->at += size;
        end = own->range_end;
    } else {
        base = carve(OWN_SIZE, &end);
        if (base == NULL) { /* so much is not to be had: as much as is needed */
            base = carve(size, &end);
        } else if ((size_t)(own->end - own->at) > OWN_SIZE - size) {
            unmap(base + size, OWN_SIZE - size);
        } else {
            if (own->at != own->end)
                unmap(own->at, (size_t)(own->end - own->at));
            own->at = base + size;
            own->end = base + OWN_SIZE;
            own->range_end = end;
        }
    }
    if (base == NULL)
        return NULL;
    want_huge(base, size, end);
    __atomic_fetch_add(&mapped, size, __ATOMIC_RELAXED);
    return base;
}

COLD void drop_region(void *base, size_t size)
{
    set_owner(base, size, 0);
    if (unmap(base, size))
        __atomic_fetch_sub(&mapped, size, __ATOMIC_RELAXED);
    else /* the kernel cannot split its record: the addresses are lost, their pages are not */
        madvise(base, size, MADV_DONTNEED);
}

COLD void *map_object(size_t size, size_t align)
{
    if (size > MOST_BYTES - GRANULE)
        return NULL;
    size = round_up(size + (size == 0), GRANULE);
    size_t least = size >= HUGE ? HUGE : GRANULE;
    char *base = map_aligned(size, align > least ? align : least, 0);
    if (base == NULL && align <= GRANULE)
        base = carve_rest(size);
    if (base == NULL)
        return NULL;
    if (!set_owner(base, GRANULE, mapping_of(size))) {
        unmap(base, size);
        return NULL;
    }
    want_huge(base, size, base + size);
    __atomic_fetch_add(&mapped, size, __ATOMIC_RELAXED);
    return base;
}

COLD void unmap_object(void *base, uint64_t owner)
{
    set_owner(base, GRANULE, 0);
    if (unmap(base, mapping_size(owner)))
        __atomic_fetch_sub(&mapped, mapping_size(owner), __ATOMIC_RELAXED);
    else
        madvise(base, mapping_size(owner), MADV_DONTNEED);
}

/* The mapping under a new size, perhaps elsewhere, or NULL. */
COLD void *resize_object(void *base, uint64_t owner, size_t size)
{
    size_t old_size = mapping_size(owner);
    if (size > MOST_BYTES - GRANULE)
        return NULL;
    size = round_up(size, GRANULE);
    if (size == old_size)
        return base;
    void *place = base;
    if (remap(base, old_size, NULL, size)) {
        set_owner(base, GRANULE, mapping_of(size));
    } else {
        place = map_aligned(size, GRANULE, MAP_NORESERVE);
        if (place == NULL)
            return NULL;
        if (!set_owner(place, GRANULE, mapping_of(size))) {
            unmap(place, size);
            return NULL;
        }
        set_owner(base, GRANULE, 0);
        if (!remap(base, old_size, place, size)) {
            set_owner(place, GRANULE, 0);
            unmap(place, size);
            set_owner(base, GRANULE, owner);
            return NULL;
        }
    }
    __atomic_fetch_add(&mapped, size - old_size, __ATOMIC_RELAXED);
    return place;
}

#endif
