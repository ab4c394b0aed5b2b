/* SPDX-License-Identifier: MIT */
/*
 * Which chunk serves a request, of those that an arena's bins have: the order of service of
 * ptmalloc. data/bins.h describes the bins. For one thread.
 *
 * A request is served by the first of
 *   1. the fast bin of its size, the chunk that was freed last
 *   2. the small bin of its size, the chunk that has been there longest. A large request
 *      consolidates the fast bins instead
 *   3. the unsorted bin, from the chunk that has been there longest on: one of just its size; for a
 *      small request also the last remainder, if that is the only chunk there. All others that
 *      come up are sorted into their bins
 *   4. the large bin of its size: the smallest chunk that is large enough; of several the second
 *   5. the next bin that has chunks, by the map: its smallest. What is left of a chunk goes to the
 *      unsorted bin, and is the last remainder if the request is small
 *   6. the top
 *   7. the same from 3. on, after the fast bins were consolidated, if they have chunks
 */
#ifndef MORTISE_DATA_BINS_TAKE_H
#define MORTISE_DATA_BINS_TAKE_H

#include "bins.h"

/* ---- fast bins ---- */

MORTISE_FAST bool mortise_bins_is_fast(size_t size, struct mortise_bins_rules rules)
{
    return size <= rules.fast_most;
}

MORTISE_FAST struct mortise_chunk *mortise_bins_follow(struct mortise_chunk *chunk,
                                                       struct mortise_bins_rules rules)
{
    return rules.hidden ? mortise_chunk_hide(&chunk->fd, chunk->fd) : chunk->fd;
}

/* Is what a link of a fast bin leads to a chunk of that bin? */
MORTISE_FAST bool mortise_bins_is_in_fast(const struct mortise_chunk *chunk, unsigned index)
{
    return ((uintptr_t)chunk & (MORTISE_CHUNK_ALIGN - 1)) == 0 &&
           mortise_chunk_fast_bin(mortise_chunk_size(chunk)) == index &&
           (mortise_chunk_word(chunk) & MORTISE_CHUNK_FREE) != 0;
}

MORTISE_FAST struct mortise_chunk *mortise_bins_pop_fast(struct mortise_bins *bins, unsigned index,
                                                         struct mortise_bins_rules rules)
{
    struct mortise_chunk *chunk = bins->fast[index];
    if (chunk == NULL)
        return NULL;
    if (rules.checks && MORTISE_UNLIKELY(!mortise_bins_is_in_fast(chunk, index))) {
        bins->fast[index] = NULL;
        mortise_bins_give_up(bins, NULL, chunk);
        return NULL;
    }
    struct mortise_chunk *next = mortise_bins_follow(chunk, rules);
    if (rules.checks && MORTISE_UNLIKELY(((uintptr_t)next & (MORTISE_CHUNK_ALIGN - 1)) != 0)) {
        mortise_bins_give_up(bins, NULL, chunk);
        next = NULL;
    }
    bins->fast[index] = next;
    bins->fast_chunks -= bins->fast_chunks != 0;
    mortise_chunk_set(chunk, mortise_chunk_word(chunk) & ~MORTISE_CHUNK_FREE);
    return chunk;
}

MORTISE_FAST void mortise_bins_push_fast(struct mortise_bins *bins, struct mortise_chunk *chunk,
                                         struct mortise_bins_rules rules)
{
    size_t word = mortise_chunk_word(chunk);
    unsigned index = mortise_chunk_fast_bin(word & ~MORTISE_CHUNK_FLAGS);
    struct mortise_chunk *first = bins->fast[index];
    chunk->fd = rules.hidden ? mortise_chunk_hide(&chunk->fd, first) : first;
    mortise_chunk_set(chunk, word | MORTISE_CHUNK_FREE);
    bins->fast[index] = chunk;
    bins->fast_chunks++;
}

/* Frees what the fast bins hold for good, and joins it with what is free beside it. */
MORTISE_SLOW void mortise_bins_consolidate(struct mortise_bins *bins,
                                           struct mortise_bins_rules rules)
{
    for (unsigned i = 0; i < MORTISE_BINS_FAST; i++) {
        struct mortise_chunk *chunk;
        while ((chunk = mortise_bins_pop_fast(bins, i, rules)) != NULL)
            mortise_bins_join(bins, chunk, rules.checks);
    }
    bins->fast_chunks = 0; /* also those of a list that was given up */
}

/* ---- the order of service ---- */

/* The chunk that has been in a small bin longest. */
MORTISE_FAST struct mortise_chunk *mortise_bins_take_small(struct mortise_bins *bins, size_t need,
                                                           struct mortise_bins_rules rules)
{
    struct mortise_chunk *head = &bins->bin[mortise_chunk_bin(need)];
    struct mortise_chunk *chunk = head->bk;
    if (chunk == head)
        return NULL;
    if (rules.checks && MORTISE_UNLIKELY(chunk->bk->fd != chunk)) {
        mortise_bins_give_up(bins, head, chunk);
        return NULL;
    }
    chunk->bk->fd = head;
    head->bk = chunk->bk;
    mortise_bins_use(bins, chunk, need);
    return chunk;
}

MORTISE_FAST bool mortise_bins_is_sound(const struct mortise_bins *bins,
                                        struct mortise_chunk *chunk, struct mortise_chunk *head)
{
    size_t size = mortise_chunk_size(chunk);
    if (size < MORTISE_CHUNK_LEAST || size > bins->held)
        return false;
    struct mortise_chunk *next = mortise_chunk_at(chunk, size);
    return next->prev_size == size && !mortise_chunk_prev_in_use(next) && chunk->bk->fd == chunk &&
           chunk->fd == head;
}

/* Looks at the unsorted chunks, each once: one of just the size that is needed is the answer. */
MORTISE_PLAIN struct mortise_chunk *mortise_bins_sort_all(struct mortise_bins *bins, size_t need,
                                                          struct mortise_bins_rules rules)
{
    struct mortise_chunk *head = &bins->bin[MORTISE_BINS_UNSORTED];
    for (unsigned sorted = 0; head->bk != head && sorted < MORTISE_BINS_SORT_MOST; sorted++) {
        struct mortise_chunk *chunk = head->bk;
        size_t size = mortise_chunk_size(chunk);
        if (rules.checks && MORTISE_UNLIKELY(!mortise_bins_is_sound(bins, chunk, head))) {
            mortise_bins_give_up(bins, head, chunk);
            return NULL;
        }
        bool sole = chunk->bk == head;
        head->bk = chunk->bk;
        chunk->bk->fd = head;
        if (mortise_chunk_is_small(need) && sole && chunk == bins->last_remainder &&
            size > need + MORTISE_CHUNK_LEAST) {
            bins->last_remainder = mortise_bins_split(bins, chunk, size, need);
            return chunk;
        }
        if (size == need) {
            mortise_bins_use(bins, chunk, size);
            return chunk;
        }
        mortise_bins_sort(bins, chunk, size);
    }
    return NULL;
}

/* The best fit of the large bin of a size. */
MORTISE_PLAIN struct mortise_chunk *mortise_bins_take_large(struct mortise_bins *bins, size_t need,
                                                            struct mortise_bins_rules rules)
{
    struct mortise_chunk *head = &bins->bin[mortise_chunk_bin(need)];
    struct mortise_chunk *chunk = head->fd;
    if (chunk == head || mortise_chunk_size(chunk) < need)
        return NULL;
    size_t size;
    chunk = chunk->bk_nextsize;
    while ((size = mortise_chunk_size(chunk)) < need)
        chunk = chunk->bk_nextsize;
    if (chunk != head->bk && mortise_chunk_size(chunk->fd) == size)
        chunk = chunk->fd; /* the first one of a size is in the ring of sizes: leave it there */
    if (!mortise_bins_unlink(bins, chunk, rules.checks)) {
        mortise_bins_give_up(bins, head, chunk);
        return NULL;
    }
    mortise_bins_split(bins, chunk, size, need);
    return chunk;
}

/* The first bin from `index` on that may have chunks, or MORTISE_BINS. */
MORTISE_FAST unsigned mortise_bins_next(const struct mortise_bins *bins, unsigned index)
{
    while (index < MORTISE_BINS) {
        uint32_t bits = bins->map[index / 32] >> index % 32;
        if (bits != 0)
            return index + mortise_lowest_bit(bits);
        index = (index / 32 + 1) * 32;
    }
    return MORTISE_BINS;
}

/* The smallest chunk of the first bin, from `index` on, that has any. */
MORTISE_PLAIN struct mortise_chunk *mortise_bins_take_next(struct mortise_bins *bins,
                                                           unsigned index, size_t need,
                                                           struct mortise_bins_rules rules)
{
    while ((index = mortise_bins_next(bins, index)) < MORTISE_BINS) {
        struct mortise_chunk *head = &bins->bin[index];
        struct mortise_chunk *chunk = head->bk;
        if (chunk == head) {
            bins->map[index / 32] &= ~((uint32_t)1 << index % 32);
            continue;
        }
        size_t size = mortise_chunk_size(chunk);
        if (!mortise_bins_unlink(bins, chunk, rules.checks)) {
            mortise_bins_give_up(bins, head, chunk);
            continue;
        }
        struct mortise_chunk *rest = mortise_bins_split(bins, chunk, size, need);
        if (rest != NULL && mortise_chunk_is_small(need))
            bins->last_remainder = rest;
        return chunk;
    }
    return NULL;
}

MORTISE_FAST struct mortise_chunk *mortise_bins_take_top(struct mortise_bins *bins, size_t need)
{
    struct mortise_chunk *chunk = bins->top;
    size_t size = mortise_chunk_size(chunk);
    if (size < need + MORTISE_CHUNK_LEAST)
        return NULL;
    mortise_chunk_set(chunk, need | MORTISE_CHUNK_PREV_INUSE | bins->flag);
    mortise_bins_set_top(bins, mortise_chunk_at(chunk, need), size - need);
    return chunk;
}

/* From the third step on, in a bin of its own: what is sorted there, or any larger one. */
MORTISE_PLAIN struct mortise_chunk *mortise_bins_search(struct mortise_bins *bins, size_t need,
                                                        struct mortise_bins_rules rules)
{
    for (;;) {
        struct mortise_chunk *chunk = mortise_bins_sort_all(bins, need, rules);
        if (chunk == NULL && !mortise_chunk_is_small(need))
            chunk = mortise_bins_take_large(bins, need, rules);
        if (chunk == NULL)
            chunk = mortise_bins_take_next(bins, mortise_chunk_bin(need) + 1, need, rules);
        if (chunk == NULL)
            chunk = mortise_bins_take_top(bins, need);
        if (chunk != NULL || bins->fast_chunks == 0)
            return chunk;
        mortise_bins_consolidate(bins, rules);
    }
}

/* A used chunk of at least `need` bytes, or NULL. */
MORTISE_PLAIN struct mortise_chunk *mortise_bins_take(struct mortise_bins *bins, size_t need,
                                                      struct mortise_bins_rules rules)
{
    struct mortise_chunk *chunk = NULL;
    if (MORTISE_UNLIKELY(bins->top == NULL))
        return NULL;
    if (mortise_bins_is_fast(need, rules))
        chunk = mortise_bins_pop_fast(bins, mortise_chunk_fast_bin(need), rules);
    if (chunk == NULL && mortise_chunk_is_small(need))
        chunk = mortise_bins_take_small(bins, need, rules);
    else if (chunk == NULL && bins->fast_chunks != 0)
        mortise_bins_consolidate(bins, rules);
    return chunk != NULL ? chunk : mortise_bins_search(bins, need, rules);
}

#endif
