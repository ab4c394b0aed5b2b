/* SPDX-License-Identifier: MIT */
/*
 * Two-level segregated fit: every operation takes a constant number of steps. For one thread.
 *
 * A pool is one range of memory, cut into blocks without gaps:
 *
 *     block b:   [ prev ][ size|flags ][ payload ...                  ]
 *     next one:                                        [ prev ][ size|flags ][ ...
 *                                                      ^ b + size
 *
 * A block owns its size word and what follows up to the next block's size word: the `prev` word of
 * the next block is the end of this one's payload, and names this block only while it is free. So a
 * block costs one word. Sizes are multiples of 16 that include this word; payloads are aligned to
 * 16. A pool ends with a used block of size 0.
 *
 * A block at which a pool begins has none before it; its `prev` says whose the pool was.
 *
 * Free blocks are in one of 32 x 32 lists: first level the power of two, second level 1/32 of it;
 * below 512 bytes one list for each multiple of 16. A search starts at the first list in which
 * every block fits, so it takes the head of the first non-empty one: two bit scans.
 *
 * Invariants: no two neighbouring blocks are free; a block is in the list of its size exactly while
 * its FREE flag is set; list and level bits are set exactly for non-empty lists.
 * Memory in [fresh, fresh_end) has never been handed out and is zero, except the head of a free
 * block that begins below `fresh`, and the `prev` word at the end of one.
 * A free block with the flag BARE has a range of whole pages whose content was dropped: they are
 * not in memory until it is used. `bare` is the sum over all blocks.
 * Bounds: at most one split, two merges, two bit scans. Sizes up to 2^40 - 1 (2^31 on 32 bits).
 *
 * All-zero memory is an allocator without pools. Size words are read without the lock by owners of
 * blocks, so they are accessed with relaxed atomics: a neighbour may change the flags meanwhile.
 *
 * Source: Masmano, Ripoll, Crespo, Real, "TLSF: a new dynamic memory allocator for real-time
 * systems", ECRTS 2004
 */
#ifndef MORTISE_DATA_TLSF_H
#define MORTISE_DATA_TLSF_H

#include "decay.h"

enum {
    MORTISE_TLSF_ALIGN = 16,
    MORTISE_TLSF_SL_LOG2 = 5,
    MORTISE_TLSF_LISTS = 1 << MORTISE_TLSF_SL_LOG2,
    MORTISE_TLSF_SMALL_LOG2 = MORTISE_TLSF_SL_LOG2 + 4, /* 4: log2 of the alignment */
    MORTISE_TLSF_LEVELS = 32,
    MORTISE_TLSF_WORD = sizeof(size_t),
    MORTISE_TLSF_LEAST = 4 * MORTISE_TLSF_WORD, /* size word, two links, the next block's prev */
    MORTISE_TLSF_POOL_COST = 2 * MORTISE_TLSF_WORD
};

/* Larger blocks would need a 33rd level. */
#define MORTISE_TLSF_MAX                                                                           \
    (((size_t)1 << (sizeof(size_t) == 8 ? MORTISE_TLSF_LEVELS + MORTISE_TLSF_SMALL_LOG2 - 1        \
                                        : 31)) -                                                   \
     MORTISE_TLSF_ALIGN)

#define MORTISE_TLSF_FREE ((size_t)1)      /* this block is free */
#define MORTISE_TLSF_PREV_FREE ((size_t)2) /* the one before is, and `prev` names it */
#define MORTISE_TLSF_FIRST ((size_t)4)     /* the pool begins here */
#define MORTISE_TLSF_BARE ((size_t)8)      /* free: a part of it has no pages; used: it is lent */
#define MORTISE_TLSF_FLAGS ((size_t)15)
#define MORTISE_TLSF_NOT_USED (MORTISE_TLSF_FREE | MORTISE_TLSF_BARE)

struct mortise_tlsf_block {
    struct mortise_tlsf_block *prev; /* end of the previous block's payload while that is used */
    size_t size_flags;
    struct mortise_tlsf_block *next_free; /* payload from here on while used */
    struct mortise_tlsf_block *prev_free;
    uintptr_t bare, bare_end; /* with the flag BARE */
};

/* What is written in a free block, but for its end. */
#define MORTISE_TLSF_HEAD sizeof(struct mortise_tlsf_block)

struct mortise_tlsf {
    uint32_t levels;                     /* bit: the level has a non-empty list */
    uint32_t lists[MORTISE_TLSF_LEVELS]; /* bit: the list is not empty */
    size_t held;                         /* bytes in pools */
    size_t used;                         /* of these, in used blocks with their size words */
    size_t free_blocks;
    size_t bare;              /* bytes of free memory that have no pages, those never used apart */
    uintptr_t shed, shed_end; /* a range of blocks that are being joined */
    struct mortise_decay decay;
    uintptr_t last_end; /* where the pool that was added last ends; 0: it cannot go on there */
    uintptr_t fresh, fresh_end;
    struct mortise_tlsf_block *head[MORTISE_TLSF_LEVELS][MORTISE_TLSF_LISTS];
};

/* ---- blocks ---- */

MORTISE_FAST size_t mortise_tlsf_word(const struct mortise_tlsf_block *block)
{
    return MORTISE_LOAD_RELAXED(&block->size_flags);
}

MORTISE_FAST size_t mortise_tlsf_size(const struct mortise_tlsf_block *block)
{
    return mortise_tlsf_word(block) & ~MORTISE_TLSF_FLAGS;
}

MORTISE_FAST void mortise_tlsf_set(struct mortise_tlsf_block *block, size_t size_flags)
{
    MORTISE_STORE_RELAXED(&block->size_flags, size_flags);
}

MORTISE_FAST struct mortise_tlsf_block *mortise_tlsf_at(struct mortise_tlsf_block *block,
                                                        size_t offset)
{
    return (struct mortise_tlsf_block *)(void *)((char *)block + offset);
}

MORTISE_FAST void *mortise_tlsf_payload(struct mortise_tlsf_block *block)
{
    return (char *)block + 2 * MORTISE_TLSF_WORD;
}

MORTISE_FAST struct mortise_tlsf_block *mortise_tlsf_block_of(void *payload)
{
    return (struct mortise_tlsf_block *)(void *)((char *)payload - 2 * MORTISE_TLSF_WORD);
}

/* Bytes that the user of a payload may touch. */
MORTISE_FAST size_t mortise_tlsf_usable(void *payload)
{
    return mortise_tlsf_size(mortise_tlsf_block_of(payload)) - MORTISE_TLSF_WORD;
}

MORTISE_FAST bool mortise_tlsf_is_used(void *payload)
{
    return (mortise_tlsf_word(mortise_tlsf_block_of(payload)) & MORTISE_TLSF_NOT_USED) == 0;
}

/* The block size for a request, or 0 when it is too large. */
MORTISE_FAST size_t mortise_tlsf_block_size(size_t request)
{
    if (MORTISE_UNLIKELY(request > MORTISE_TLSF_MAX - MORTISE_TLSF_WORD))
        return 0;
    size_t size = mortise_round_up(request + MORTISE_TLSF_WORD, MORTISE_TLSF_ALIGN);
    return size < MORTISE_TLSF_LEAST ? (size_t)MORTISE_TLSF_LEAST : size;
}

/* ---- lists ---- */

/* The list that holds blocks of `size`, as level * 32 + list. */
MORTISE_FAST unsigned mortise_tlsf_list(size_t size)
{
    if (size < (size_t)1 << MORTISE_TLSF_SMALL_LOG2)
        return (unsigned)(size / MORTISE_TLSF_ALIGN);
    unsigned log2 = mortise_log2(size);
    unsigned list = (unsigned)(size >> (log2 - MORTISE_TLSF_SL_LOG2)) - MORTISE_TLSF_LISTS;
    return (log2 - MORTISE_TLSF_SMALL_LOG2 + 1) * MORTISE_TLSF_LISTS + list;
}

/* The least size of the blocks in the list of a size. */
MORTISE_PLAIN size_t mortise_tlsf_least_of(size_t size)
{
    unsigned log2 = mortise_log2(size);
    return size < (size_t)1 << MORTISE_TLSF_SMALL_LOG2
               ? size
               : size >> (log2 - MORTISE_TLSF_SL_LOG2) << (log2 - MORTISE_TLSF_SL_LOG2);
}

MORTISE_FAST void mortise_tlsf_insert(struct mortise_tlsf *tlsf, struct mortise_tlsf_block *block,
                                      size_t size)
{
    unsigned index = mortise_tlsf_list(size);
    unsigned level = index / MORTISE_TLSF_LISTS, list = index % MORTISE_TLSF_LISTS;
    struct mortise_tlsf_block *first = tlsf->head[level][list];
    block->next_free = first;
    block->prev_free = NULL;
    if (first != NULL)
        first->prev_free = block;
    tlsf->head[level][list] = block;
    tlsf->lists[level] |= (uint32_t)1 << list;
    tlsf->levels |= (uint32_t)1 << level;
    tlsf->free_blocks++;
}

MORTISE_FAST void mortise_tlsf_unlink(struct mortise_tlsf *tlsf, struct mortise_tlsf_block *block,
                                      unsigned index)
{
    unsigned level = index / MORTISE_TLSF_LISTS, list = index % MORTISE_TLSF_LISTS;
    struct mortise_tlsf_block *next = block->next_free, *prev = block->prev_free;
    if (next != NULL)
        next->prev_free = prev;
    if (prev != NULL) {
        prev->next_free = next;
    } else {
        tlsf->head[level][list] = next;
        if (next == NULL) {
            tlsf->lists[level] &= ~((uint32_t)1 << list);
            if (tlsf->lists[level] == 0)
                tlsf->levels &= ~((uint32_t)1 << level);
        }
    }
    tlsf->free_blocks--;
}

MORTISE_FAST void mortise_tlsf_remove(struct mortise_tlsf *tlsf, struct mortise_tlsf_block *block)
{
    mortise_tlsf_unlink(tlsf, block, mortise_tlsf_list(mortise_tlsf_size(block)));
}

/* Takes a block of at least `size` off its list, or NULL. */
MORTISE_FAST struct mortise_tlsf_block *mortise_tlsf_find(struct mortise_tlsf *tlsf, size_t size)
{
    /* From here up every block of the list fits, not only some. */
    if (size >= (size_t)1 << MORTISE_TLSF_SMALL_LOG2)
        size += ((size_t)1 << (mortise_log2(size) - MORTISE_TLSF_SL_LOG2)) - 1;
    unsigned index = mortise_tlsf_list(size);
    unsigned level = index / MORTISE_TLSF_LISTS, list = index % MORTISE_TLSF_LISTS;
    if (level >= MORTISE_TLSF_LEVELS)
        return NULL;
    uint32_t lists = tlsf->lists[level] & (~(uint32_t)0 << list);
    if (lists == 0) {
        uint32_t levels =
            level == MORTISE_TLSF_LEVELS - 1 ? 0 : tlsf->levels & (~(uint32_t)0 << (level + 1));
        if (levels == 0)
            return NULL;
        level = mortise_lowest_bit(levels);
        lists = tlsf->lists[level];
    }
    list = mortise_lowest_bit(lists);
    struct mortise_tlsf_block *block = tlsf->head[level][list];
    mortise_tlsf_unlink(tlsf, block, level * MORTISE_TLSF_LISTS + list);
    return block;
}

/* ---- ranges without pages ---- */

struct mortise_tlsf_bare {
    uintptr_t begin, end; /* equal: none */
};

/* What a block says that it has, before it is changed. */
MORTISE_SLOW struct mortise_tlsf_bare mortise_tlsf_undress(struct mortise_tlsf *tlsf,
                                                           struct mortise_tlsf_block *block)
{
    struct mortise_tlsf_bare range = {0, 0};
    size_t word = mortise_tlsf_word(block);
    if ((word & MORTISE_TLSF_FREE) == 0 || (word & MORTISE_TLSF_BARE) == 0)
        return range;
    range.begin = block->bare;
    range.end = block->bare_end;
    tlsf->bare -= range.end - range.begin;
    mortise_tlsf_set(block, word & ~MORTISE_TLSF_BARE);
    return range;
}

/* Tells a free block, which says nothing of that, what part of a range lies in it. The smallest
 * page that a system has is as good as its own here: the range began and ended with such ones. */
MORTISE_SLOW void mortise_tlsf_dress(struct mortise_tlsf *tlsf, struct mortise_tlsf_block *block,
                                     struct mortise_tlsf_bare range)
{
    const uintptr_t page = 4096;
    size_t word = mortise_tlsf_word(block);
    uintptr_t inside = mortise_round_up((uintptr_t)block + MORTISE_TLSF_HEAD, page);
    uintptr_t end = (uintptr_t)block + (word & ~MORTISE_TLSF_FLAGS);
    if (range.begin < inside)
        range.begin = inside;
    if (range.end > end)
        range.end = mortise_round_down(end, page);
    if ((word & MORTISE_TLSF_FREE) == 0 || range.begin >= range.end)
        return;
    block->bare = range.begin;
    block->bare_end = range.end;
    tlsf->bare += range.end - range.begin;
    mortise_tlsf_set(block, word | MORTISE_TLSF_BARE);
}

/* The same, where it may know a range already: the larger one is kept in mind. */
MORTISE_SLOW void mortise_tlsf_dress_more(struct mortise_tlsf *tlsf,
                                          struct mortise_tlsf_block *block,
                                          struct mortise_tlsf_bare range)
{
    struct mortise_tlsf_bare old = mortise_tlsf_undress(tlsf, block);
    bool more = range.end - range.begin > old.end - old.begin;
    mortise_tlsf_dress(tlsf, block, more ? range : old);
}

/* Of a block that is about to be joined: what is told to the whole then. */
MORTISE_SLOW void mortise_tlsf_shed(struct mortise_tlsf *tlsf, struct mortise_tlsf_block *block)
{
    struct mortise_tlsf_bare range = mortise_tlsf_undress(tlsf, block);
    if (range.end - range.begin > tlsf->shed_end - tlsf->shed) {
        tlsf->shed = range.begin;
        tlsf->shed_end = range.end;
    }
}

MORTISE_SLOW void mortise_tlsf_dress_shed(struct mortise_tlsf *tlsf,
                                          struct mortise_tlsf_block *block)
{
    struct mortise_tlsf_bare range = {tlsf->shed, tlsf->shed_end};
    tlsf->shed = tlsf->shed_end = 0;
    mortise_tlsf_dress(tlsf, block, range);
}

/* ---- cutting and joining ---- */

/* Makes [block, block + size) a free block; its neighbours are used. `first` is MORTISE_TLSF_FIRST
 * where the pool begins, else 0. */
MORTISE_FAST void mortise_tlsf_make_free(struct mortise_tlsf *tlsf,
                                         struct mortise_tlsf_block *block, size_t size,
                                         size_t first)
{
    struct mortise_tlsf_block *next = mortise_tlsf_at(block, size);
    mortise_tlsf_set(block, size | MORTISE_TLSF_FREE | first);
    mortise_tlsf_set(next, mortise_tlsf_word(next) | MORTISE_TLSF_PREV_FREE);
    next->prev = block;
    mortise_tlsf_insert(tlsf, block, size);
}

/* Marks a block, that is in no list and knows no range without pages, used with `size` bytes; the
 * rest becomes a free block where it is large enough for one. Returns the size that it got. */
MORTISE_FAST size_t mortise_tlsf_use_dressed(struct mortise_tlsf *tlsf,
                                             struct mortise_tlsf_block *block, size_t size)
{
    size_t word = mortise_tlsf_word(block);
    size_t whole = word & ~MORTISE_TLSF_FLAGS;
    size_t kept = word & (MORTISE_TLSF_PREV_FREE | MORTISE_TLSF_FIRST);
    if (whole - size >= MORTISE_TLSF_LEAST) {
        mortise_tlsf_make_free(tlsf, mortise_tlsf_at(block, size), whole - size, 0);
        whole = size;
    } else {
        struct mortise_tlsf_block *next = mortise_tlsf_at(block, whole);
        mortise_tlsf_set(next, mortise_tlsf_word(next) & ~MORTISE_TLSF_PREV_FREE);
    }
    mortise_tlsf_set(block, whole | kept);
    tlsf->used += whole;
    return whole;
}

MORTISE_SLOW size_t mortise_tlsf_use_bare(struct mortise_tlsf *tlsf,
                                          struct mortise_tlsf_block *block, size_t size)
{
    struct mortise_tlsf_bare range = mortise_tlsf_undress(tlsf, block);
    size_t whole = mortise_tlsf_size(block);
    size = mortise_tlsf_use_dressed(tlsf, block, size);
    if (size != whole)
        mortise_tlsf_dress(tlsf, mortise_tlsf_at(block, size), range);
    return size;
}

MORTISE_FAST size_t mortise_tlsf_use(struct mortise_tlsf *tlsf, struct mortise_tlsf_block *block,
                                     size_t size)
{
    if (MORTISE_UNLIKELY((mortise_tlsf_word(block) & MORTISE_TLSF_BARE) != 0))
        return mortise_tlsf_use_bare(tlsf, block, size);
    return mortise_tlsf_use_dressed(tlsf, block, size);
}

/* Joins a block, that is in no list, with its free neighbours and makes the whole free. */
MORTISE_FAST struct mortise_tlsf_block *mortise_tlsf_join(struct mortise_tlsf *tlsf,
                                                          struct mortise_tlsf_block *block)
{
    size_t word = mortise_tlsf_word(block);
    size_t size = word & ~MORTISE_TLSF_FLAGS;
    struct mortise_tlsf_block *next = mortise_tlsf_at(block, size);
    size_t next_word = mortise_tlsf_word(next);
    if (next_word & MORTISE_TLSF_FREE) {
        if (MORTISE_UNLIKELY((next_word & MORTISE_TLSF_BARE) != 0))
            mortise_tlsf_shed(tlsf, next);
        mortise_tlsf_remove(tlsf, next);
        size += next_word & ~MORTISE_TLSF_FLAGS;
    }
    if (word & MORTISE_TLSF_PREV_FREE) {
        mortise_tlsf_set(block, word | MORTISE_TLSF_FREE); /* whoever frees it again is told so */
        block = block->prev;
        word = mortise_tlsf_word(block);
        if (MORTISE_UNLIKELY((word & MORTISE_TLSF_BARE) != 0))
            mortise_tlsf_shed(tlsf, block);
        mortise_tlsf_remove(tlsf, block);
        size += word & ~MORTISE_TLSF_FLAGS;
    }
    mortise_tlsf_make_free(tlsf, block, size, word & MORTISE_TLSF_FIRST);
    if (MORTISE_UNLIKELY(tlsf->shed_end != 0))
        mortise_tlsf_dress_shed(tlsf, block);
    return block;
}

#endif
