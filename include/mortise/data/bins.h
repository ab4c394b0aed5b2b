/* SPDX-License-Identifier: MIT */
/*
 * Bins of free chunks: the heap of one arena of ptmalloc, for one thread and without policies.
 * data/chunk.h describes chunks, data/bins_heap.h what one does with them.
 *
 * A free chunk is in one of
 *   fast bins     one list for each size up to rules.fast_most, last in, first out. Such a chunk is
 *                 in use as far as its neighbours know, until all are consolidated
 *   the unsorted  a queue of what was freed, merged or split off, until it is looked at once
 *   small bins    one list for each size, first in, first out
 *   large bins    descending by size; the first chunk of each size is also in a ring of sizes
 *   the top       the end of the newest area, in no list
 * A bit in `map` tells that a bin may have chunks; it is cleared when the bin is found empty.
 *
 * Memory comes in areas. Each begins with a heap_info and ends with the top or, once another area
 * is newer, with two chunks that nobody frees (the fence).
 *
 * Invariants: no two neighbouring chunks are free, but for those in fast bins; sizes and flags are
 * as chunk.h says; a chunk is in the list of its size exactly while it is free; [fresh, end of the
 * top) has never been handed out and is zero.
 * Bounds: none; a request may consolidate all fast bins and sort 10,000 chunks.
 *
 * All-zero memory is an arena without areas. With rules.checks, a list whose links or sizes do not
 * agree is given up as a whole, and `corrupt` names the chunk at which that was found.
 */
#ifndef MORTISE_DATA_BINS_H
#define MORTISE_DATA_BINS_H

#include "../core/error.h"
#include "chunk.h"

enum {
    MORTISE_BINS = 127,
    MORTISE_BINS_UNSORTED = 1,
    MORTISE_BINS_FAST = 9,         /* 32..160 by 16 */
    MORTISE_BINS_SORT_MOST = 10000 /* chunks that one request takes from the unsorted bin */
};

/* Constants of whoever uses the bins. */
struct mortise_bins_rules {
    bool checks;      /* look at links and sizes before they are believed */
    bool hidden;      /* the links of fast bins are stored mixed with their address */
    size_t fast_most; /* the largest chunk of a fast bin, 0: none */
};

struct mortise_bins;

/* The beginning of an area. */
struct mortise_heap_info {
    struct mortise_bins *bins;
    struct mortise_heap_info *prev; /* the area before, of the same arena */
    size_t size;                    /* of the area, in bytes */
    struct mortise_chunk *fence;    /* its last chunks, once it is not the newest */
    size_t lead;                    /* bytes behind this that are not the bins' */
    uint64_t region_owned;          /* what it goes back with, if it goes as it came */
};

struct mortise_bins {
    struct mortise_chunk *fast[MORTISE_BINS_FAST];
    size_t fast_chunks; /* in fast bins */
    struct mortise_chunk *top;
    struct mortise_chunk *last_remainder; /* of the last small request that was split off a bin */
    struct mortise_heap_info *info;       /* the newest area */
    struct mortise_chunk *corrupt;
    size_t flag; /* MORTISE_CHUNK_OTHER_ARENA, or 0 */
    size_t held; /* bytes in areas */
    size_t used; /* of these, in chunks that are handed out */
    uintptr_t fresh;
    uint32_t map[(MORTISE_BINS + 31) / 32];
    struct mortise_chunk bin[MORTISE_BINS]; /* heads of rings */
};

MORTISE_SLOW void mortise_bins_begin(struct mortise_bins *bins)
{
    for (unsigned i = 0; i < MORTISE_BINS; i++) {
        struct mortise_chunk *head = &bins->bin[i];
        head->fd = head->bk = head;
        head->fd_nextsize = head->bk_nextsize = head; /* not NULL: see mortise_bins_unlink */
    }
}

/* The list of bin `index` cannot be believed. */
MORTISE_SLOW void mortise_bins_give_up(struct mortise_bins *bins, struct mortise_chunk *head,
                                       struct mortise_chunk *chunk)
{
    if (head != NULL)
        head->fd = head->bk = head;
    bins->corrupt = chunk;
}

/* ---- lists ---- */

MORTISE_FAST bool mortise_bins_is_linked(struct mortise_chunk *chunk)
{
    if (chunk->fd->bk != chunk || chunk->bk->fd != chunk)
        return false;
    return mortise_chunk_is_small(mortise_chunk_size(chunk)) || chunk->fd_nextsize == NULL ||
           (chunk->fd_nextsize->bk_nextsize == chunk && chunk->bk_nextsize->fd_nextsize == chunk);
}

/* Takes a chunk out of its bin. False where what it says of itself does not agree. The head of a
 * bin is behind the smallest chunk; that is in the ring of sizes only if it is the sole one of its
 * size, so nobody is to take its place there: the head's own link says so. */
MORTISE_PLAIN bool mortise_bins_unlink(struct mortise_bins *bins, struct mortise_chunk *chunk,
                                       bool checks)
{
    struct mortise_chunk *fd = chunk->fd, *bk = chunk->bk;
    size_t size = mortise_chunk_size(chunk);
    if (checks && MORTISE_UNLIKELY(size < MORTISE_CHUNK_LEAST || size > bins->held ||
                                   mortise_chunk_next(chunk)->prev_size != size ||
                                   !mortise_bins_is_linked(chunk))) {
        mortise_bins_give_up(bins, NULL, chunk);
        return false;
    }
    fd->bk = bk;
    bk->fd = fd;
    if (mortise_chunk_is_small(size) || chunk->fd_nextsize == NULL)
        return true;
    struct mortise_chunk *fds = chunk->fd_nextsize, *bks = chunk->bk_nextsize;
    if (fd->fd_nextsize != NULL) {
        fds->bk_nextsize = bks;
        bks->fd_nextsize = fds;
    } else if (fds == chunk) {
        fd->fd_nextsize = fd->bk_nextsize = fd;
    } else {
        fd->fd_nextsize = fds;
        fd->bk_nextsize = bks;
        fds->bk_nextsize = bks->fd_nextsize = fd;
    }
    return true;
}

MORTISE_FAST void mortise_bins_link(struct mortise_chunk *bk, struct mortise_chunk *chunk,
                                    struct mortise_chunk *fd)
{
    chunk->bk = bk;
    chunk->fd = fd;
    bk->fd = chunk;
    fd->bk = chunk;
}

/* Makes [chunk, chunk + size), in no list, a free chunk at the front of the unsorted bin. The chunk
 * before it is in use, the one behind knows that this one is not. */
MORTISE_FAST void mortise_bins_put_unsorted(struct mortise_bins *bins, struct mortise_chunk *chunk,
                                            size_t size)
{
    struct mortise_chunk *head = &bins->bin[MORTISE_BINS_UNSORTED];
    struct mortise_chunk *first = head->fd;
    mortise_chunk_set(chunk, size | MORTISE_CHUNK_PREV_INUSE | MORTISE_CHUNK_FREE | bins->flag);
    mortise_chunk_at(chunk, size)->prev_size = size;
    if (!mortise_chunk_is_small(size))
        chunk->fd_nextsize = chunk->bk_nextsize = NULL;
    mortise_bins_link(head, chunk, first);
}

/* Puts a chunk of `size` where the descending order of its large bin wants it; of several of one
 * size it becomes the second, so that the ring of sizes need not change. */
MORTISE_PLAIN void mortise_bins_put_large(struct mortise_chunk *head, struct mortise_chunk *chunk,
                                          size_t size)
{
    struct mortise_chunk *fwd = head->fd;
    if (fwd == head) {
        chunk->fd_nextsize = chunk->bk_nextsize = chunk;
        mortise_bins_link(head, chunk, head);
        return;
    }
    struct mortise_chunk *first = fwd;
    if (size < mortise_chunk_size(head->bk)) {
        fwd = head;
    } else {
        while (size < mortise_chunk_size(first))
            first = first->fd_nextsize;
        fwd = first;
    }
    if (fwd != head && size == mortise_chunk_size(fwd)) {
        mortise_bins_link(fwd, chunk, fwd->fd);
        return;
    }
    chunk->fd_nextsize = first;
    chunk->bk_nextsize = first->bk_nextsize;
    first->bk_nextsize->fd_nextsize = chunk;
    first->bk_nextsize = chunk;
    mortise_bins_link(fwd->bk, chunk, fwd);
}

/* Puts a chunk, that is in no list, in its small or large bin. */
MORTISE_PLAIN void mortise_bins_sort(struct mortise_bins *bins, struct mortise_chunk *chunk,
                                     size_t size)
{
    unsigned index = mortise_chunk_bin(size);
    struct mortise_chunk *head = &bins->bin[index];
    bins->map[index / 32] |= (uint32_t)1 << index % 32;
    if (mortise_chunk_is_small(size))
        mortise_bins_link(head, chunk, head->fd);
    else
        mortise_bins_put_large(head, chunk, size);
}

/* ---- chunks in no list ---- */

/* Marks a chunk used with all of its `size` bytes. */
MORTISE_FAST void mortise_bins_use(struct mortise_bins *bins, struct mortise_chunk *chunk,
                                   size_t size)
{
    struct mortise_chunk *next = mortise_chunk_at(chunk, size);
    size_t prev = mortise_chunk_word(chunk) & MORTISE_CHUNK_PREV_INUSE;
    mortise_chunk_set(chunk, size | prev | bins->flag);
    mortise_chunk_set(next, mortise_chunk_word(next) | MORTISE_CHUNK_PREV_INUSE);
}

/* Marks the first `need` of a chunk's `size` bytes used; the rest, where it is large enough for a
 * chunk, goes to the unsorted bin. The rest, or NULL. */
MORTISE_FAST struct mortise_chunk *
mortise_bins_split(struct mortise_bins *bins, struct mortise_chunk *chunk, size_t size, size_t need)
{
    if (size - need < MORTISE_CHUNK_LEAST) {
        mortise_bins_use(bins, chunk, size);
        return NULL;
    }
    struct mortise_chunk *rest = mortise_chunk_at(chunk, need);
    size_t prev = mortise_chunk_word(chunk) & MORTISE_CHUNK_PREV_INUSE;
    mortise_chunk_set(chunk, need | prev | bins->flag);
    mortise_bins_put_unsorted(bins, rest, size - need);
    return rest;
}

MORTISE_FAST void mortise_bins_set_top(struct mortise_bins *bins, struct mortise_chunk *chunk,
                                       size_t size)
{
    uintptr_t written = (uintptr_t)chunk + MORTISE_CHUNK_HEAD;
    mortise_chunk_set(chunk, size | MORTISE_CHUNK_PREV_INUSE | MORTISE_CHUNK_FREE | bins->flag);
    bins->top = chunk;
    if (bins->fresh < written)
        bins->fresh = written;
}

/* Joins a chunk, that is in no list and marked used, with its free neighbours and makes the whole
 * free. Its size. */
MORTISE_PLAIN size_t mortise_bins_join(struct mortise_bins *bins, struct mortise_chunk *chunk,
                                       bool checks)
{
    size_t size = mortise_chunk_size(chunk);
    mortise_chunk_set(chunk, mortise_chunk_word(chunk) | MORTISE_CHUNK_FREE);
    if (!mortise_chunk_prev_in_use(chunk)) {
        struct mortise_chunk *prev = mortise_chunk_before(chunk);
        if (checks && MORTISE_UNLIKELY(chunk->prev_size > bins->held ||
                                       mortise_chunk_size(prev) != chunk->prev_size)) {
            mortise_bins_give_up(bins, NULL, chunk);
        } else if (mortise_bins_unlink(bins, prev, checks)) {
            size += mortise_chunk_size(prev);
            chunk = prev;
        }
    }
    struct mortise_chunk *next = mortise_chunk_at(chunk, size);
    if (next == bins->top) {
        size += mortise_chunk_size(next);
        mortise_bins_set_top(bins, chunk, size);
        return size;
    }
    if (!mortise_chunk_prev_in_use(mortise_chunk_next(next)) &&
        mortise_bins_unlink(bins, next, checks))
        size += mortise_chunk_size(next);
    else
        mortise_chunk_set(next, mortise_chunk_word(next) & ~MORTISE_CHUNK_PREV_INUSE);
    mortise_bins_put_unsorted(bins, chunk, size);
    return size;
}

#endif
