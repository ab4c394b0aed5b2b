/* SPDX-License-Identifier: MIT */
/*
 * A slab that belongs to one thread and takes blocks back from all others without making anybody
 * wait.
 *
 * The owner takes blocks from a list and gives them back there. Another thread sets one bit, by
 * one atomic operation, and does nothing after it; so once the owner has seen a bit for every block
 * that is out, nobody else touches the slab any more and it may be used for anything. The bits lie
 * behind the record, out of reach of what programs write past their blocks, and the owner takes up
 * to 64 blocks by one exchange, without touching them to find out which they are.
 *
 * A slab is carved as it is used. Its record has a line that all threads read and none writes
 * while the slab is in use, and a line of the owner's: a free from another thread moves neither.
 *
 * Invariants: blocks in `free` + blocks out = carved <= capacity; a block whose bit is set is out.
 *     For a slab that is neither active nor full `count` is the number of blocks out; for the
 *     active one of a class mortise_wf_active more; a full one has 1 and the rest in `withheld`. So
 *     count reaches 0 exactly when the owner has to look: the slab is empty, or full no longer.
 * Ordering: remote_free releases what the program last did to the block, collect acquires it, and
 *     the next user gets it from the owner. Who reads `owner` has a block of the slab, and the
 *     owner changes only while no block is out.
 */
#ifndef MORTISE_DATA_WF_SLAB_H
#define MORTISE_DATA_WF_SLAB_H

#include "../core/atomic.h"
#include "../core/bits.h"

/* Blocks linked at a time when a slab is carved. */
enum { mortise_wf_carve = 16, mortise_wf_active = 1 << 30 };

struct mortise_wf_slab {
    const void *owner; /* the state of the thread it belongs to */
    char *base;
    size_t block; /* bytes */
    size_t bytes; /* of the slab */
    uint64_t region_owned;
    uint32_t reciprocal; /* of block in units of 16, times 2^31, rounded up: see sizeclass.h */
    uint32_t szcls;

    void *free MORTISE_ALIGNED(MORTISE_CACHE_LINE); /* the last one freed first */
    uint32_t count;
    uint32_t withheld;
    uint32_t carved; /* blocks from the base on that were ever handed out */
    uint32_t capacity;
    uint32_t words; /* of bits */
    uint32_t next_word;
    bool full;
    struct mortise_wf_slab *next, *prev; /* in the ring it is in */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

/* Bytes of a record for slabs with up to `blocks` blocks. */
MORTISE_FAST size_t mortise_wf_record_bytes(size_t blocks)
{
    return sizeof(struct mortise_wf_slab) + mortise_round_up(blocks / 8, MORTISE_CACHE_LINE);
}

MORTISE_FAST uint64_t *mortise_wf_bits(struct mortise_wf_slab *slab)
{
    return (uint64_t *)(void *)(slab + 1);
}

/* Cuts a slab anew; no block of it is out. */
MORTISE_PLAIN void mortise_wf_begin(struct mortise_wf_slab *slab, const void *owner, unsigned szcls,
                                    size_t block, uint32_t reciprocal)
{
    slab->owner = owner;
    slab->szcls = szcls;
    slab->block = block;
    slab->reciprocal = reciprocal;
    slab->free = NULL;
    slab->count = slab->withheld = slab->carved = 0;
    slab->capacity = (uint32_t)(slab->bytes / block);
    slab->words = (slab->capacity + 63) / 64;
    slab->next_word = 0;
    slab->full = false;
}

MORTISE_FAST void mortise_wf_push(struct mortise_wf_slab *slab, void *block)
{
    *(void **)block = slab->free;
    slab->free = block;
}

MORTISE_FAST size_t mortise_wf_index(const struct mortise_wf_slab *slab, const void *block)
{
    size_t offset = (size_t)((const char *)block - slab->base);
    return (size_t)((uint64_t)(offset / 16) * slab->reciprocal >> 31);
}

/* Frees the blocks whose bits are given, by any thread but the owner: one unconditional atomic
 * operation, and nothing after it. */
MORTISE_FAST void mortise_wf_remote_free_bits(uint64_t *word, uint64_t bits)
{
    MORTISE_OR_RELEASE(word, bits);
}

/* The same for one block. */
MORTISE_FAST void mortise_wf_remote_free(struct mortise_wf_slab *slab, const void *block)
{
    size_t index = mortise_wf_index(slab, block);
    mortise_wf_remote_free_bits(&mortise_wf_bits(slab)[index / 64], (uint64_t)1 << (index % 64));
}

/* Links some blocks that were never handed out; false where there are none. At most
 * mortise_wf_carve steps. */
MORTISE_APART bool mortise_wf_carve_some(struct mortise_wf_slab *slab)
{
    uint32_t left = slab->capacity - slab->carved;
    size_t page = 4096 / slab->block; /* a few bytes for each page that is touched */
    uint32_t some = mortise_wf_carve;
    if (page < some)
        some = page == 0 ? 1 : (uint32_t)page;
    if (some > left)
        some = left;
    char *at = slab->base + slab->block * (slab->carved + some);
    for (uint32_t i = 0; i < some; i++) {
        at -= slab->block;
        mortise_wf_push(slab, at);
    }
    slab->carved += some;
    return some != 0;
}

/* Takes back what others freed, one word of bits of it; false where no bit is set. At most
 * slab->words + 64 steps. */
MORTISE_APART bool mortise_wf_collect(struct mortise_wf_slab *slab)
{
    for (uint32_t looks = 0; looks < slab->words; looks++) {
        uint32_t word = slab->next_word;
        uint64_t *bits = &mortise_wf_bits(slab)[word];
        slab->next_word = word + 1 < slab->words ? word + 1 : 0;
        if (MORTISE_LOAD_RELAXED(bits) == 0)
            continue;
        uint64_t found = MORTISE_SWAP_ACQUIRE(bits, (uint64_t)0);
        slab->count -= (uint32_t)__builtin_popcountll(found);
        char *first = slab->base + slab->block * 64 * word;
        for (; found != 0; found &= found - 1)
            mortise_wf_push(slab, first + slab->block * mortise_lowest_bit(found));
        return true;
    }
    return false;
}

/* Circular lists; NULL is an empty one. */
MORTISE_PLAIN void mortise_wf_link(struct mortise_wf_slab **ring, struct mortise_wf_slab *slab)
{
    struct mortise_wf_slab *first = *ring;
    slab->next = first != NULL ? first : slab;
    slab->prev = first != NULL ? first->prev : slab;
    slab->prev->next = slab;
    slab->next->prev = slab;
    *ring = slab;
}

MORTISE_PLAIN void mortise_wf_unlink(struct mortise_wf_slab **ring, struct mortise_wf_slab *slab)
{
    slab->prev->next = slab->next;
    slab->next->prev = slab->prev;
    if (*ring == slab)
        *ring = slab->next != slab ? slab->next : NULL;
}

/* The count of a slab that leaves, or enters, the full ones. */
MORTISE_PLAIN void mortise_wf_reopen(struct mortise_wf_slab *slab)
{
    slab->count += slab->withheld;
    slab->withheld = 0;
    slab->full = false;
}

MORTISE_PLAIN void mortise_wf_close(struct mortise_wf_slab *slab)
{
    slab->withheld = slab->count - 1;
    slab->count = 1;
    slab->full = true;
}

#endif
