/* SPDX-License-Identifier: MIT */
/*
 * A slab: a run of granules cut into blocks of one size. For one thread.
 *
 * The record lies out of band, so that a program which writes past a block does not reach it, and
 * records do not crowd the cache sets that slabs begin at. Free blocks are linked through their
 * first words; blocks that were never handed out are not touched: a slab is carved as it is used,
 * so making one costs the same whatever it holds.
 *
 * Invariants: used blocks + blocks in the list = carved; carved <= capacity. A slab is in its
 * owner's list of slabs with room exactly while it has room.
 */
#ifndef MORTISE_DATA_SLAB_H
#define MORTISE_DATA_SLAB_H

#include "../core/bits.h"
#include "../core/poison.h"

struct mortise_slab {
    char *base;
    void *free; /* blocks given back, the last one first */
    uint32_t used;
    uint32_t carved;   /* blocks from the base on that were ever handed out */
    uint32_t capacity; /* blocks */
    uint32_t szcls;
    size_t block;                     /* bytes */
    size_t bytes;                     /* of the slab */
    struct mortise_slab *next, *prev; /* among slabs with room; next also among spare records */
    uint64_t region_owned;            /* who the region was recorded for, to be freed with it */
    void *arena;                      /* its owner's, who sets it */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

/* The slabs of one size class. */
struct mortise_slab_list {
    struct mortise_slab *first; /* those with room, the one to take from first */
    size_t blocks;              /* in all slabs of the class */
    size_t used;                /* of these */
};

/* A slab of `bytes` at `base`, none of which is in use. */
MORTISE_SLOW void mortise_slab_begin(struct mortise_slab *slab, void *base, size_t bytes,
                                     size_t block, unsigned szcls, uint64_t region_owned)
{
    mortise_set(slab, 0, sizeof *slab);
    slab->base = (char *)base;
    slab->bytes = bytes;
    slab->block = block;
    slab->szcls = szcls;
    slab->capacity = (uint32_t)(bytes / block);
    slab->region_owned = region_owned;
}

/* How large a slab for blocks of a size is: room for eight at least. */
MORTISE_FAST size_t mortise_slab_bytes(size_t block, size_t least)
{
    return mortise_round_up(8 * block > least ? 8 * block : least, MORTISE_GRANULE);
}

/* Links as many records as fit into `bytes`; the last one is the answer. */
MORTISE_SLOW struct mortise_slab *mortise_slab_link_records(struct mortise_slab *first,
                                                            size_t bytes)
{
    struct mortise_slab *last = first + bytes / sizeof *first - 1;
    for (; first < last; first++)
        first->next = first + 1;
    return last;
}

MORTISE_FAST void mortise_slab_link(struct mortise_slab_list *list, struct mortise_slab *slab)
{
    slab->prev = NULL;
    slab->next = list->first;
    if (slab->next != NULL)
        slab->next->prev = slab;
    list->first = slab;
}

MORTISE_FAST void mortise_slab_unlink(struct mortise_slab_list *list, struct mortise_slab *slab)
{
    if (slab->next != NULL)
        slab->next->prev = slab->prev;
    if (slab->prev != NULL)
        slab->prev->next = slab->next;
    else
        list->first = slab->next;
}

MORTISE_FAST bool mortise_slab_has_room(const struct mortise_slab *slab)
{
    return slab->used < slab->capacity;
}

/* A block of the first slab with room, or NULL. */
MORTISE_FAST void *mortise_slab_take(struct mortise_slab_list *list)
{
    struct mortise_slab *slab = list->first;
    if (MORTISE_UNLIKELY(slab == NULL))
        return NULL;
    void *block = slab->free;
    if (block != NULL)
        slab->free = *(void **)block;
    else
        block = slab->base + slab->block * slab->carved++;
    slab->used++;
    list->used++;
    if (MORTISE_UNLIKELY(!mortise_slab_has_room(slab)))
        mortise_slab_unlink(list, slab);
    return block;
}

/* Gives a block back to its slab; true when that left the slab empty. */
MORTISE_FAST bool mortise_slab_give(struct mortise_slab_list *list, struct mortise_slab *slab,
                                    void *block)
{
    if (MORTISE_UNLIKELY(!mortise_slab_has_room(slab)))
        mortise_slab_link(list, slab);
    *(void **)block = slab->free;
    slab->free = block;
    list->used--;
    return --slab->used == 0;
}

/* Is the address one of a block that was handed out at some time? */
MORTISE_FAST bool mortise_slab_is_block(const struct mortise_slab *slab, const void *address)
{
    size_t offset = (size_t)((const char *)address - slab->base);
    return offset % slab->block == 0 && offset / slab->block < slab->carved;
}

#endif
