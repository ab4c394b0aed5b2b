/* SPDX-License-Identifier: MIT */
/*
 * What the operation walk tells of a heap: pieces of memory, and what each of them is.
 *
 * A layer reports what it knows and passes the call on to its neighbour. What a layer handed to
 * another is ALLOCATED to it; the other one, on its user side, reports the same memory in more
 * detail, so the picture of a heap is painted from the system side to the user side, and the last
 * word on an address is that of the layer nearest to the user that has a piece there. The bytes of
 * a REGION that none of its layer's other pieces covers are the layer's own: headers, records,
 * gaps.
 *
 * Walk is called where nobody is inside the heap (run/inspect.h), takes no lock and changes
 * nothing. ctx->ptr is the struct mortise_walk; ctx->kind says of what pieces are wanted:
 *   MORTISE_HEAP    all that the layer knows from its state of the heap; the system layer says
 *                   whose the parts of its memory are, by mortise_walk_claimed
 *   MORTISE_REGION  walk->region, which a layer has claimed by the word walk->owned
 *   MORTISE_THREAD  what the layer has in `local`, the state of one thread
 */
#ifndef MORTISE_CORE_WALK_H
#define MORTISE_CORE_WALK_H

#include "bits.h"
#include "owned.h"

enum mortise_walk_state {
    MORTISE_WALK_REGION,    /* a layer's, to be cut up */
    MORTISE_WALK_ALLOCATED, /* handed out */
    MORTISE_WALK_FREE,      /* was handed out and came back */
    MORTISE_WALK_CACHED,    /* the same, kept by a layer on the user side of its owner */
    MORTISE_WALK_TOP        /* not handed out yet: what the layer carves next; with the label
                             * "reserve": addresses that nobody has touched */
};

struct mortise_piece {
    const char *layer;
    enum mortise_walk_state state;
    const void *address;
    size_t size;
    const char *label; /* one word: the list or the part of the layer that it is in; NULL: none */
    uint64_t number;   /* which of them */
};

struct mortise_walk {
    void (*visit)(struct mortise_walk *walk, const struct mortise_piece *piece);
    void (*ask)(struct mortise_walk *walk); /* walks the region below, with MORTISE_REGION */

    unsigned state;  /* of the threads' states, from 1 on: whose pieces these are; 0: the heap's */
    uint32_t thread; /* that has it, 0: it waits for one */

    void *heap;   /* that is walked; of run/ */
    char *region; /* of the system layer, and by which word it is on record */
    size_t region_size;
    uint64_t owned;
    uintptr_t done[1 << MORTISE_OWNER_BITS]; /* by owner: up to where regions have been walked */

    const char *records; /* the granule that was told last, see mortise_walk_records */

    uint64_t *scratch; /* for mortise_walk_bits, NULL: there is no memory for it */
    size_t scratch_bits;
};

MORTISE_PLAIN void mortise_walk_piece(struct mortise_walk *walk, const char *layer,
                                      enum mortise_walk_state state, const void *address,
                                      size_t size, const char *label, uint64_t number)
{
    struct mortise_piece piece = {layer, state, address, size, label, number};
    if (size != 0)
        walk->visit(walk, &piece);
}

/* Says by which word a part of the system layer's memory is on record; in the order of addresses.
 * Its owner tells more of it. */
MORTISE_PLAIN void mortise_walk_claimed(struct mortise_walk *walk, void *base, size_t size,
                                        uint64_t owned)
{
    walk->region = (char *)base;
    walk->region_size = size;
    walk->owned = owned;
    walk->ask(walk);
}

/* The granule of a layer's records that one of them lies in. Told more than once, it is the same
 * one. */
MORTISE_PLAIN void mortise_walk_records(struct mortise_walk *walk, const char *layer,
                                        const void *record)
{
    const char *granule = (const char *)mortise_round_down((uintptr_t)record, MORTISE_GRANULE);
    if (granule != walk->records)
        mortise_walk_piece(walk, layer, MORTISE_WALK_REGION, granule, MORTISE_GRANULE, "records",
                           0);
    walk->records = granule;
}

/* Whether walk is asked about a region of the layer with that number. */
MORTISE_PLAIN bool mortise_walk_asks(const struct mortise_walk *walk, unsigned number)
{
    return number != 0 && mortise_owner_of(walk->owned) == number;
}

/* `count` bits, all zero, until the next call; NULL: so many are not to be had. */
MORTISE_PLAIN uint64_t *mortise_walk_bits(struct mortise_walk *walk, size_t count)
{
    if (walk->scratch == NULL || count > walk->scratch_bits)
        return NULL;
    for (size_t i = 0; i < (count + 63) / 64; i++)
        walk->scratch[i] = 0;
    return walk->scratch;
}

MORTISE_PLAIN void mortise_walk_set_bit(uint64_t *bits, size_t index)
{
    bits[index / 64] |= (uint64_t)1 << index % 64;
}

MORTISE_PLAIN bool mortise_walk_has_bit(const uint64_t *bits, size_t index)
{
    return (bits[index / 64] >> index % 64 & 1) != 0;
}

/* What is common to slabs, of `bytes` bytes at `base`, of which the first `carved` of `capacity`
 * blocks were ever handed out. A bit for each of these, to be set where it is free; NULL: there is
 * no memory for that, and no more is told of the slab. */
MORTISE_PLAIN uint64_t *mortise_walk_slab(struct mortise_walk *walk, const char *layer,
                                          const char *base, size_t bytes, size_t block,
                                          size_t carved, size_t capacity)
{
    uint64_t *bits = mortise_walk_bits(walk, carved);
    mortise_walk_piece(walk, layer, MORTISE_WALK_REGION, base, bytes, "slab", block);
    if (bits != NULL)
        mortise_walk_piece(walk, layer, MORTISE_WALK_TOP, base + carved * block,
                           (capacity - carved) * block, "slab", block);
    return bits;
}

#endif
