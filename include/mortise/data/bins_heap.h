/* SPDX-License-Identifier: MIT */
/*
 * What one does with the bins of an arena: allocate, free and resize. data/chunk.h describes
 * chunks, data/bins.h the bins, data/bins_take.h which chunk serves, data/bins_area.h where memory
 * is from.
 * For one thread; no function here enters the system.
 */
#ifndef MORTISE_DATA_BINS_HEAP_H
#define MORTISE_DATA_BINS_HEAP_H

#include "bins_take.h"
#include "cut.h"

/* A payload of `need` chunk bytes (of mortise_chunk_for); what is known to be zero of it counts. */
MORTISE_FAST struct mortise_cut mortise_bins_alloc(struct mortise_bins *bins, size_t need,
                                                   struct mortise_bins_rules rules)
{
    struct mortise_cut cut = {NULL, 0, 0};
    uintptr_t fresh = bins->fresh;
    struct mortise_chunk *chunk = mortise_bins_take(bins, need, rules);
    if (chunk == NULL)
        return cut;
    size_t size = mortise_chunk_size(chunk);
    bins->used += size;
    cut.payload = mortise_chunk_payload(chunk);
    cut.usable = cut.dirty = size - MORTISE_CHUNK_WORD;
    if (mortise_chunk_at(chunk, size) == bins->top && fresh < (uintptr_t)cut.payload + cut.usable)
        cut.dirty = fresh > (uintptr_t)cut.payload ? fresh - (uintptr_t)cut.payload : 0;
    return cut;
}

/* The size of a chunk in which `need` bytes at a multiple of `align` fit for sure; 0: too large. */
MORTISE_FAST size_t mortise_bins_room(size_t need, size_t align)
{
    if (align <= MORTISE_CHUNK_ALIGN || need == 0)
        return need;
    if (align >= MORTISE_MAX_SIZE / 4 || need >= MORTISE_MAX_SIZE / 4)
        return 0;
    return need + align + MORTISE_CHUNK_LEAST;
}

/* Cuts a used chunk down to `need` bytes, and frees the rest if that is a chunk. */
MORTISE_PLAIN void mortise_bins_cut_down(struct mortise_bins *bins, struct mortise_chunk *chunk,
                                         size_t need, struct mortise_bins_rules rules)
{
    size_t word = mortise_chunk_word(chunk);
    size_t size = word & ~MORTISE_CHUNK_FLAGS;
    if (size - need < MORTISE_CHUNK_LEAST)
        return;
    struct mortise_chunk *rest = mortise_chunk_at(chunk, need);
    mortise_chunk_set(chunk, need | (word & MORTISE_CHUNK_FLAGS));
    mortise_chunk_set(rest, (size - need) | MORTISE_CHUNK_PREV_INUSE | bins->flag);
    mortise_bins_join(bins, rest, rules.checks);
}

/* A payload at a multiple of `align`: from a chunk that is larger, of which the rest on either side
 * is freed. */
MORTISE_SLOW struct mortise_cut mortise_bins_alloc_aligned(struct mortise_bins *bins, size_t need,
                                                           size_t align,
                                                           struct mortise_bins_rules rules)
{
    struct mortise_cut cut = {NULL, 0, 0};
    struct mortise_chunk *chunk = mortise_bins_take(bins, mortise_bins_room(need, align), rules);
    if (chunk == NULL)
        return cut;
    uintptr_t payload = (uintptr_t)mortise_chunk_payload(chunk);
    uintptr_t aligned = mortise_round_up(payload, align);
    if (aligned != payload && aligned - payload < MORTISE_CHUNK_LEAST)
        aligned += align;
    size_t lead = aligned - payload;
    if (lead != 0) {
        struct mortise_chunk *first = chunk;
        size_t word = mortise_chunk_word(first);
        chunk = mortise_chunk_at(first, lead);
        mortise_chunk_set(chunk, ((word & ~MORTISE_CHUNK_FLAGS) - lead) | MORTISE_CHUNK_PREV_INUSE |
                                     bins->flag);
        mortise_chunk_set(first, lead | (word & MORTISE_CHUNK_FLAGS));
        mortise_bins_join(bins, first, rules.checks);
    }
    mortise_bins_cut_down(bins, chunk, need, rules);
    bins->used += mortise_chunk_size(chunk);
    cut.payload = mortise_chunk_payload(chunk);
    cut.usable = cut.dirty = mortise_chunk_usable(cut.payload);
    return cut;
}

/* What is wrong with a payload that is to be freed or resized. */
MORTISE_FAST enum mortise_error mortise_bins_judge(const struct mortise_bins *bins,
                                                   struct mortise_chunk *chunk,
                                                   struct mortise_bins_rules rules)
{
    size_t word = mortise_chunk_word(chunk);
    size_t size = word & ~MORTISE_CHUNK_FLAGS;
    if (MORTISE_UNLIKELY((word & MORTISE_CHUNK_FREE) != 0))
        return MORTISE_DOUBLE_FREE;
    if (!rules.checks)
        return MORTISE_OK;
    if (MORTISE_UNLIKELY(size < MORTISE_CHUNK_LEAST || size > bins->used ||
                         (word & MORTISE_CHUNK_MAPPED) != 0 ||
                         (word & MORTISE_CHUNK_OTHER_ARENA) != bins->flag))
        return MORTISE_CORRUPT;
    size_t next = mortise_chunk_word(mortise_chunk_at(chunk, size));
    if (MORTISE_UNLIKELY((next & MORTISE_CHUNK_PREV_INUSE) == 0))
        return MORTISE_DOUBLE_FREE;
    return MORTISE_UNLIKELY(next < MORTISE_CHUNK_ALIGN ||
                            (next & ~MORTISE_CHUNK_FLAGS) > bins->held)
               ? MORTISE_CORRUPT
               : MORTISE_OK;
}

/* Frees a payload that was judged. The size of the free chunk that it is part of now, 0: it is in a
 * fast bin. */
MORTISE_FAST size_t mortise_bins_free(struct mortise_bins *bins, void *payload,
                                      struct mortise_bins_rules rules)
{
    struct mortise_chunk *chunk = mortise_chunk_of(payload);
    size_t size = mortise_chunk_size(chunk);
    bins->used -= size;
    if (mortise_bins_is_fast(size, rules)) {
        mortise_bins_push_fast(bins, chunk, rules);
        return 0;
    }
    return mortise_bins_join(bins, chunk, rules.checks);
}

/* Changes the size of a used chunk where it is: down, or up into the top or a free chunk behind it.
 * False when there is no room. */
MORTISE_SLOW bool mortise_bins_resize(struct mortise_bins *bins, void *payload, size_t need,
                                      struct mortise_bins_rules rules)
{
    struct mortise_chunk *chunk = mortise_chunk_of(payload);
    size_t word = mortise_chunk_word(chunk);
    size_t size = word & ~MORTISE_CHUNK_FLAGS;
    struct mortise_chunk *next = mortise_chunk_at(chunk, size);
    size_t room = size + mortise_chunk_size(next);
    if (need <= size) {
        mortise_bins_cut_down(bins, chunk, need, rules);
    } else if (next == bins->top && room >= need + MORTISE_CHUNK_LEAST) {
        mortise_chunk_set(chunk, need | (word & MORTISE_CHUNK_FLAGS));
        mortise_bins_set_top(bins, mortise_chunk_at(chunk, need), room - need);
    } else if (next != bins->top && room >= need &&
               !mortise_chunk_prev_in_use(mortise_chunk_next(next)) &&
               mortise_bins_unlink(bins, next, rules.checks)) {
        mortise_bins_split(bins, chunk, room, need);
    } else {
        return false;
    }
    bins->used += mortise_chunk_size(chunk) - size; /* modulo 2^n */
    return true;
}

/* Takes all chunks of at least `least` bytes, a large size, out of their bins, marked used and
 * linked by fd; mortise_bins_free on each one's payload undoes it. */
MORTISE_SLOW struct mortise_chunk *mortise_bins_detach(struct mortise_bins *bins, size_t least,
                                                       struct mortise_bins_rules rules)
{
    struct mortise_chunk *chain = NULL, *chunk;
    while ((chunk = bins->bin[MORTISE_BINS_UNSORTED].bk) != &bins->bin[MORTISE_BINS_UNSORTED]) {
        if (!mortise_bins_unlink(bins, chunk, rules.checks)) {
            mortise_bins_give_up(bins, &bins->bin[MORTISE_BINS_UNSORTED], chunk);
            break;
        }
        mortise_bins_sort(bins, chunk, mortise_chunk_size(chunk));
    }
    for (unsigned i = mortise_chunk_bin(least); i < MORTISE_BINS; i++) {
        struct mortise_chunk *head = &bins->bin[i];
        while ((chunk = head->fd) != head && mortise_chunk_size(chunk) >= least) {
            if (!mortise_bins_unlink(bins, chunk, rules.checks)) {
                mortise_bins_give_up(bins, head, chunk);
                break;
            }
            mortise_bins_use(bins, chunk, mortise_chunk_size(chunk));
            bins->used += mortise_chunk_size(chunk);
            chunk->fd = chain;
            chain = chunk;
        }
    }
    return chain;
}

#endif
