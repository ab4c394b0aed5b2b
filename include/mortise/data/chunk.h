/* SPDX-License-Identifier: MIT */
/*
 * Chunks with boundary tags, as ptmalloc has them, and the bin that a free one belongs to.
 *
 *     chunk c:   [ prev_size ][ size|flags ][ payload ...                        ]
 *     next one:                                              [ prev_size ][ size|flags ][ ...
 *                                                            ^ c + size
 *
 * A chunk owns its size word and what follows up to the next chunk's size word: the prev_size of
 * the next chunk is the end of this one's payload, and has this one's size only while it is free.
 * So a chunk costs one word. Sizes are multiples of 16; payloads are aligned to 16.
 *
 * Flags of the size word: PREV_INUSE, the chunk before is in use, so that whether this one is
 * stands in the next; OTHER_ARENA, the chunk is not of the main arena (NON_MAIN_ARENA). The
 * original's IS_MMAPPED is always 0: large blocks are the system layer's own objects. FREE is not
 * the original's: it stays in the size word of a chunk that was freed, also in a fast bin, in the
 * top, or within a larger free chunk, until the word is written anew, so that a second free of it
 * is told without a walk over any list.
 *
 * Bins, on 64 bits: 1 is the unsorted one; 2..63 have one size each, 32..1008 by steps of 16;
 * 64..126 have ranges of sizes, which grow by steps of 64, 512, 4096, 32768 and 262144.
 *
 * Size words are read without the lock by owners of blocks, so they are accessed with relaxed
 * atomics: a neighbour may change the flags meanwhile.
 *
 * Source: Gloger, ptmalloc2; GNU C library, malloc/malloc.c
 */
#ifndef MORTISE_DATA_CHUNK_H
#define MORTISE_DATA_CHUNK_H

#include "../core/atomic.h"
#include "../core/bits.h"

MORTISE_ASSERT_STATIC(sizeof(size_t) == 8, "mortise: the bins are spaced for 64 bits");

enum {
    MORTISE_CHUNK_ALIGN = 16,
    MORTISE_CHUNK_WORD = 8,
    MORTISE_CHUNK_HEAD = 16,      /* from a chunk to its payload */
    MORTISE_CHUNK_LEAST = 32,     /* size word, two links, the next one's prev_size */
    MORTISE_CHUNK_LARGE = 1024,   /* the least size of a large bin */
    MORTISE_CHUNK_FAST_MOST = 160 /* the largest size that a fast bin may have */
};

#define MORTISE_CHUNK_PREV_INUSE ((size_t)1)
#define MORTISE_CHUNK_MAPPED ((size_t)2)
#define MORTISE_CHUNK_OTHER_ARENA ((size_t)4)
#define MORTISE_CHUNK_FREE ((size_t)8)
#define MORTISE_CHUNK_FLAGS ((size_t)15)

struct mortise_chunk {
    size_t prev_size; /* end of the previous chunk's payload while that is in use */
    size_t size_flags;
    struct mortise_chunk *fd; /* payload from here on while in use */
    struct mortise_chunk *bk;
    struct mortise_chunk *fd_nextsize; /* of a large free chunk; NULL: not the first of its size */
    struct mortise_chunk *bk_nextsize;
};

MORTISE_FAST size_t mortise_chunk_word(const struct mortise_chunk *chunk)
{
    return MORTISE_LOAD_RELAXED(&chunk->size_flags);
}

MORTISE_FAST void mortise_chunk_set(struct mortise_chunk *chunk, size_t size_flags)
{
    MORTISE_STORE_RELAXED(&chunk->size_flags, size_flags);
}

MORTISE_FAST size_t mortise_chunk_size(const struct mortise_chunk *chunk)
{
    return mortise_chunk_word(chunk) & ~MORTISE_CHUNK_FLAGS;
}

MORTISE_FAST struct mortise_chunk *mortise_chunk_at(struct mortise_chunk *chunk, size_t offset)
{
    return (struct mortise_chunk *)(void *)((char *)chunk + offset);
}

MORTISE_FAST struct mortise_chunk *mortise_chunk_next(struct mortise_chunk *chunk)
{
    return mortise_chunk_at(chunk, mortise_chunk_size(chunk));
}

/* Only where the chunk before is free. */
MORTISE_FAST struct mortise_chunk *mortise_chunk_before(struct mortise_chunk *chunk)
{
    return (struct mortise_chunk *)(void *)((char *)chunk - chunk->prev_size);
}

MORTISE_FAST bool mortise_chunk_prev_in_use(const struct mortise_chunk *chunk)
{
    return (mortise_chunk_word(chunk) & MORTISE_CHUNK_PREV_INUSE) != 0;
}

MORTISE_FAST void *mortise_chunk_payload(struct mortise_chunk *chunk)
{
    return (char *)chunk + MORTISE_CHUNK_HEAD;
}

MORTISE_FAST struct mortise_chunk *mortise_chunk_of(void *payload)
{
    return (struct mortise_chunk *)(void *)((char *)payload - MORTISE_CHUNK_HEAD);
}

/* Bytes that the user of a payload may touch. */
MORTISE_FAST size_t mortise_chunk_usable(void *payload)
{
    return mortise_chunk_size(mortise_chunk_of(payload)) - MORTISE_CHUNK_WORD;
}

/* The size of the chunk for a request, or 0 when it is too large. */
MORTISE_FAST size_t mortise_chunk_for(size_t request)
{
    if (MORTISE_UNLIKELY(request > MORTISE_MAX_SIZE / 2))
        return 0;
    size_t size = mortise_round_up(request + MORTISE_CHUNK_WORD, MORTISE_CHUNK_ALIGN);
    return size < MORTISE_CHUNK_LEAST ? (size_t)MORTISE_CHUNK_LEAST : size;
}

MORTISE_FAST bool mortise_chunk_is_small(size_t size)
{
    return size < MORTISE_CHUNK_LARGE;
}

/* The bin of a free chunk: 2..63, of one size each, or 64..126. */
MORTISE_FAST unsigned mortise_chunk_bin(size_t size)
{
    if (mortise_chunk_is_small(size))
        return (unsigned)(size / MORTISE_CHUNK_ALIGN);
    if (size >> 6 <= 48)
        return 48 + (unsigned)(size >> 6);
    if (size >> 9 <= 20)
        return 91 + (unsigned)(size >> 9);
    if (size >> 12 <= 10)
        return 110 + (unsigned)(size >> 12);
    if (size >> 15 <= 4)
        return 119 + (unsigned)(size >> 15);
    return size >> 18 <= 2 ? 124 + (unsigned)(size >> 18) : 126;
}

/* The fast bin of a chunk, counted from 0. */
MORTISE_FAST unsigned mortise_chunk_fast_bin(size_t size)
{
    return (unsigned)(size / MORTISE_CHUNK_ALIGN) - 2;
}

/* A link as it is stored at `place`: mixed with the bits of its address that are random, so that
 * nobody who does not know them can write one that leads where he wants (safe-linking). The same
 * again reveals it. */
MORTISE_FAST struct mortise_chunk *mortise_chunk_hide(const void *place, struct mortise_chunk *link)
{
    return (struct mortise_chunk *)(((uintptr_t)place >> 12) ^ (uintptr_t)link);
}

#endif
