/* SPDX-License-Identifier: MIT */
/*
 * Memory for those who come while a fork is under way and must not wait for it: see announce.h.
 *
 * A few ranges, each mapped when those before it have no room, in which blocks are put one behind
 * the other; a range is empty again when the last of its blocks is freed. No locks, so that it is
 * whole in the child of a fork at any moment. Its blocks belong to no layer: heaps take them for
 * foreign, and only then are they looked for here.
 *
 * Invariants: one word holds how far a range is used and how many blocks in it live; when none
 *     lives, nothing is used, but while the pages go. A range stays mapped.
 */
#ifndef MORTISE_RUN_RESERVE_H
#define MORTISE_RUN_RESERVE_H

#include "../core/atomic.h"
#include "../core/error.h"
#include "../os/os.h"

enum {
    mortise_reserve_unit = 16,
    mortise_reserve_usual = 64 << 20, /* bytes in a range, but where more is asked for or refused */
    mortise_reserve_keeps = 1 << 20,  /* bytes whose pages stay when a range is empty */
    mortise_reserve_others = 15
};

/* So that units can be counted in 32 bits. */
#define MORTISE_RESERVE_LARGEST ((size_t)1 << (sizeof(size_t) > 4 ? 34 : 28))

/* Stands right before a block. */
struct mortise_reserve_head {
    size_t size;
    size_t mark; /* its address, inverted, while the block lives */
};

struct mortise_reserve {
    char *base;
    size_t size;
    uint64_t state; /* blocks that live << 32 | units used */
};

/* The first range, and those that hardly any program comes to. */
static struct mortise_reserve mortise_reserve __attribute__((unused));
static struct mortise_reserve mortise_reserve_more[mortise_reserve_others] __attribute__((unused));
static uint32_t mortise_reserve_begun __attribute__((unused)); /* 1: there may be a range */

MORTISE_PLAIN struct mortise_reserve *mortise_reserve_range(int index)
{
    return index == 0 ? &mortise_reserve : &mortise_reserve_more[index - 1];
}

MORTISE_PLAIN struct mortise_reserve_head *mortise_reserve_head(const void *block)
{
    return (struct mortise_reserve_head *)(uintptr_t)block - 1;
}

MORTISE_PLAIN size_t mortise_reserve_mark(const void *block)
{
    return ~(size_t)(uintptr_t)block;
}

/* Maps a range with room for `need` bytes; threads that come at once may each map one, and the
 * first one's is taken. NULL: the system refuses, or another thread's is about to be taken. */
MORTISE_SLOW char *mortise_reserve_begin(struct mortise_reserve *range, size_t need)
{
    size_t usual = mortise_reserve_usual, size = need > usual ? need : usual;
    char *mine = (char *)mortise_os_map(size, MORTISE_GRANULE);
    while (mine == NULL && size / 2 >= need) {
        size /= 2;
        mine = (char *)mortise_os_map(size, MORTISE_GRANULE);
    }
    if (mine == NULL)
        return MORTISE_LOAD_ACQUIRE(&range->base);
    size_t none = 0;
    char *other = NULL;
    MORTISE_STORE_RELAXED(&mortise_reserve_begun, 1u); /* the base publishes it */
    /* The size first, so that it is there for whoever sees the base; both orders publish it. */
    MORTISE_CAS_ACQ_REL(&range->size, &none, size);
    bool fits = size >= MORTISE_LOAD_ACQUIRE(&range->size);
    if (fits && MORTISE_CAS_ACQ_REL(&range->base, &other, mine))
        return mine;
    mortise_os_unmap(mine, size);
    return MORTISE_LOAD_ACQUIRE(&range->base);
}

/* Room in a range for so many units, or NULL. */
MORTISE_SLOW char *mortise_reserve_carve(struct mortise_reserve *range, size_t units)
{
    char *base = MORTISE_LOAD_ACQUIRE(&range->base); /* sees the size */
    if (base == NULL)
        base = mortise_reserve_begin(
            range, mortise_round_up(units * mortise_reserve_unit, MORTISE_GRANULE));
    if (base == NULL)
        return NULL;
    size_t room = MORTISE_LOAD_RELAXED(&range->size) / mortise_reserve_unit;
    uint64_t state = MORTISE_LOAD_RELAXED(&range->state);
    do {
        if ((state & UINT32_MAX) + units > room)
            return NULL;
        /* Acquire: what the last user of these units wrote is before what this one writes. */
    } while (!MORTISE_CAS_ACQ_REL(&range->state, &state, state + units + ((uint64_t)1 << 32)));
    return base + (state & UINT32_MAX) * mortise_reserve_unit;
}

/* A block, or NULL where there is no room and no more can be had. Its content is not zero. */
MORTISE_SLOW void *mortise_reserve_alloc(size_t size, size_t align)
{
    if (size > MORTISE_RESERVE_LARGEST || align > MORTISE_RESERVE_LARGEST)
        return NULL;
    size_t lead = sizeof(struct mortise_reserve_head) + (align > 16 ? align : 0);
    size_t units = (lead + size + mortise_reserve_unit - 1) / mortise_reserve_unit;
    char *room = NULL;
    for (int i = 0; i <= mortise_reserve_others && room == NULL; i++)
        room = mortise_reserve_carve(mortise_reserve_range(i), units);
    if (room == NULL)
        return NULL;
    uintptr_t at = (uintptr_t)room + sizeof(struct mortise_reserve_head);
    void *block = (void *)mortise_round_up(at, align > 16 ? align : 16);
    mortise_reserve_head(block)->size = size;
    MORTISE_STORE_RELAXED(&mortise_reserve_head(block)->mark, mortise_reserve_mark(block));
    return block;
}

/* The range that an address lies in, or NULL. */
MORTISE_SLOW struct mortise_reserve *mortise_reserve_at(const void *address)
{
    for (int i = 0; i <= mortise_reserve_others; i++) {
        struct mortise_reserve *range = mortise_reserve_range(i);
        const char *base = MORTISE_LOAD_ACQUIRE(&range->base); /* sees the size */
        if (base != NULL &&
            (size_t)((const char *)address - base) < MORTISE_LOAD_RELAXED(&range->size))
            return range;
    }
    return NULL;
}

/* Does an address lie in the reserve, if there is one? */
MORTISE_FAST bool mortise_reserve_covers(const void *address)
{
    /* Relaxed: who was given a block by another thread sees what that saw. */
    return MORTISE_UNLIKELY(MORTISE_LOAD_RELAXED(&mortise_reserve_begun) != 0) &&
           mortise_reserve_at(address) != NULL;
}

/* Is it a living block of the reserve? */
MORTISE_SLOW bool mortise_reserve_has(const void *block)
{
    const struct mortise_reserve *range = mortise_reserve_at(block);
    if (range == NULL)
        return false;
    size_t used = (size_t)(MORTISE_LOAD_RELAXED(&range->state) & UINT32_MAX);
    size_t offset = (size_t)((const char *)block - MORTISE_LOAD_RELAXED(&range->base));
    return offset >= sizeof(struct mortise_reserve_head) && offset / mortise_reserve_unit <= used &&
           offset % mortise_reserve_unit == 0 &&
           MORTISE_LOAD_RELAXED(&mortise_reserve_head(block)->mark) == mortise_reserve_mark(block);
}

/* Of a living block. */
MORTISE_PLAIN size_t mortise_reserve_size(const void *block)
{
    return mortise_reserve_head(block)->size;
}

/* Of a living block. Whoever frees the last one of a range has it for itself until its pages are
 * gone: to others it is full. */
MORTISE_SLOW void mortise_reserve_free(void *block)
{
    struct mortise_reserve *range = mortise_reserve_at(block);
    MORTISE_STORE_RELAXED(&mortise_reserve_head(block)->mark, (size_t)0);
    uint64_t state = MORTISE_LOAD_RELAXED(&range->state), less;
    size_t used;
    do {
        less = state - ((uint64_t)1 << 32);
        used = (size_t)(state & UINT32_MAX) * mortise_reserve_unit;
        if (less >> 32 == 0)
            less = used > mortise_reserve_keeps ? UINT32_MAX : 0;
        /* Release: what was done to the block is before what its units' next user does. */
    } while (!MORTISE_CAS_ACQ_REL(&range->state, &state, less));
    if (less != UINT32_MAX)
        return;
    (void)mortise_os_purge(MORTISE_LOAD_RELAXED(&range->base), used);
    MORTISE_STORE_RELEASE(&range->state, (uint64_t)0); /* after the pages went */
}

#endif
