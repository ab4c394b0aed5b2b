/* SPDX-License-Identifier: MIT */
/*
 * A map from addresses to 64-bit entries, one for each granule of 64 KiB (MORTISE_GRANULE).
 *
 * Two levels on 64-bit: the root, inside the struct, has one pointer for each 4 GiB of the 2^48
 * bytes that processors give to programs; a leaf has the entries of its 4 GiB and is mapped when
 * the first of them is set. Root, leaf and an empty leaf are 512 KiB of addresses each, of which
 * only touched pages are real. One level on 32-bit: the root alone, 512 KiB. A map also knows which
 * leaves there are and in which sixteenths of each something was set, so that walk and destroy take
 * as long as there is to see: a heap that comes and goes reads a few pages and not all. That is not
 * in the leaf, which is a multiple of a granule, as all else that a heap maps.
 *
 * All-zero memory is an empty map. 0 is the entry of every address that nobody has set.
 *
 * get may run at any time, also for addresses that are no addresses. set may run on several threads
 * at once for ranges that do not overlap. walk and destroy want the map for themselves, except that
 * a visitor may set entries of the run it visits, or of runs before it.
 *
 * Invariants: a leaf stays where it is until destroy
 * Ordering: stands at each operation below
 */
#ifndef MORTISE_DATA_GRANULE_MAP_H
#define MORTISE_DATA_GRANULE_MAP_H

#include "../core/atomic.h"
#include "../os/os.h"

/* Called for each run; the bytes of the run are [base, base + size). */
typedef void mortise_granule_map_visit_t(void *argument, void *base, size_t size, uint64_t entry);

/* Also on 32-bit processors, where 8 bytes are loaded at once only if they are aligned so. */
typedef uint64_t mortise_granule_map_entry_t MORTISE_ALIGNED(8);

/* Granules are counted from address 0: the number of an address is its quotient by the granule. */
#if UINTPTR_MAX > 0xffffffff
enum { mortise_granule_map_roots = 65536, mortise_granule_map_leaf_entries = 65536 };

/* A root has how far the leaf is from `empty`, so that 0 stands for a leaf in which nothing is set
 * and get has nothing to test for. */
struct mortise_granule_map {
    uintptr_t root[mortise_granule_map_roots];
    mortise_granule_map_entry_t empty[mortise_granule_map_leaf_entries]; /* never written */
    uint64_t leaves[mortise_granule_map_roots / 64]; /* bit: there is a leaf, or soon will be */
    uint16_t touched[mortise_granule_map_roots];     /* bit: something was set in the part of it */
};
#else
enum { mortise_granule_map_roots = 1, mortise_granule_map_leaf_entries = 65536 };

struct mortise_granule_map {
    mortise_granule_map_entry_t root[1][mortise_granule_map_leaf_entries];
};
#endif

enum {
    mortise_granule_map_leaf_size = mortise_granule_map_leaf_entries * (int)sizeof(uint64_t),
    mortise_granule_map_leaf_parts = 16,
    mortise_granule_map_part = mortise_granule_map_leaf_entries / mortise_granule_map_leaf_parts,
    mortise_granule_map_parts = mortise_granule_map_roots * mortise_granule_map_leaf_parts
};

MORTISE_ASSERT_STATIC(MORTISE_GRANULE == 65536, "granule_map: its levels are made for 64 KiB");

/* The entries of the 4 GiB number `index`, or NULL. Acquire: shows the leaf's zeroes before its
 * address, published in mortise_granule_map_grow. */
MORTISE_FAST mortise_granule_map_entry_t *mortise_granule_map_leaf(struct mortise_granule_map *map,
                                                                   uintptr_t index)
{
#if UINTPTR_MAX > 0xffffffff
    uintptr_t offset = MORTISE_LOAD_ACQUIRE(&map->root[index]);
    return offset == 0 ? NULL : (mortise_granule_map_entry_t *)((uintptr_t)map->empty + offset);
#else
    return map->root[index];
#endif
}

/* Acquire: whoever gets an entry by a wild address, without having got a block from the thread that
 * set the entry, sees what that thread wrote about the granule before. */
MORTISE_FAST uint64_t mortise_granule_map_get(struct mortise_granule_map *map, const void *address)
{
#if UINTPTR_MAX > 0xffffffff
    uintptr_t index = (uintptr_t)address >> 32;
    if (MORTISE_UNLIKELY(index >= mortise_granule_map_roots))
        return 0;
    MORTISE_BASE(map); /* serves both loads: the leaf is `empty` of a map that lies further on */
    uintptr_t on = (uintptr_t)map + MORTISE_LOAD_ACQUIRE(&map->root[index]);
    MORTISE_BASE(on);
    on += (uint32_t)(uintptr_t)address / MORTISE_GRANULE * sizeof(mortise_granule_map_entry_t);
    on += offsetof(struct mortise_granule_map, empty);
    return MORTISE_LOAD_ACQUIRE((mortise_granule_map_entry_t *)on);
#else
    return MORTISE_LOAD_ACQUIRE(&map->root[0][(uintptr_t)address / MORTISE_GRANULE]);
#endif
}

#if UINTPTR_MAX > 0xffffffff
/* Makes sure that there is a leaf. Two threads may both map one; the first to publish wins.
 * Release: see mortise_granule_map_leaf. Acquire: the loser goes on with the winner's leaf. */
MORTISE_PLAIN bool mortise_granule_map_grow(struct mortise_granule_map *map, uintptr_t index)
{
    if (mortise_granule_map_leaf(map, index) != NULL)
        return true;
    mortise_granule_map_entry_t *leaf = (mortise_granule_map_entry_t *)mortise_os_map(
        mortise_granule_map_leaf_size, mortise_os_page_size());
    if (leaf == NULL)
        return mortise_granule_map_leaf(map, index) != NULL;
    MORTISE_OR_RELAXED(&map->leaves[index / 64], (uint64_t)1 << index % 64);
    uintptr_t found = 0;
    if (!MORTISE_CAS_ACQ_REL(&map->root[index], &found, (uintptr_t)leaf - (uintptr_t)map->empty))
        (void)mortise_os_unmap(leaf, mortise_granule_map_leaf_size); /* refused: lost, not wrong */
    return true;
}

/* Notes that [first, first + count) is about to be set, all in one leaf. Relaxed: who walks has the
 * map for itself. */
MORTISE_FAST void mortise_granule_map_touch(struct mortise_granule_map *map, uintptr_t first,
                                            uintptr_t count)
{
    uint16_t *touched = &map->touched[first / mortise_granule_map_leaf_entries];
    uintptr_t part = first / mortise_granule_map_part;
    for (; part <= (first + count - 1) / mortise_granule_map_part; part++) {
        uint16_t bit = (uint16_t)(1u << part % mortise_granule_map_leaf_parts);
        if ((MORTISE_LOAD_RELAXED(touched) & bit) == 0)
            MORTISE_OR_RELAXED(touched, bit);
    }
}

/* The first part of a leaf, counted from address 0, from `part` on in which something was set;
 * mortise_granule_map_parts: none. */
MORTISE_PLAIN uintptr_t mortise_granule_map_touched(struct mortise_granule_map *map, uintptr_t part)
{
    while (part < mortise_granule_map_parts) {
        uintptr_t index = part / mortise_granule_map_leaf_parts;
        uint64_t leaves = MORTISE_LOAD_RELAXED(&map->leaves[index / 64]) >> index % 64;
        uint32_t touched = 0;
        if (leaves & 1) /* else that is not looked at */
            touched = (uint32_t)MORTISE_LOAD_RELAXED(&map->touched[index]) >>
                      part % mortise_granule_map_leaf_parts;
        if (touched != 0)
            return part + mortise_lowest_bit(touched);
        leaves &= ~(uint64_t)1; /* the next one, or the first of the next 64 */
        index = leaves != 0 ? index + mortise_lowest_bit(leaves) : (index / 64 + 1) * 64;
        part = index * mortise_granule_map_leaf_parts;
    }
    return mortise_granule_map_parts;
}

MORTISE_PLAIN void mortise_granule_map_destroy(struct mortise_granule_map *map)
{
    for (uintptr_t word = 0; word < mortise_granule_map_roots / 64; word++) {
        while (map->leaves[word] != 0) {
            uintptr_t index = word * 64 + mortise_lowest_bit(map->leaves[word]);
            map->leaves[word] &= map->leaves[word] - 1;
            if (map->root[index] != 0)
                (void)mortise_os_unmap(mortise_granule_map_leaf(map, index),
                                       mortise_granule_map_leaf_size);
            map->root[index] = 0;
            map->touched[index] = 0;
        }
    }
}
#else
MORTISE_PLAIN bool mortise_granule_map_grow(struct mortise_granule_map *map, uintptr_t index)
{
    (void)map;
    (void)index;
    return true;
}

MORTISE_FAST void mortise_granule_map_touch(struct mortise_granule_map *map, uintptr_t first,
                                            uintptr_t count)
{
    (void)map;
    (void)first;
    (void)count;
}

MORTISE_FAST uintptr_t mortise_granule_map_touched(struct mortise_granule_map *map, uintptr_t part)
{
    (void)map;
    return part;
}

MORTISE_PLAIN void mortise_granule_map_destroy(struct mortise_granule_map *map)
{
    for (uintptr_t granule = 0; granule < mortise_granule_map_leaf_entries; granule++) {
        if (map->root[0][granule] != 0)
            map->root[0][granule] = 0;
    }
}
#endif

/* Makes sure that an entry for the granule at an address can be set; false when that cannot be. */
MORTISE_PLAIN bool mortise_granule_map_prepare(struct mortise_granule_map *map, const void *address)
{
    uintptr_t index = (uintptr_t)address / MORTISE_GRANULE / mortise_granule_map_leaf_entries;
    return index < mortise_granule_map_roots && mortise_granule_map_grow(map, index);
}

/* Enters `entry` for each granule of [base, base + size), a range of whole granules. False when a
 * leaf cannot be had or the range goes beyond 2^48; then no entry has changed. Entering 0 needs no
 * leaf and always succeeds. Release: see mortise_granule_map_get. */
MORTISE_PLAIN bool mortise_granule_map_set(struct mortise_granule_map *map, const void *base,
                                           size_t size, uint64_t entry)
{
    const uintptr_t entries = mortise_granule_map_leaf_entries;
    const uintptr_t limit = mortise_granule_map_roots * entries;
    uintptr_t first = (uintptr_t)base / MORTISE_GRANULE;
    uintptr_t count = size / MORTISE_GRANULE;
    if (count == 0)
        return true;
    if (first >= limit || count > limit - first) {
        if (entry != 0)
            return false;
        if (first >= limit)
            return true;
        count = limit - first;
    }
    uintptr_t last = first + count - 1;
    for (uintptr_t index = first / entries; entry != 0 && index <= last / entries; index++) {
        if (!mortise_granule_map_grow(map, index))
            return false;
    }
    for (uintptr_t granule = first; granule <= last;) {
        mortise_granule_map_entry_t *leaf = mortise_granule_map_leaf(map, granule / entries);
        uintptr_t next = (granule / entries + 1) * entries;
        if (leaf == NULL) {
            granule = next;
            continue;
        }
        if (entry != 0)
            mortise_granule_map_touch(map, granule, (last < next ? last + 1 : next) - granule);
        for (; granule <= last && granule < next; granule++)
            MORTISE_STORE_RELEASE(&leaf[granule % entries], entry);
    }
    return true;
}

struct mortise_granule_map_run {
    uintptr_t first;
    uintptr_t count;
    uint64_t entry;
};

MORTISE_PLAIN void mortise_granule_map_visit(struct mortise_granule_map_run run,
                                             mortise_granule_map_visit_t *visit, void *argument)
{
    if (run.entry != 0)
        visit(argument, (void *)(run.first * MORTISE_GRANULE), run.count * MORTISE_GRANULE,
              run.entry);
}

/* Calls visit(argument, base, size, entry) for each longest run of equal entries but 0, in the
 * order of addresses. */
MORTISE_PLAIN void mortise_granule_map_walk(struct mortise_granule_map *map,
                                            mortise_granule_map_visit_t *visit, void *argument)
{
    const uintptr_t entries = mortise_granule_map_leaf_entries;
    struct mortise_granule_map_run run = {0, 0, 0};
    for (uintptr_t part = 0;
         (part = mortise_granule_map_touched(map, part)) < mortise_granule_map_parts; part++) {
        uintptr_t first = part * mortise_granule_map_part;
        mortise_granule_map_entry_t *leaf = mortise_granule_map_leaf(map, first / entries);
        for (uintptr_t i = first; i < first + mortise_granule_map_part; i++) {
            uint64_t entry = MORTISE_LOAD_RELAXED(&leaf[i % entries]);
            if (entry == run.entry && i == run.first + run.count) {
                run.count++;
                continue;
            }
            mortise_granule_map_visit(run, visit, argument);
            run.first = i;
            run.count = 1;
            run.entry = entry;
        }
    }
    mortise_granule_map_visit(run, visit, argument);
}

#endif
