/* SPDX-License-Identifier: MIT */
/*
 * Blocks of one size in folios, of which the fullest that has room serves. For one thread.
 *
 * A folio is the fewest pages that hold a whole number of blocks, which makes 64 blocks of any odd
 * number of cache lines, and one block of 4 KB and more that is a power of two. Folios lie side by
 * side in chunks. That the fullest serves lets the others run empty, so that their pages can go
 * back: the folio is the unit of that, the chunk stays.
 *
 * Folios are in lists by how many free blocks they have; those without pages come last, and after
 * them what was never used of a chunk. Words of bits say which lists are not empty, so that the
 * fullest is found in a few steps however many there are. All records lie out of band, that of a
 * folio is a cache line; free blocks are bits in it and are not touched.
 *
 * Invariants: a folio with `room` free blocks, a bit for each, is in by_room[room + bare] if room
 *     is not 0, in none if it is 0 or while it is lent; bit k of `some` is set exactly if
 *     by_room[k] has a folio; `empties` is how many are in by_room[blocks]. `busy` of a chunk is
 *     how many of its folios have blocks out or are lent; the first `carved` of its folios were
 *     ever used. A chunk is in `fresh` as long as carved < folios, then in `full`.
 */
#ifndef MORTISE_DATA_FOLIO_H
#define MORTISE_DATA_FOLIO_H

#include "../core/bits.h"
#include "../core/owned.h"
#include "../core/poison.h"

enum {
    mortise_folio_page = 4096,
    mortise_folio_most = 256, /* blocks: of 16 bytes or any odd multiple of that */
    mortise_folio_lists = mortise_folio_most + 2,
    mortise_folio_words = mortise_folio_lists / 64 + 1
};

struct mortise_folio_chunk;

struct mortise_folio {
    struct mortise_folio *next, *prev;
    struct mortise_folio_chunk *chunk;
    uint16_t room;  /* free blocks */
    uint16_t shift; /* bytes from its beginning to the block, where it has just one */
    bool bare;      /* empty, and without pages */
    uint64_t free[mortise_folio_most / 64];
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

/* The records of its folios lie behind that of a chunk. */
struct mortise_folio_chunk {
    struct mortise_folio_chunk *next, *prev;
    char *base;
    size_t bytes;
    uint64_t region_owned; /* who the region was recorded for, to be freed with it */
    uint32_t szcls;
    uint32_t folios;
    uint32_t carved;
    uint32_t busy;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

/* The folios of one size class. */
struct mortise_folios {
    uint64_t some[mortise_folio_words];
    size_t block; /* bytes */
    size_t bytes; /* of a folio */
    uint32_t blocks;
    uint32_t reciprocal; /* of block in units of 16, times 2^31, rounded up: see sizeclass.h */
    uint32_t spare;      /* empty folios that keep their pages */
    uint32_t empties;
    uint64_t pages_reciprocal; /* of a folio: 2^32 divided by its pages, rounded up */
    size_t out;                /* blocks */
    size_t there_are;          /* blocks in chunks, also in what was never used of them */
    struct mortise_folio_chunk *fresh, *full;
    struct mortise_folio *by_room[mortise_folio_lists];
};

struct mortise_folio_shape {
    size_t bytes;
    uint32_t blocks;
};

/* The least common multiple of block and page, but for blocks that would make a folio larger than
 * `most`: each of these has one of its own. */
MORTISE_FAST struct mortise_folio_shape mortise_folio_shape(size_t block, size_t most)
{
    size_t low = block & (0 - block);
    uint32_t blocks = low < mortise_folio_page ? (uint32_t)(mortise_folio_page / low) : 1;
    struct mortise_folio_shape shape = {block * blocks, blocks};
    if (shape.bytes > most) {
        shape.bytes = mortise_round_up(block, mortise_folio_page);
        shape.blocks = 1;
    }
    return shape;
}

/* Bytes of the records of a chunk with so many folios. */
MORTISE_FAST size_t mortise_folio_record_bytes(size_t folios)
{
    return sizeof(struct mortise_folio_chunk) + folios * sizeof(struct mortise_folio);
}

/* Folios of up to 1 MiB in chunks of up to 64 MiB. */
MORTISE_SLOW void mortise_folios_begin(struct mortise_folios *list, size_t block,
                                       uint32_t reciprocal, struct mortise_folio_shape shape)
{
    uint64_t pages = shape.bytes / mortise_folio_page;
    list->block = block;
    list->reciprocal = reciprocal;
    list->bytes = shape.bytes;
    list->blocks = shape.blocks;
    list->pages_reciprocal = (((uint64_t)1 << 32) + pages - 1) / pages;
}

MORTISE_FAST struct mortise_folio *mortise_folio_first(struct mortise_folio_chunk *chunk)
{
    return (struct mortise_folio *)(void *)(chunk + 1);
}

MORTISE_FAST char *mortise_folio_base(const struct mortise_folios *list,
                                      const struct mortise_folio *folio)
{
    struct mortise_folio_chunk *chunk = folio->chunk;
    return chunk->base + (size_t)(folio - mortise_folio_first(chunk)) * list->bytes;
}

/* ---- lists ---- */

MORTISE_FAST void mortise_folio_link(struct mortise_folios *list, struct mortise_folio *folio)
{
    unsigned k = folio->room + (unsigned)folio->bare;
    folio->prev = NULL;
    folio->next = list->by_room[k];
    if (folio->next != NULL)
        folio->next->prev = folio;
    list->by_room[k] = folio;
    list->some[k / 64] |= (uint64_t)1 << (k % 64);
    list->empties += k == list->blocks;
}

MORTISE_FAST void mortise_folio_unlink(struct mortise_folios *list, struct mortise_folio *folio)
{
    unsigned k = folio->room + (unsigned)folio->bare;
    if (folio->next != NULL)
        folio->next->prev = folio->prev;
    if (folio->prev != NULL)
        folio->prev->next = folio->next;
    else
        list->by_room[k] = folio->next;
    if (list->by_room[k] == NULL)
        list->some[k / 64] &= ~((uint64_t)1 << (k % 64));
    list->empties -= k == list->blocks;
}

MORTISE_PLAIN void mortise_folio_link_chunk(struct mortise_folio_chunk **first,
                                            struct mortise_folio_chunk *chunk)
{
    chunk->prev = NULL;
    chunk->next = *first;
    if (*first != NULL)
        (*first)->prev = chunk;
    *first = chunk;
}

MORTISE_PLAIN void mortise_folio_unlink_chunk(struct mortise_folio_chunk **first,
                                              struct mortise_folio_chunk *chunk)
{
    if (chunk->next != NULL)
        chunk->next->prev = chunk->prev;
    if (chunk->prev != NULL)
        chunk->prev->next = chunk->next;
    else
        *first = chunk->next;
}

/* ---- blocks ---- */

/* The next folio of a chunk that was never used, in no list; NULL: there is none. */
MORTISE_SLOW struct mortise_folio *mortise_folio_carve(struct mortise_folios *list)
{
    struct mortise_folio_chunk *chunk = list->fresh;
    if (chunk == NULL)
        return NULL;
    struct mortise_folio *folio = mortise_folio_first(chunk) + chunk->carved++;
    if (chunk->carved == chunk->folios) {
        mortise_folio_unlink_chunk(&list->fresh, chunk);
        mortise_folio_link_chunk(&list->full, chunk);
    }
    mortise_set(folio, 0, sizeof *folio);
    folio->chunk = chunk;
    folio->room = (uint16_t)list->blocks;
    for (uint32_t i = 0; i < list->blocks; i += 64)
        folio->free[i / 64] =
            list->blocks - i < 64 ? ((uint64_t)1 << (list->blocks - i)) - 1 : UINT64_MAX;
    return folio;
}

/* The fullest folio with room, taken out of its list; NULL: there is none. */
MORTISE_FAST struct mortise_folio *mortise_folio_fullest(struct mortise_folios *list)
{
    struct mortise_folio *folio = NULL;
    for (unsigned i = 0; i < mortise_folio_words; i++) {
        if (list->some[i] == 0)
            continue;
        folio = list->by_room[i * 64 + mortise_lowest_bit(list->some[i])];
        mortise_folio_unlink(list, folio);
        break;
    }
    if (folio == NULL)
        folio = mortise_folio_carve(list);
    if (folio != NULL && folio->room == list->blocks) {
        folio->bare = false;
        folio->chunk->busy++;
    }
    return folio;
}

/* A block of a folio that has room and is in no list: the one with the lowest address. */
MORTISE_FAST void *mortise_folio_take(struct mortise_folios *list, struct mortise_folio *folio)
{
    unsigned i = 0;
    while (folio->free[i] == 0)
        i++;
    size_t index = i * 64 + mortise_lowest_bit(folio->free[i]);
    folio->free[i] &= folio->free[i] - 1;
    folio->room--;
    list->out++;
    return mortise_folio_base(list, folio) + index * list->block;
}

/* A folio and the number of a block in it; NULL: there is none at the address. */
struct mortise_folio_place {
    struct mortise_folio *folio;
    size_t index;
};

/* The number of the folio by a multiplication: exact, since page and pages are at most 2^14, so
 * that the reciprocal is too large by less than 1, and the product by less than 2^-18, which is
 * below 1 / pages, the least distance to the next integer. */
MORTISE_FAST struct mortise_folio_place mortise_folio_find(const struct mortise_folios *list,
                                                           struct mortise_folio_chunk *chunk,
                                                           const void *block)
{
    struct mortise_folio_place place = {NULL, 0};
    size_t offset = (size_t)((const char *)block - chunk->base);
    uint64_t page = offset / mortise_folio_page;
    uint64_t number = page * list->pages_reciprocal >> 32;
    if (MORTISE_UNLIKELY(number >= chunk->carved))
        return place;
    struct mortise_folio *folio = mortise_folio_first(chunk) + number;
    offset -= (size_t)number * list->bytes;
    if (list->blocks != 1)
        place.index = (size_t)((uint64_t)(offset / 16) * list->reciprocal >> 31);
    if (MORTISE_LIKELY(place.index * list->block + folio->shift == offset))
        place.folio = folio;
    return place;
}

MORTISE_FAST bool mortise_folio_is_free(struct mortise_folio_place place)
{
    return (place.folio->free[place.index / 64] >> (place.index % 64) & 1) != 0;
}

/* Gives a block back that is out. A folio that it leaves empty, beyond those that keep their pages,
 * is lent: it goes to the chain, linked by next. */
MORTISE_FAST void mortise_folio_give(struct mortise_folios *list, struct mortise_folio_place place,
                                     struct mortise_folio **lent)
{
    struct mortise_folio *folio = place.folio;
    if (folio->room != 0)
        mortise_folio_unlink(list, folio);
    folio->free[place.index / 64] |= (uint64_t)1 << (place.index % 64);
    folio->room++;
    list->out--;
    if (MORTISE_UNLIKELY(folio->room == list->blocks)) {
        if (list->empties >= list->spare) {
            folio->next = *lent;
            *lent = folio;
            return;
        }
        folio->chunk->busy--;
    }
    mortise_folio_link(list, folio);
}

#endif
