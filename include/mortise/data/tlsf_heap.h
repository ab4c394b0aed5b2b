/* SPDX-License-Identifier: MIT */
/*
 * What one does with two-level segregated fit: allocate, free, resize, add and take back memory.
 * data/tlsf.h describes the blocks. For one thread; no function here enters the system.
 */
#ifndef MORTISE_DATA_TLSF_HEAP_H
#define MORTISE_DATA_TLSF_HEAP_H

#include "cut.h"
#include "tlsf.h"

/* What lies behind a block just handed out: the size word and links of the next one are written. */
MORTISE_FAST void mortise_tlsf_note_use(struct mortise_tlsf *tlsf, uintptr_t end)
{
    end += MORTISE_TLSF_HEAD;
    if (end > tlsf->fresh && end <= tlsf->fresh_end + MORTISE_TLSF_HEAD)
        tlsf->fresh = end;
}

/* Makes a payload of `size` block bytes at a multiple of `align` from a block that is in no list
 * and large enough. The gap before an aligned payload becomes a free block; a gap too small for one
 * is widened by `align`. With `want_zero`, finds out what is zero already. */
MORTISE_FAST struct mortise_cut mortise_tlsf_cut_from(struct mortise_tlsf *tlsf,
                                                      struct mortise_tlsf_block *block, size_t size,
                                                      size_t align, bool want_zero)
{
    struct mortise_cut cut;
    uintptr_t payload = (uintptr_t)mortise_tlsf_payload(block);
    if (align > MORTISE_TLSF_ALIGN && (payload & (align - 1)) != 0) {
        uintptr_t aligned = mortise_round_up(payload, align);
        if (aligned - payload < MORTISE_TLSF_LEAST)
            aligned = mortise_round_up(payload + MORTISE_TLSF_LEAST, align);
        size_t lead = aligned - payload;
        size_t word = mortise_tlsf_word(block);
        struct mortise_tlsf_bare bare = {0, 0};
        if (MORTISE_UNLIKELY((word & MORTISE_TLSF_BARE) != 0))
            bare = mortise_tlsf_undress(tlsf, block);
        struct mortise_tlsf_block *rest = mortise_tlsf_at(block, lead);
        mortise_tlsf_set(rest, ((word & ~MORTISE_TLSF_FLAGS) - lead) | MORTISE_TLSF_FREE);
        mortise_tlsf_make_free(tlsf, block, lead, word & MORTISE_TLSF_FIRST);
        if (MORTISE_UNLIKELY(bare.end != 0)) {
            mortise_tlsf_dress(tlsf, block, bare);
            mortise_tlsf_dress(tlsf, rest, bare);
        }
        block = rest;
        payload = aligned;
    }
    uintptr_t fresh = tlsf->fresh;
    size = mortise_tlsf_use(tlsf, block, size);
    uintptr_t end = (uintptr_t)block + size;
    mortise_tlsf_note_use(tlsf, end);
    cut.payload = (void *)payload;
    cut.usable = size - MORTISE_TLSF_WORD;
    cut.dirty = cut.usable;
    if (want_zero && end <= tlsf->fresh_end && end > fresh) {
        mortise_tlsf_at(block, size)->prev = NULL; /* the last word of the payload */
        size_t links = MORTISE_TLSF_HEAD - 2 * MORTISE_TLSF_WORD;
        cut.dirty = fresh > payload + links ? fresh - payload : links;
    }
    return cut;
}

/* The block size in which a payload of `size` block bytes aligned to `align` fits for sure, or 0
 * when that is too large. */
MORTISE_FAST size_t mortise_tlsf_room(size_t size, size_t align)
{
    if (align <= MORTISE_TLSF_ALIGN || size == 0)
        return size;
    if (align >= MORTISE_TLSF_MAX / 2 || size >= MORTISE_TLSF_MAX / 2 - MORTISE_TLSF_LEAST)
        return 0;
    return size + align + MORTISE_TLSF_LEAST;
}

/* A payload of `size` block bytes (of mortise_tlsf_block_size) at a multiple of `align`. */
MORTISE_FAST struct mortise_cut mortise_tlsf_alloc(struct mortise_tlsf *tlsf, size_t size,
                                                   size_t align, bool want_zero)
{
    struct mortise_cut none = {NULL, 0, 0};
    struct mortise_tlsf_block *block = mortise_tlsf_find(tlsf, mortise_tlsf_room(size, align));
    return block != NULL ? mortise_tlsf_cut_from(tlsf, block, size, align, want_zero) : none;
}

/* Frees a payload and returns the free block that it is part of now; NULL when it was free already
 * or its size word cannot be one. */
MORTISE_FAST struct mortise_tlsf_block *mortise_tlsf_free(struct mortise_tlsf *tlsf, void *payload)
{
    struct mortise_tlsf_block *block = mortise_tlsf_block_of(payload);
    size_t word = mortise_tlsf_word(block);
    if (MORTISE_UNLIKELY((word & MORTISE_TLSF_NOT_USED) != 0 || word < MORTISE_TLSF_LEAST))
        return NULL;
    tlsf->used -= word & ~MORTISE_TLSF_FLAGS;
    return mortise_tlsf_join(tlsf, block);
}

/* Changes the size of a used block where it is, down, or up into a free neighbour. False when there
 * is no room, or the block is free. */
MORTISE_SLOW bool mortise_tlsf_resize(struct mortise_tlsf *tlsf, void *payload, size_t size)
{
    struct mortise_tlsf_block *block = mortise_tlsf_block_of(payload);
    size_t word = mortise_tlsf_word(block);
    size_t old = word & ~MORTISE_TLSF_FLAGS;
    struct mortise_tlsf_block *next = mortise_tlsf_at(block, old);
    size_t next_word = mortise_tlsf_word(next);
    size_t room = old;
    if (next_word & MORTISE_TLSF_FREE)
        room += next_word & ~MORTISE_TLSF_FLAGS;
    if (room < size || (word & MORTISE_TLSF_NOT_USED) != 0)
        return false;
    if (size <= old && old - size < MORTISE_TLSF_LEAST)
        return true;
    struct mortise_tlsf_bare bare = {0, 0};
    if (room != old) {
        bare = mortise_tlsf_undress(tlsf, next);
        mortise_tlsf_remove(tlsf, next);
    }
    tlsf->used -= old;
    mortise_tlsf_set(block, room | (word & (MORTISE_TLSF_PREV_FREE | MORTISE_TLSF_FIRST)));
    size = mortise_tlsf_use(tlsf, block, size);
    if (bare.end != 0 && size != room)
        mortise_tlsf_dress(tlsf, mortise_tlsf_at(block, size), bare);
    mortise_tlsf_note_use(tlsf, (uintptr_t)block + size);
    return true;
}

/* ---- pools ---- */

MORTISE_FAST bool mortise_tlsf_is_first(const struct mortise_tlsf_block *block)
{
    return (mortise_tlsf_word(block) & MORTISE_TLSF_FIRST) != 0;
}

MORTISE_FAST bool mortise_tlsf_is_last(struct mortise_tlsf_block *block)
{
    return mortise_tlsf_size(mortise_tlsf_at(block, mortise_tlsf_size(block))) == 0;
}

MORTISE_FAST void mortise_tlsf_clear_block(struct mortise_tlsf_block *block)
{
    block->prev = NULL;
    mortise_tlsf_set(block, 0);
    block->next_free = block->prev_free = NULL;
    block->bare = block->bare_end = 0;
}

/* Whose a pool was before it was added; it goes back with that. */
MORTISE_FAST uintptr_t mortise_tlsf_pool_owned(const struct mortise_tlsf_block *first)
{
    return (uintptr_t)first->prev;
}

/* Adds memory, zeroed if `fresh`, aligned to 16 and a multiple of it, at least 64 bytes. Nobody's
 * memory, `owned` 0, that begins where the pool added last ends continues that pool; what was
 * somebody's goes back as it came. */
MORTISE_SLOW struct mortise_tlsf_block *mortise_tlsf_add(struct mortise_tlsf *tlsf, void *memory,
                                                         size_t size, bool fresh, uintptr_t owned)
{
    uintptr_t base = (uintptr_t)memory, end = base + size;
    bool continues = owned == 0 && base == tlsf->last_end;
    struct mortise_tlsf_block *block = (struct mortise_tlsf_block *)memory;
    struct mortise_tlsf_block *last = mortise_tlsf_at(block, size - MORTISE_TLSF_POOL_COST);
    size_t word = MORTISE_TLSF_FIRST;
    if (continues) {
        block = (struct mortise_tlsf_block *)(base - MORTISE_TLSF_POOL_COST); /* the end marker */
        word = mortise_tlsf_word(block) & (MORTISE_TLSF_PREV_FREE | MORTISE_TLSF_FIRST);
    } else {
        block->prev = (struct mortise_tlsf_block *)owned;
    }
    mortise_tlsf_set(last, 0);
    mortise_tlsf_set(block, (size_t)((char *)last - (char *)block) | word);
    struct mortise_tlsf_block *joined = mortise_tlsf_join(tlsf, block);
    /* Added fresh memory ends where it was fresh before? Then what was the end marker in between
     * is cleared, where the block before was free and fresh too. */
    bool extends = continues && tlsf->fresh_end + MORTISE_TLSF_POOL_COST == base;
    if (!fresh)
        tlsf->fresh = tlsf->fresh_end = 0;
    else if (extends && joined != block && (uintptr_t)block >= tlsf->fresh)
        mortise_tlsf_clear_block(block);
    else if (!extends || tlsf->fresh < (uintptr_t)block + sizeof *block)
        tlsf->fresh =
            (uintptr_t)block + sizeof *block; /* of `joined`, what is before may be dirty */
    if (fresh)
        tlsf->fresh_end = (uintptr_t)last;
    tlsf->last_end = owned == 0 ? end : 0;
    tlsf->held += size;
    return joined;
}

/* Cuts the last `size` bytes off the pool that ends with free block `block`, or the whole pool when
 * the block is all of it and `size` is what the pool holds. The block must have room for that. */
MORTISE_SLOW void *mortise_tlsf_take_back(struct mortise_tlsf *tlsf,
                                          struct mortise_tlsf_block *block, size_t size)
{
    size_t word = mortise_tlsf_word(block);
    size_t whole = word & ~MORTISE_TLSF_FLAGS;
    uintptr_t end = (uintptr_t)block + whole + MORTISE_TLSF_POOL_COST;
    struct mortise_tlsf_bare bare = mortise_tlsf_undress(tlsf, block);
    mortise_tlsf_remove(tlsf, block);
    tlsf->held -= size;
    if (tlsf->last_end == end)
        tlsf->last_end = end - size == (uintptr_t)block ? 0 : end - size;
    if (tlsf->fresh_end + MORTISE_TLSF_POOL_COST == end)
        tlsf->fresh_end = end - size - MORTISE_TLSF_POOL_COST;
    if (tlsf->fresh > tlsf->fresh_end + sizeof *block) /* what comes there again will be fresh */
        tlsf->fresh = tlsf->fresh_end + sizeof *block;
    if (end - size != (uintptr_t)block) {
        struct mortise_tlsf_block *last = mortise_tlsf_at(block, whole - size);
        mortise_tlsf_set(last, 0);
        mortise_tlsf_make_free(tlsf, block, whole - size, word & MORTISE_TLSF_FIRST);
        mortise_tlsf_dress(tlsf, block, bare);
    }
    return (void *)(end - size);
}

/* Takes all free blocks of at least `least` bytes (at least 512) off their lists, marked used and
 * linked by next_free; mortise_tlsf_free on each one's payload undoes it. */
MORTISE_SLOW struct mortise_tlsf_block *mortise_tlsf_detach(struct mortise_tlsf *tlsf, size_t least)
{
    struct mortise_tlsf_block *chain = NULL;
    unsigned from = mortise_tlsf_list(least);
    for (unsigned index = from; index < MORTISE_TLSF_LEVELS * MORTISE_TLSF_LISTS; index++) {
        struct mortise_tlsf_block **head =
            &tlsf->head[index / MORTISE_TLSF_LISTS][index % MORTISE_TLSF_LISTS];
        while (*head != NULL) {
            struct mortise_tlsf_block *block = *head;
            mortise_tlsf_unlink(tlsf, block, index);
            mortise_tlsf_use(tlsf, block, mortise_tlsf_size(block));
            block->next_free = chain;
            chain = block;
        }
    }
    return chain;
}

#endif
