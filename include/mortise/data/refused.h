/* SPDX-License-Identifier: MIT */
/*
 * Mappings that the system would not take back, for whoever wants one of their size or less. For
 * any number of threads, without locks; a call takes a bounded number of steps, but for those that
 * another thread's success makes it repeat.
 *
 * A system that cannot split its record of a mapping, as one has so many at most, refuses to unmap
 * a part of it. These parts are in lists by the logarithm of their size. The links are in the
 * granule map, which has an entry for each of them anyway, so that no page of theirs is touched.
 *
 * All-zero memory has none.
 *
 * Invariants: what is in a list is mapped, zero, and nobody's; its entry in the map has the bit
 *     MORTISE_REFUSED, its size and the number of the next one's first granule, 0: the last. What
 *     is taken out has no entry. `bytes` and `regions` are never less than what the lists hold.
 * Ordering: stands at each operation below
 */
#ifndef MORTISE_DATA_REFUSED_H
#define MORTISE_DATA_REFUSED_H

#include "../core/owned.h"
#include "granule_map.h"

enum { MORTISE_REFUSED_LISTS = 25, MORTISE_REFUSED_LOOKS = 4 };

/* In the data of an entry that is nobody's: below it the size in granules, and the link. */
#define MORTISE_REFUSED ((uint64_t)1 << 57)

/* Whole granules. NULL and 0: none. */
struct mortise_refused_piece {
    char *base;
    size_t size;
};

struct mortise_refused {
    uint64_t first[MORTISE_REFUSED_LISTS]; /* how often it changed << 32 | number of a granule */
    size_t bytes;
    size_t regions;
};

MORTISE_FAST bool mortise_is_refused(uint64_t entry)
{
    return mortise_owner_of(entry) == 0 && (mortise_owner_data(entry) & MORTISE_REFUSED) != 0;
}

MORTISE_PLAIN size_t mortise_refused_size(uint64_t entry)
{
    return (size_t)((mortise_owner_data(entry) & ~MORTISE_REFUSED) >> 32) * MORTISE_GRANULE;
}

MORTISE_PLAIN uint64_t mortise_refused_entry(size_t size, uint32_t next)
{
    return mortise_owned(0, MORTISE_REFUSED | (uint64_t)(size / MORTISE_GRANULE) << 32 | next);
}

MORTISE_PLAIN char *mortise_refused_base(uint32_t number)
{
    return (char *)((uintptr_t)number * MORTISE_GRANULE);
}

/* Puts a piece into its list; false where it is too large or has no place in the map. Release: who
 * takes it out sees its entry, and what was done to it before. */
MORTISE_SLOW bool mortise_refused_add(struct mortise_refused *refused,
                                      struct mortise_granule_map *map,
                                      struct mortise_refused_piece piece)
{
    unsigned list = mortise_log2(piece.size / MORTISE_GRANULE);
    uint32_t number = (uint32_t)((uintptr_t)piece.base / MORTISE_GRANULE);
    if (list >= MORTISE_REFUSED_LISTS || !mortise_granule_map_prepare(map, piece.base))
        return false;
    MORTISE_ADD_RELAXED(&refused->bytes, piece.size); /* first, for the invariant; orders nothing */
    MORTISE_ADD_RELAXED(&refused->regions, 1);
    uint64_t first = MORTISE_LOAD_RELAXED(&refused->first[list]), next;
    do {
        (void)mortise_granule_map_set(map, piece.base, MORTISE_GRANULE,
                                      mortise_refused_entry(piece.size, (uint32_t)first));
        next = ((first >> 32) + 1) << 32 | number;
    } while (!MORTISE_CAS_RELEASE(&refused->first[list], &first, next));
    return true;
}

/* Takes the first piece out of a list. Acquire: see mortise_refused_add; the entry is the piece's
 * as long as the list has not changed, of which it keeps count. */
MORTISE_SLOW struct mortise_refused_piece
mortise_refused_pop(struct mortise_refused *refused, struct mortise_granule_map *map, unsigned list)
{
    struct mortise_refused_piece piece = {NULL, 0};
    for (;;) {
        uint64_t first = MORTISE_LOAD_ACQUIRE(&refused->first[list]);
        if ((uint32_t)first == 0)
            return piece;
        char *base = mortise_refused_base((uint32_t)first);
        uint64_t entry = mortise_granule_map_get(map, base);
        uint64_t next = ((first >> 32) + 1) << 32 | (uint32_t)mortise_owner_data(entry);
        if (!MORTISE_CAS_ACQUIRE(&refused->first[list], &first, next))
            continue;
        piece.base = base;
        piece.size = mortise_refused_size(entry);
        (void)mortise_granule_map_set(map, base, MORTISE_GRANULE, 0);
        MORTISE_SUB_RELAXED(&refused->bytes, piece.size);
        MORTISE_SUB_RELAXED(&refused->regions, 1);
        return piece;
    }
}

/* The smallest piece of at least `size` bytes, about: in the list where some are too small it looks
 * at a few alone. */
MORTISE_SLOW struct mortise_refused_piece
mortise_refused_find(struct mortise_refused *refused, struct mortise_granule_map *map, size_t size)
{
    struct mortise_refused_piece none = {NULL, 0}, piece = none, small[MORTISE_REFUSED_LOOKS];
    unsigned smalls = 0, list = mortise_log2(size / MORTISE_GRANULE);
    while (piece.size < size && list < MORTISE_REFUSED_LISTS) {
        piece = mortise_refused_pop(refused, map, list);
        if (piece.base != NULL && piece.size < size)
            small[smalls++] = piece;
        list += piece.base == NULL || smalls == MORTISE_REFUSED_LOOKS;
    }
    if (piece.size < size)
        piece = none;
    while (smalls != 0)
        (void)mortise_refused_add(refused, map, small[--smalls]); /* they were in a list */
    return piece;
}

/* `size` bytes, whole granules, of zeroes, or NULL. What is left of a piece stays in the lists. */
MORTISE_SLOW char *mortise_refused_take(struct mortise_refused *refused,
                                        struct mortise_granule_map *map, size_t size)
{
    struct mortise_refused_piece piece = mortise_refused_find(refused, map, size);
    if (piece.size <= size)
        return piece.base;
    struct mortise_refused_piece rest = {piece.base + size, piece.size - size};
    if (mortise_refused_add(refused, map, rest))
        return piece.base;
    (void)mortise_refused_add(refused, map, piece); /* it was in a list */
    return NULL;
}

/* Asks the system once more to take back `most` of the pieces; the bytes that it took. Meanwhile
 * they are in a list of this call's own, for one that is refused again comes last. */
MORTISE_SLOW size_t mortise_refused_give_back(struct mortise_refused *refused,
                                              struct mortise_granule_map *map, size_t most)
{
    size_t bytes = 0;
    uint32_t mine = 0;
    for (unsigned list = 0; list < MORTISE_REFUSED_LISTS && most != 0;) {
        struct mortise_refused_piece piece = mortise_refused_pop(refused, map, list);
        if (piece.base == NULL) {
            list++;
            continue;
        }
        (void)mortise_granule_map_set(map, piece.base, MORTISE_GRANULE,
                                      mortise_refused_entry(piece.size, mine)); /* has its leaf */
        mine = (uint32_t)((uintptr_t)piece.base / MORTISE_GRANULE);
        most--;
    }
    while (mine != 0) {
        uint64_t entry = mortise_granule_map_get(map, mortise_refused_base(mine));
        struct mortise_refused_piece piece = {mortise_refused_base(mine),
                                              mortise_refused_size(entry)};
        mine = (uint32_t)mortise_owner_data(entry);
        (void)mortise_granule_map_set(map, piece.base, MORTISE_GRANULE, 0);
        if (mortise_os_unmap(piece.base, piece.size))
            bytes += piece.size;
        else
            (void)mortise_refused_add(refused, map, piece);
    }
    return bytes;
}

#endif
