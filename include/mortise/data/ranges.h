/* SPDX-License-Identifier: MIT */
/*
 * Memory carved from large ranges by one fetch-and-add: no lock, and no system call until a range
 * is used up. For any number of threads.
 *
 * A range is readable and writable from the beginning, and costs addresses only until it is
 * touched. Pieces are the caller's to unmap, one by one; ranges never take anything back, for the
 * kernel keeps the books of what is free better, and a limit on addresses has them back.
 *
 * All-zero memory is a supply without a range.
 *
 * Invariants: a range is [base, base + size); bytes from `used` on were never handed out. Whoever
 *     raises `used` beyond the end unmaps what is left, so nothing of a range is lost. The record
 *     of a range stays where it is until destroy.
 * Ordering: stands at each operation below
 */
#ifndef MORTISE_DATA_RANGES_H
#define MORTISE_DATA_RANGES_H

#include "../core/atomic.h"
#include "../os/os.h"

struct mortise_range {
    char *base;
    size_t size;
    size_t used; /* may exceed size, by less than size for each thread that found it used up */
    size_t rest; /* from here on to `size` is left though used up: the kernel refused */
    struct mortise_range *before;
};

struct mortise_ranges {
    struct mortise_range *current;
};

/* What is wanted of a range that has to be made. */
struct mortise_range_wish {
    size_t size; /* less when the kernel refuses so much */
    size_t align;
};

MORTISE_PLAIN char *mortise_range_end(const struct mortise_range *range)
{
    return range->base + range->size;
}

/* Relaxed: the sum only has to be nobody else's. What lies there is untouched, so there is nothing
 * to see. */
MORTISE_PLAIN void *mortise_range_carve(struct mortise_range *range, size_t size)
{
    size_t at = MORTISE_ADD_RELAXED(&range->used, size);
    if (at <= range->size && size <= range->size - at)
        return range->base + at;
    if (at < range->size && !mortise_os_unmap(range->base + at, range->size - at))
        range->rest = at; /* only destroy reads it, when no other thread is inside */
    return NULL;
}

/* A range with room for `size` bytes, or NULL. */
MORTISE_SLOW struct mortise_range *mortise_range_make(size_t size, struct mortise_range_wish wish)
{
    size_t page = mortise_os_page_size();
    struct mortise_range *range = (struct mortise_range *)mortise_os_map(page, page);
    if (range == NULL)
        return NULL;
    range->size = wish.size > size ? wish.size : size;
    for (;;) {
        range->base = (char *)mortise_os_reserve_writable(range->size, wish.align);
        if (range->base != NULL || range->size <= size)
            break;
        range->size = mortise_round_down(range->size / 2, MORTISE_GRANULE);
        if (range->size < size)
            range->size = size;
    }
    range->rest = range->size;
    if (range->base != NULL)
        return range;
    mortise_os_unmap(range, page);
    return NULL;
}

/* Puts a new range in the place of one that is used up, or finds that another thread did. */
MORTISE_SLOW bool mortise_ranges_grow(struct mortise_ranges *ranges, struct mortise_range *old,
                                      size_t size, struct mortise_range_wish wish)
{
    struct mortise_range *fresh = mortise_range_make(size, wish), *found = old;
    if (fresh == NULL)
        return MORTISE_LOAD_RELAXED(&ranges->current) != old;
    fresh->before = old;
    if (!MORTISE_CAS_RELEASE(&ranges->current, &found, fresh)) { /* shows the record */
        mortise_os_unmap(fresh->base, fresh->size);
        mortise_os_unmap(fresh, mortise_os_page_size());
    } else if (old != NULL) {
        mortise_range_carve(old, old->size + 1); /* unmaps what is left, if anything is */
    }
    return true;
}

/* `size` bytes, a multiple of a granule, at a multiple of one; NULL when memory is out. `*end` is
 * the end of the range that they are from. */
MORTISE_SLOW void *mortise_ranges_take(struct mortise_ranges *ranges, size_t size,
                                       struct mortise_range_wish wish, char **end)
{
    for (;;) {
        struct mortise_range *range = MORTISE_LOAD_ACQUIRE(&ranges->current); /* and its record */
        if (range != NULL && size <= range->size &&
            MORTISE_LOAD_RELAXED(&range->used) < range->size) {
            void *piece = mortise_range_carve(range, size);
            if (piece != NULL) {
                *end = mortise_range_end(range);
                return piece;
            }
        }
        if (!mortise_ranges_grow(ranges, range, size, wish))
            return NULL;
    }
}

/* The same from what is left of the range there is, which is used up by nothing that is too large:
 * for when the kernel has no other addresses. */
MORTISE_SLOW void *mortise_ranges_take_rest(struct mortise_ranges *ranges, size_t size)
{
    struct mortise_range *range = MORTISE_LOAD_ACQUIRE(&ranges->current);
    if (range == NULL)
        return NULL;
    size_t at = MORTISE_LOAD_RELAXED(&range->used);
    while (at <= range->size && size <= range->size - at) {
        if (MORTISE_CAS_ACQUIRE(&range->used, &at, at + size)) /* relaxed would do, as in carve */
            return range->base + at;
    }
    return NULL;
}

/* Unmaps what was never handed out. */
MORTISE_SLOW void mortise_ranges_destroy(struct mortise_ranges *ranges)
{
    for (struct mortise_range *range = ranges->current, *before; range != NULL; range = before) {
        before = range->before;
        size_t rest = range->used < range->size ? range->used : range->rest;
        if (rest < range->size)
            mortise_os_unmap(range->base + rest, range->size - rest);
        mortise_os_unmap(range, mortise_os_page_size());
    }
    ranges->current = NULL;
}

#endif
