/* SPDX-License-Identifier: MIT */
/*
 * A map from addresses to two words for each granule of 64 KiB: who owns it, and a record of the
 * one who keeps it. For where a granule_map is too large: it takes 64 KiB at first, and 16 KiB for
 * each 64 MiB of addresses of which a granule was ever set.
 *
 * An area is 64 MiB; areas are found by a table of their numbers, at the place that the number
 * says or soon after. So a look-up is two loads that depend on each other, as there: the area, and
 * its entry. A granule of more areas than there is room for cannot be set.
 *
 * All-zero memory is an empty map. 0 is what every address has that nobody has set. get may run at
 * any time, also for addresses that are no addresses; set on several threads at once for ranges
 * that do not overlap; walk and destroy want the map for themselves.
 *
 * Invariants: a place that has a number keeps it, and its area, until destroy; the number of each
 *     area lies within mortise_area_probes places, and none of those before it is empty.
 * Ordering: stands at each operation below
 */
#ifndef MORTISE_DATA_AREA_MAP_H
#define MORTISE_DATA_AREA_MAP_H

#include "../core/atomic.h"
#include "../os/os.h"

enum {
    mortise_area_granules = 1024,
    mortise_area_places = 4096, /* 256 GiB of areas that lie side by side */
    mortise_area_probes = 16
};

struct mortise_area_entry {
    uint64_t owned;
    void *record;
};

struct mortise_area_place {
    uintptr_t number; /* of the area, and 1; 0: empty */
    struct mortise_area_entry *area;
};

struct mortise_area_map {
    struct mortise_area_place place[mortise_area_places];
};

enum { mortise_area_bytes = mortise_area_granules * (int)sizeof(struct mortise_area_entry) };

MORTISE_FAST uintptr_t mortise_area_number(const void *address)
{
    return (uintptr_t)address / MORTISE_GRANULE / mortise_area_granules + 1;
}

/* The entry of an address, or NULL. Acquire: shows an area's zeroes before its address, published
 * in mortise_area_map_grow. */
MORTISE_FAST struct mortise_area_entry *mortise_area_map_at(struct mortise_area_map *map,
                                                            const void *address)
{
    uintptr_t number = mortise_area_number(address);
    for (uintptr_t i = 0; i < mortise_area_probes; i++) {
        struct mortise_area_place *place = &map->place[(number + i) % mortise_area_places];
        uintptr_t found = MORTISE_LOAD_RELAXED(&place->number); /* never changes once it is one */
        if (MORTISE_UNLIKELY(found == 0))
            return NULL;
        if (MORTISE_LIKELY(found == number)) {
            struct mortise_area_entry *area = MORTISE_LOAD_ACQUIRE(&place->area);
            uintptr_t granule = (uintptr_t)address / MORTISE_GRANULE % mortise_area_granules;
            return MORTISE_LIKELY(area != NULL) ? &area[granule] : NULL;
        }
    }
    return NULL;
}

/* Acquire: whoever gets an entry by a wild address, without having got a block from the thread that
 * set the entry, sees what that thread wrote about the granule before. */
MORTISE_FAST uint64_t mortise_area_map_get(struct mortise_area_map *map, const void *address)
{
    struct mortise_area_entry *entry = mortise_area_map_at(map, address);
    return MORTISE_LIKELY(entry != NULL) ? MORTISE_LOAD_ACQUIRE(&entry->owned) : 0;
}

/* The record of who keeps the granule; for those who know that there is one. Relaxed: who got the
 * granule, or a block of it, got it after the record was made, and nobody else looks. */
MORTISE_FAST void *mortise_area_map_record(struct mortise_area_map *map, const void *address)
{
    return MORTISE_LOAD_RELAXED(&mortise_area_map_at(map, address)->record);
}

/* Makes sure that there is an entry for an address. Two threads may both map an area; the first to
 * publish wins. Release: see mortise_area_map_at. Acquire: the loser goes on with the winner's. */
MORTISE_PLAIN bool mortise_area_map_grow(struct mortise_area_map *map, const void *address)
{
    uintptr_t number = mortise_area_number(address);
    for (uintptr_t i = 0; i < mortise_area_probes; i++) {
        struct mortise_area_place *place = &map->place[(number + i) % mortise_area_places];
        uintptr_t found = 0;
        if (!MORTISE_CAS_ACQ_REL(&place->number, &found, number) && found != number)
            continue;
        if (MORTISE_LOAD_ACQUIRE(&place->area) != NULL)
            return true;
        struct mortise_area_entry *fresh =
            (struct mortise_area_entry *)mortise_os_map(mortise_area_bytes, mortise_os_page_size());
        struct mortise_area_entry *none = NULL;
        if (fresh == NULL)
            return MORTISE_LOAD_ACQUIRE(&place->area) != NULL;
        if (!MORTISE_CAS_ACQ_REL(&place->area, &none, fresh))
            (void)mortise_os_unmap(fresh, mortise_area_bytes); /* refused: lost, not wrong */
        return true;
    }
    return false;
}

/* Makes entries for all granules of [base, base + size), a range of whole granules, and gives them
 * `record`. False where an area cannot be had; then the range is not in use yet, and stays so. */
MORTISE_SLOW bool mortise_area_map_keep(struct mortise_area_map *map, void *base, size_t size,
                                        void *record)
{
    for (size_t at = 0; at < size; at += MORTISE_GRANULE) {
        char *address = (char *)base + at;
        if (!mortise_area_map_grow(map, address))
            return false;
        MORTISE_STORE_RELAXED(&mortise_area_map_at(map, address)->record, record);
    }
    return true;
}

/* The range is nobody's any more, as far as it has entries. */
MORTISE_SLOW void mortise_area_map_forget(struct mortise_area_map *map, void *base, size_t size)
{
    for (size_t at = 0; at < size; at += MORTISE_GRANULE) {
        struct mortise_area_entry *entry = mortise_area_map_at(map, (char *)base + at);
        if (entry == NULL)
            continue;
        MORTISE_STORE_RELAXED(&entry->record, NULL);
        MORTISE_STORE_RELEASE(&entry->owned, (uint64_t)0); /* see mortise_area_map_get */
    }
}

/* Enters who owns each granule of a range that is kept. Release: see mortise_area_map_get. */
MORTISE_PLAIN void mortise_area_map_set(struct mortise_area_map *map, const void *base, size_t size,
                                        uint64_t owned)
{
    for (size_t at = 0; at < size; at += MORTISE_GRANULE)
        MORTISE_STORE_RELEASE(&mortise_area_map_at(map, (const char *)base + at)->owned, owned);
}

/* The area with the least number from `number` on, or NULL. */
MORTISE_SLOW const struct mortise_area_place *
mortise_area_map_next(const struct mortise_area_map *map, uintptr_t number)
{
    const struct mortise_area_place *next = NULL;
    for (size_t i = 0; i < mortise_area_places; i++) {
        const struct mortise_area_place *place = &map->place[i];
        if (place->area != NULL && place->number >= number &&
            (next == NULL || place->number < next->number))
            next = place;
    }
    return next;
}

/* Calls visit(argument, base, record) for each granule with a record, in the order of addresses. */
MORTISE_SLOW void mortise_area_map_walk(struct mortise_area_map *map,
                                        void (*visit)(void *, void *, void *), void *argument)
{
    const struct mortise_area_place *place = mortise_area_map_next(map, 1);
    for (; place != NULL; place = mortise_area_map_next(map, place->number + 1))
        for (size_t i = 0; i < mortise_area_granules; i++)
            if (place->area[i].record != NULL)
                visit(argument,
                      (void *)(((place->number - 1) * mortise_area_granules + i) * MORTISE_GRANULE),
                      place->area[i].record);
}

MORTISE_SLOW void mortise_area_map_destroy(struct mortise_area_map *map)
{
    for (size_t i = 0; i < mortise_area_places; i++) {
        if (map->place[i].area != NULL)
            (void)mortise_os_unmap(map->place[i].area, mortise_area_bytes);
        map->place[i].area = NULL;
        map->place[i].number = 0;
    }
}

#endif
