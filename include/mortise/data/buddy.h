/* SPDX-License-Identifier: MIT */
/*
 * Binary buddies over any number of regions, with all records out of band. For one thread.
 *
 * A region is cut into units of 4 KiB. A free block of order o is 2^o units at an index that is a
 * multiple of 2^o, counted from the region's base; a used one has any number of units, because what
 * a request does not need of the block that was found is free again at once: it wastes less than a
 * unit, not up to half. There is a record for each unit; only those of first units mean anything.
 * Free memory is never touched, so the system may drop its pages, and records are touched as blocks
 * come to begin there, so that a large region costs nothing until it is used.
 *
 * Bounds: take splits at most 32 times; give makes at most 64 pieces free and joins each at most 32
 * times. The order to take from is one bit scan.
 *
 * Invariants: two buddies are never both free; the lists hold exactly the free blocks; `free_units`
 * of a region is what its free blocks add up to; a record whose unit begins no block is INSIDE;
 * of a free block the units behind the first `length` are bare: none of their pages is in memory;
 * `bare_units` is what they add up to. In a list the blocks that are bare as a whole come after all
 * others, so that they are used again last; others are used from their beginning.
 *
 * All-zero memory is a buddy system without regions, and the record of a unit that begins no block.
 *
 * Source: Knowlton, "A fast storage allocator", CACM 1965
 */
#ifndef MORTISE_DATA_BUDDY_H
#define MORTISE_DATA_BUDDY_H

#include "../core/error.h"
#include "decay.h"

enum {
    MORTISE_BUDDY_UNIT = 4096,
    MORTISE_BUDDY_ORDERS = 32,
    MORTISE_BUDDY_GRANULE = 65536 / MORTISE_BUDDY_UNIT /* units that bases are aligned to */
};

MORTISE_ASSERT_STATIC(MORTISE_GRANULE == 65536, "buddy: regions begin at granules of 64 KiB");

enum mortise_buddy_state {
    MORTISE_BUDDY_INSIDE, /* begins no block */
    MORTISE_BUDDY_FREE,
    MORTISE_BUDDY_OBJECT, /* used, for a user */
    MORTISE_BUDDY_REGION  /* used, for a layer: no user can free it */
};

struct mortise_buddy_unit {
    struct mortise_buddy_unit *next; /* in the list of its order, while FREE */
    struct mortise_buddy_unit *prev;
    struct mortise_buddy_region *region;
    uint32_t length; /* in units, while used; while FREE, of those that may have pages */
    uint8_t order;   /* while FREE */
    uint8_t state;
    uint8_t bare; /* while lent: its pages are gone */
};

struct mortise_buddy_region {
    char *base; /* aligned to a granule */
    size_t bytes;
    uint32_t units;
    uint32_t free_units;
    uint32_t touched;                         /* units from here on were never handed out */
    bool zeroed;                              /* and are zero */
    struct mortise_buddy_region *next, *prev; /* all regions; next also for the owner's use */
    uint64_t owned;                           /* who the memory was recorded for */
    struct mortise_buddy_unit unit[1];
};

struct mortise_buddy {
    uint32_t orders; /* bit: the list is not empty */
    size_t units;
    size_t free_units;
    size_t free_blocks;
    size_t bare_units; /* of the free ones */
    struct mortise_decay decay;
    struct mortise_buddy_unit *head[MORTISE_BUDDY_ORDERS];
    struct mortise_buddy_unit *tail[MORTISE_BUDDY_ORDERS]; /* where the list is not empty */
    struct mortise_buddy_region *regions;
    struct mortise_buddy_region *kept; /* the region that stays though it is free, or NULL */
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

/* The record of the unit at an address in the region, NULL behind the last unit. */
MORTISE_FAST struct mortise_buddy_unit *mortise_buddy_unit_at(struct mortise_buddy_region *region,
                                                              const void *address)
{
    size_t index = (size_t)((const char *)address - region->base) / MORTISE_BUDDY_UNIT;
    return index < region->units ? &region->unit[index] : NULL;
}

/* Does a block that is used as `state` says begin at an address, whose unit this is, or NULL? */
MORTISE_FAST bool mortise_buddy_is_block(const struct mortise_buddy_unit *unit, const void *address,
                                         enum mortise_buddy_state state)
{
    return unit != NULL && unit->state == state && mortise_buddy_address(unit) == address;
}

MORTISE_FAST bool mortise_buddy_is_empty(const struct mortise_buddy_region *region)
{
    return region->free_units == region->units;
}

MORTISE_FAST void mortise_buddy_push(struct mortise_buddy *buddy,
                                     struct mortise_buddy_region *region, uint32_t index,
                                     unsigned order, uint32_t clothed)
{
    struct mortise_buddy_unit *unit = &region->unit[index], *first = buddy->head[order];
    unit->region = region;
    unit->state = MORTISE_BUDDY_FREE;
    unit->order = (uint8_t)order;
    unit->length = clothed;
    unit->prev = unit->next = NULL;
    if (first == NULL) {
        buddy->head[order] = buddy->tail[order] = unit;
    } else if (clothed == 0) {
        unit->prev = buddy->tail[order];
        buddy->tail[order]->next = unit;
        buddy->tail[order] = unit;
    } else {
        unit->next = first;
        first->prev = unit;
        buddy->head[order] = unit;
    }
    buddy->orders |= (uint32_t)1 << order;
    buddy->free_blocks++;
    buddy->bare_units += ((size_t)1 << order) - clothed;
}

MORTISE_FAST void mortise_buddy_unlink(struct mortise_buddy *buddy, struct mortise_buddy_unit *unit)
{
    if (unit->next != NULL)
        unit->next->prev = unit->prev;
    else
        buddy->tail[unit->order] = unit->prev;
    if (unit->prev != NULL)
        unit->prev->next = unit->next;
    else
        buddy->head[unit->order] = unit->next;
    if (buddy->head[unit->order] == NULL)
        buddy->orders &= ~((uint32_t)1 << unit->order);
    unit->state = MORTISE_BUDDY_INSIDE;
    buddy->free_blocks--;
    buddy->bare_units -= ((size_t)1 << unit->order) - unit->length;
}

/* Makes 2^order units free that were used or new, joining them with their buddies. The units from
 * `bare` on have no pages; of two joined blocks that is so for the end of the whole. */
MORTISE_PLAIN void mortise_buddy_join(struct mortise_buddy *buddy,
                                      struct mortise_buddy_region *region, uint32_t index,
                                      unsigned order, uint32_t bare)
{
    buddy->free_units += (size_t)1 << order;
    region->free_units += (uint32_t)1 << order;
    while (order + 1 < MORTISE_BUDDY_ORDERS) {
        uint32_t other = index ^ ((uint32_t)1 << order);
        if (other >= region->units || region->unit[other].state != MORTISE_BUDDY_FREE ||
            region->unit[other].order != order)
            break;
        uint32_t others = other + region->unit[other].length;
        if (other > index ? others != other : bare == index)
            bare = others;
        mortise_buddy_unlink(buddy, &region->unit[other]);
        index &= other;
        order++;
    }
    mortise_buddy_push(buddy, region, index, order, bare - index);
}

/* Makes [index, index + length) free: the largest aligned pieces that it consists of. Those from
 * unit `bare` on have no pages. */
MORTISE_PLAIN void mortise_buddy_free_range(struct mortise_buddy *buddy,
                                            struct mortise_buddy_region *region, uint32_t index,
                                            uint32_t length, uint32_t bare)
{
    while (length != 0) {
        unsigned order = mortise_log2(length);
        if (index != 0 && mortise_lowest_bit(index) < order)
            order = mortise_lowest_bit(index);
        uint32_t end = index + ((uint32_t)1 << order);
        mortise_buddy_join(buddy, region, index, order,
                           bare < index ? index
                           : bare < end ? bare
                                        : end);
        length -= end - index;
        index = end;
    }
}

/* Takes a free block off its list, and its units off the account of free ones. */
MORTISE_FAST void mortise_buddy_remove(struct mortise_buddy *buddy, struct mortise_buddy_unit *unit)
{
    mortise_buddy_unlink(buddy, unit);
    buddy->free_units -= (size_t)1 << unit->order;
    unit->region->free_units -= (uint32_t)1 << unit->order;
}

/* A request, in units; align is a power of two. */
struct mortise_buddy_wish {
    uint32_t length;
    uint32_t align;
    enum mortise_buddy_state state;
};

/* Units among which the wish fits wherever they begin at a multiple of a granule. */
MORTISE_FAST size_t mortise_buddy_room(struct mortise_buddy_wish wish)
{
    size_t slack = wish.align > MORTISE_BUDDY_GRANULE ? wish.align - MORTISE_BUDDY_GRANULE : 0;
    return wish.length + slack;
}

/* Grants the wish from `whole` units that are in no list, and frees what is before and after. The
 * units from `bare` on have no pages. */
MORTISE_FAST struct mortise_buddy_unit *
mortise_buddy_place(struct mortise_buddy *buddy, struct mortise_buddy_region *region,
                    uint32_t first, uint32_t whole, struct mortise_buddy_wish wish, uint32_t bare)
{
    uint32_t index = first;
    if (wish.align > MORTISE_BUDDY_GRANULE) {
        size_t unit_number = (uintptr_t)region->base / MORTISE_BUDDY_UNIT + first;
        index += (uint32_t)(-unit_number & (wish.align - 1));
    }
    if (buddy->kept == region)
        buddy->kept = NULL;
    struct mortise_buddy_unit *unit = &region->unit[index];
    unit->region = region;
    unit->state = (uint8_t)wish.state;
    unit->length = wish.length;
    mortise_buddy_free_range(buddy, region, first, index - first, bare);
    mortise_buddy_free_range(buddy, region, index + wish.length,
                             first + whole - index - wish.length, bare);
    return unit;
}

/* NULL when there is no block that is sure to have the room. */
MORTISE_FAST struct mortise_buddy_unit *mortise_buddy_take(struct mortise_buddy *buddy,
                                                           struct mortise_buddy_wish wish)
{
    size_t room = mortise_buddy_room(wish);
    unsigned order = room > 1 ? mortise_log2(room - 1) + 1 : 0;
    unsigned at_least = wish.align < MORTISE_BUDDY_GRANULE ? mortise_log2(wish.align)
                                                           : mortise_log2(MORTISE_BUDDY_GRANULE);
    if (wish.align > 1 && order < at_least)
        order = at_least;
    uint32_t fit = order < MORTISE_BUDDY_ORDERS ? buddy->orders & (~(uint32_t)0 << order) : 0;
    if (fit == 0)
        return NULL;
    unsigned found = mortise_lowest_bit(fit);
    struct mortise_buddy_unit *unit = buddy->head[found];
    uint32_t index = mortise_buddy_index(unit);
    mortise_buddy_remove(buddy, unit);
    return mortise_buddy_place(buddy, unit->region, index, (uint32_t)1 << found, wish,
                               index + unit->length);
}

/* Was no byte of a block just taken ever handed out, and is it zero? Takes note of its use. */
MORTISE_FAST bool mortise_buddy_note_use(const struct mortise_buddy_unit *unit)
{
    struct mortise_buddy_region *region = unit->region;
    uint32_t index = mortise_buddy_index(unit), end = index + unit->length;
    bool zeroed = region->zeroed && index >= region->touched;
    if (end > region->touched)
        region->touched = end;
    return zeroed;
}

MORTISE_FAST void mortise_buddy_give(struct mortise_buddy *buddy, struct mortise_buddy_unit *unit,
                                     bool bare)
{
    uint32_t index = mortise_buddy_index(unit);
    unit->state = MORTISE_BUDDY_INSIDE;
    mortise_buddy_free_range(buddy, unit->region, index, unit->length,
                             bare ? index : index + unit->length);
}

/* Changes the length of a used block where it is, down, or up into free blocks behind it. */
MORTISE_PLAIN bool mortise_buddy_resize(struct mortise_buddy *buddy,
                                        struct mortise_buddy_unit *unit, uint32_t length)
{
    struct mortise_buddy_region *region = unit->region;
    uint32_t index = mortise_buddy_index(unit), end = index + unit->length, wanted = index + length;
    if (length > region->units - index)
        return false;
    uint32_t reached = end;
    while (reached < wanted && region->unit[reached].state == MORTISE_BUDDY_FREE)
        reached += (uint32_t)1 << region->unit[reached].order;
    if (reached < wanted)
        return false;
    uint32_t bare = end; /* then of the last block, which is not needed as a whole */
    for (uint32_t at = end; at < wanted; at += (uint32_t)1 << region->unit[at].order) {
        bare = at + region->unit[at].length;
        mortise_buddy_remove(buddy, &region->unit[at]);
    }
    unit->length = length;
    mortise_buddy_free_range(buddy, region, wanted, reached - wanted, bare);
    return true;
}

/* What is wrong with freeing an address of a unit, NULL: of none, that begins no used block: it is
 * free already, when a free block covers it that was handed out before, else no block's. */
MORTISE_SLOW enum mortise_error mortise_buddy_misuse(const struct mortise_buddy_region *region,
                                                     const struct mortise_buddy_unit *unit)
{
    uint32_t index = unit != NULL ? (uint32_t)(unit - region->unit) : region->units;
    if (index >= region->touched)
        return MORTISE_FOREIGN_POINTER;
    for (unsigned order = 0; order < MORTISE_BUDDY_ORDERS; order++) {
        const struct mortise_buddy_unit *head =
            &region->unit[index & ~(((uint32_t)1 << order) - 1)];
        if (head->state == MORTISE_BUDDY_FREE && head->order >= order)
            return MORTISE_DOUBLE_FREE;
    }
    return MORTISE_FOREIGN_POINTER;
}

/* ---- regions ---- */

/* Enters a region, with base, units and so on filled in and its records zero, among the others. Its
 * units are in no list yet: place or free_range decides on them. */
MORTISE_PLAIN void mortise_buddy_enter(struct mortise_buddy *buddy,
                                       struct mortise_buddy_region *region)
{
    region->free_units = 0;
    region->prev = NULL;
    region->next = buddy->regions;
    if (region->next != NULL)
        region->next->prev = region;
    buddy->regions = region;
    buddy->units += region->units;
}

/* Takes an empty region out of the system; all its records are zero in what matters. */
MORTISE_PLAIN void mortise_buddy_leave(struct mortise_buddy *buddy,
                                       struct mortise_buddy_region *region)
{
    for (uint32_t index = 0; index < region->units;) {
        uint32_t length = (uint32_t)1 << region->unit[index].order;
        mortise_buddy_unlink(buddy, &region->unit[index]);
        index += length;
    }
    buddy->free_units -= region->units;
    if (region->next != NULL)
        region->next->prev = region->prev;
    if (region->prev != NULL)
        region->prev->next = region->next;
    else
        buddy->regions = region->next;
    if (buddy->kept == region)
        buddy->kept = NULL;
    buddy->units -= region->units;
}

#endif
