/* SPDX-License-Identifier: MIT */
/*
 * Memory for those who come while a fork is under way and must not wait for it: see announce.h.
 *
 * One range, mapped when it is first needed, in which blocks are put one behind the other; it is
 * empty again when the last of them is freed. No locks, so that it is whole in the child of a fork
 * at any moment. Its blocks belong to no layer: heaps take them for foreign, and only then are they
 * looked for here.
 *
 * Invariants: one word holds how far the range is used and how many blocks in it live; when none
 *     lives, nothing is used.
 */
#ifndef MORTISE_RUN_RESERVE_H
#define MORTISE_RUN_RESERVE_H

#include "../core/atomic.h"
#include "../core/error.h"
#include "../os/os.h"

enum { mortise_reserve_unit = 16, mortise_reserve_most = 64 << 20 };

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

static struct mortise_reserve mortise_reserve __attribute__((unused));

MORTISE_PLAIN struct mortise_reserve_head *mortise_reserve_head(const void *block)
{
    return (struct mortise_reserve_head *)(uintptr_t)block - 1;
}

MORTISE_PLAIN size_t mortise_reserve_mark(const void *block)
{
    return ~(size_t)(uintptr_t)block;
}

/* The range; threads that come at once may each map one, and the first one's is taken. */
MORTISE_SLOW char *mortise_reserve_begin(void)
{
    size_t size = mortise_reserve_most;
    char *mine = NULL;
    while (mine == NULL && size >= MORTISE_GRANULE) {
        mine = (char *)mortise_os_map(size, MORTISE_GRANULE);
        if (mine == NULL)
            size /= 2;
    }
    if (mine == NULL)
        return MORTISE_LOAD_ACQUIRE(&mortise_reserve.base);
    size_t none = 0;
    char *other = NULL;
    /* The size first, so that it is there for whoever sees the base; both orders publish it. */
    MORTISE_CAS_ACQ_REL(&mortise_reserve.size, &none, size);
    bool fits = size >= MORTISE_LOAD_ACQUIRE(&mortise_reserve.size);
    if (fits && MORTISE_CAS_ACQ_REL(&mortise_reserve.base, &other, mine))
        return mine;
    mortise_os_unmap(mine, size);
    return MORTISE_LOAD_ACQUIRE(&mortise_reserve.base);
}

/* A block, or NULL where the range is full or cannot be had. Its content is not zero. */
MORTISE_SLOW void *mortise_reserve_alloc(size_t size, size_t align)
{
    char *base = MORTISE_LOAD_ACQUIRE(&mortise_reserve.base); /* sees the size */
    if (base == NULL)
        base = mortise_reserve_begin();
    if (base == NULL || size > mortise_reserve_most || align > mortise_reserve_most)
        return NULL;
    size_t lead = sizeof(struct mortise_reserve_head) + (align > 16 ? align : 0);
    size_t units = (lead + size + mortise_reserve_unit - 1) / mortise_reserve_unit;
    size_t room = MORTISE_LOAD_RELAXED(&mortise_reserve.size) / mortise_reserve_unit;
    uint64_t state = MORTISE_LOAD_RELAXED(&mortise_reserve.state);
    do {
        if ((state & UINT32_MAX) + units > room)
            return NULL;
        /* Acquire: what the last user of these units wrote is before what this one writes. */
    } while (
        !MORTISE_CAS_ACQ_REL(&mortise_reserve.state, &state, state + units + ((uint64_t)1 << 32)));
    uintptr_t at = (uintptr_t)base + (state & UINT32_MAX) * mortise_reserve_unit;
    at = mortise_round_up(at + sizeof(struct mortise_reserve_head), align > 16 ? align : 16);
    void *block = (void *)at;
    mortise_reserve_head(block)->size = size;
    MORTISE_STORE_RELAXED(&mortise_reserve_head(block)->mark, mortise_reserve_mark(block));
    return block;
}

/* Does an address lie in the reserve, if there is one? */
MORTISE_FAST bool mortise_reserve_covers(const void *address)
{
    const char *base = MORTISE_LOAD_ACQUIRE(&mortise_reserve.base); /* sees the size */
    return MORTISE_UNLIKELY(base != NULL) &&
           (size_t)((const char *)address - base) < MORTISE_LOAD_RELAXED(&mortise_reserve.size);
}

/* Is it a living block of the reserve? */
MORTISE_SLOW bool mortise_reserve_has(const void *block)
{
    const char *base = MORTISE_LOAD_ACQUIRE(&mortise_reserve.base);
    size_t used = (size_t)(MORTISE_LOAD_RELAXED(&mortise_reserve.state) & UINT32_MAX);
    size_t offset = (size_t)((const char *)block - base);
    return base != NULL && offset >= sizeof(struct mortise_reserve_head) &&
           offset <= used * mortise_reserve_unit && offset % mortise_reserve_unit == 0 &&
           MORTISE_LOAD_RELAXED(&mortise_reserve_head(block)->mark) == mortise_reserve_mark(block);
}

/* Of a living block. */
MORTISE_PLAIN size_t mortise_reserve_size(const void *block)
{
    return mortise_reserve_head(block)->size;
}

/* Of a living block. */
MORTISE_SLOW void mortise_reserve_free(void *block)
{
    MORTISE_STORE_RELAXED(&mortise_reserve_head(block)->mark, (size_t)0);
    uint64_t state = MORTISE_LOAD_RELAXED(&mortise_reserve.state), less;
    do {
        less = state - ((uint64_t)1 << 32);
        if (less >> 32 == 0)
            less = 0;
        /* Release: what was done to the block is before what its units' next user does. */
    } while (!MORTISE_CAS_ACQ_REL(&mortise_reserve.state, &state, less));
}

#endif
