/* SPDX-License-Identifier: MIT */
/*
 * Binary buddies over any number of regions, with all records out of band. For one thread.
 *
 * A region is cut into units of 4 KiB. A free block of order o is 2^o units at an index that is a
 * multiple of 2^o, counted from the region's base; a used one has any number of units, because the
 * end of what was taken is given back at once: a request wastes less than a unit, not up to half.
 * A record for each unit holds the state; only those of first units mean anything. Free memory is
 * never touched, so the system may drop its pages.
 *
 * Bounds: alloc splits at most 32 times; free gives back at most 32 pieces and joins each at most
 * 32 times. The order to take from is one bit scan.
 *
 * Invariants: two buddies are never both free; the lists hold exactly the free blocks; `free_units`
 * of a region is what its free blocks add up to.
 *
 * All-zero memory is a buddy system without regions.
 *
 * Source: Knowlton, "A fast storage allocator", CACM 1965; trimming the end of a block: every
 * allocator that counts in pages
 */
#ifndef MORTISE_DATA_BUDDY_H
#define MORTISE_DATA_BUDDY_H

#include "../core/bits.h"

enum { MORTISE_BUDDY_UNIT = 4096, MORTISE_BUDDY_ORDERS = 32 };

enum mortise_buddy_state { MORTISE_BUDDY_INSIDE, MORTISE_BUDDY_USED, MORTISE_BUDDY_FREE };

struct mortise_buddy_unit {
    struct mortise_buddy_unit *next; /* in the list of its order while FREE */
    struct mortise_buddy_unit *prev;
    struct mortise_buddy_region *region;
    uint32_t length; /* in units, while USED */
    uint8_t order;   /* while FREE */
    uint8_t state;
};

struct mortise_buddy_region {
    char *base; /* aligned to a granule */
    size_t bytes;
    uint32_t units;
    uint32_t free_units;
    size_t record_bytes; /* of this structure and its records, for whoever mapped them */
    struct mortise_buddy_region *next; /* for the owner's use */
    struct mortise_buddy_unit unit[1];
};

struct mortise_buddy {
    uint32_t orders; /* bit: the list is not empty */
    size_t units;
    size_t free_units;
    size_t free_blocks;
    struct mortise_buddy_unit *head[MORTISE_BUDDY_ORDERS];
};

MORTISE_FAST size_t mortise_buddy_record_bytes(uint32_t units)
{
    return sizeof(struct mortise_buddy_region) +
           (size_t)(units - 1) * sizeof(struct mortise_buddy_unit);
}

MORTISE_FAST uint32_t mortise_buddy_index(const struct mortise_buddy_unit *unit)
{
    return (uint32_t)(unit - unit->region->unit);
}

MORTISE_FAST void *mortise_buddy_address(const struct mortise_buddy_unit *unit)
{
    return unit->region->base + (size_t)mortise_buddy_index(unit) * MORTISE_BUDDY_UNIT;
}

/* The record of the unit at an address in the region. */
MORTISE_FAST struct mortise_buddy_unit *mortise_buddy_unit_at(struct mortise_buddy_region *region,
                                                              const void *address)
{
    return &region->unit[(size_t)((const char *)address - region->base) / MORTISE_BUDDY_UNIT];
}

MORTISE_FAST void mortise_buddy_push(struct mortise_buddy *buddy, struct mortise_buddy_unit *unit,
                                     unsigned order)
{
    struct mortise_buddy_unit *first = buddy->head[order];
    unit->state = MORTISE_BUDDY_FREE;
    unit->order = (uint8_t)order;
    unit->prev = NULL;
    unit->next = first;
    if (first != NULL)
        first->prev = unit;
    buddy->head[order] = unit;
    buddy->orders |= (uint32_t)1 << order;
    buddy->free_blocks++;
}

MORTISE_FAST void mortise_buddy_unlink(struct mortise_buddy *buddy, struct mortise_buddy_unit *unit)
{
    if (unit->next != NULL)
        unit->next->prev = unit->prev;
    if (unit->prev != NULL)
        unit->prev->next = unit->next;
    else
        buddy->head[unit->order] = unit->next;
    if (buddy->head[unit->order] == NULL)
        buddy->orders &= ~((uint32_t)1 << unit->order);
    unit->state = MORTISE_BUDDY_INSIDE;
    buddy->free_blocks--;
}

/* Makes 2^order units free that were used or new, joining them with their buddies. */
MORTISE_FAST void mortise_buddy_join(struct mortise_buddy *buddy, struct mortise_buddy_unit *unit,
                                     unsigned order)
{
    struct mortise_buddy_region *region = unit->region;
    uint32_t index = mortise_buddy_index(unit);
    buddy->free_units += (size_t)1 << order;
    region->free_units += (uint32_t)1 << order;
    while (order + 1 < MORTISE_BUDDY_ORDERS) {
        uint32_t other = index ^ ((uint32_t)1 << order);
        if (other >= region->units || region->unit[other].state != MORTISE_BUDDY_FREE ||
            region->unit[other].order != order)
            break;
        mortise_buddy_unlink(buddy, &region->unit[other]);
        region->unit[index].state = MORTISE_BUDDY_INSIDE;
        index &= other;
        order++;
    }
    mortise_buddy_push(buddy, &region->unit[index], order);
}

/* Makes [index, index + length) free: the largest aligned pieces that it consists of. */
MORTISE_SLOW void mortise_buddy_free_range(struct mortise_buddy *buddy,
                                           struct mortise_buddy_region *region, uint32_t index,
                                           uint32_t length)
{
    while (length != 0) {
        unsigned order = mortise_log2(length);
        if (index != 0 && mortise_lowest_bit(index) < order)
            order = mortise_lowest_bit(index);
        mortise_buddy_join(buddy, &region->unit[index], order);
        index += (uint32_t)1 << order;
        length -= (uint32_t)1 << order;
    }
}

/* Takes `length` units off the lists, the first at a multiple of 2^order of the region, where
 * 2^order >= length; NULL when there is no such block. */
MORTISE_FAST struct mortise_buddy_unit *mortise_buddy_alloc(struct mortise_buddy *buddy,
                                                            uint32_t length, unsigned order)
{
    uint32_t fit = order < MORTISE_BUDDY_ORDERS ? buddy->orders & (~(uint32_t)0 << order) : 0;
    if (fit == 0)
        return NULL;
    unsigned found = mortise_lowest_bit(fit);
    struct mortise_buddy_unit *unit = buddy->head[found];
    struct mortise_buddy_region *region = unit->region;
    uint32_t whole = (uint32_t)1 << found;
    mortise_buddy_unlink(buddy, unit);
    buddy->free_units -= whole;
    region->free_units -= whole;
    unit->state = MORTISE_BUDDY_USED;
    unit->length = length;
    if (length != whole)
        mortise_buddy_free_range(buddy, region, mortise_buddy_index(unit) + length, whole - length);
    return unit;
}

MORTISE_FAST void mortise_buddy_free(struct mortise_buddy *buddy, struct mortise_buddy_unit *unit)
{
    uint32_t length = unit->length;
    unit->state = MORTISE_BUDDY_INSIDE;
    mortise_buddy_free_range(buddy, unit->region, mortise_buddy_index(unit), length);
}

/* Adds a region; its records are zeroed memory of mortise_buddy_record_bytes. */
MORTISE_SLOW void mortise_buddy_add(struct mortise_buddy *buddy,
                                    struct mortise_buddy_region *region, void *base, size_t bytes)
{
    region->base = (char *)base;
    region->bytes = bytes;
    region->units = (uint32_t)(bytes / MORTISE_BUDDY_UNIT);
    for (uint32_t i = 0; i < region->units; i++)
        region->unit[i].region = region;
    buddy->units += region->units;
    mortise_buddy_free_range(buddy, region, 0, region->units);
}

/* Takes the free blocks of a region, all of which is free, off the lists. */
MORTISE_SLOW void mortise_buddy_remove(struct mortise_buddy *buddy,
                                       struct mortise_buddy_region *region)
{
    for (uint32_t index = 0; index < region->units;) {
        uint32_t length = (uint32_t)1 << region->unit[index].order;
        mortise_buddy_unlink(buddy, &region->unit[index]);
        index += length;
    }
    buddy->units -= region->units;
    buddy->free_units -= region->units;
    region->free_units = 0;
}

#endif
