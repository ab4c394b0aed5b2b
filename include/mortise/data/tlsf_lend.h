/* SPDX-License-Identifier: MIT */
/*
 * Parts of free blocks whose pages are to go back to the system: they are lent, that is marked used
 * and in no list, to whoever enters the system, and return free, with a note of what has no pages.
 * For one thread; no function here enters the system.
 *
 * What is lent is the end of a block, for blocks are cut from their beginning: that is used again
 * first, and stays as it is.
 */
#ifndef MORTISE_DATA_TLSF_LEND_H
#define MORTISE_DATA_TLSF_LEND_H

#include "tlsf_heap.h"

enum { MORTISE_TLSF_LENT = 32, MORTISE_TLSF_LEND_STEPS = 256, MORTISE_TLSF_LEND_LEAST = 32768 };

/* Pages in [begin, end) can go, those in [gap, gap_end) have gone before. */
struct mortise_tlsf_loan {
    struct mortise_tlsf_block *block; /* NULL: nothing */
    uintptr_t begin, gap, gap_end, end;
};

/* The end of what a block has that was ever used. */
MORTISE_PLAIN uintptr_t mortise_tlsf_touched_end(const struct mortise_tlsf *tlsf,
                                                 const struct mortise_tlsf_block *block)
{
    uintptr_t begin = (uintptr_t)block, end = begin + mortise_tlsf_size(block);
    return begin < tlsf->fresh_end && end > tlsf->fresh && end <= tlsf->fresh_end ? tlsf->fresh
                                                                                  : end;
}

/* What of a free block would be lent to give back about `bytes`. */
MORTISE_PLAIN struct mortise_tlsf_loan mortise_tlsf_offer(const struct mortise_tlsf *tlsf,
                                                          struct mortise_tlsf_block *block,
                                                          size_t bytes, size_t page)
{
    struct mortise_tlsf_loan loan = {NULL, 0, 0, 0, 0};
    uintptr_t first = mortise_round_up((uintptr_t)block + MORTISE_TLSF_HEAD, page);
    loan.end = mortise_round_down(mortise_tlsf_touched_end(tlsf, block), page);
    if (loan.end <= first)
        return loan;
    loan.gap = loan.gap_end = loan.end;
    if (mortise_tlsf_word(block) & MORTISE_TLSF_BARE) {
        loan.gap = block->bare;
        loan.gap_end = block->bare_end < loan.end ? block->bare_end : loan.end;
    }
    size_t before = loan.gap > first ? loan.gap - first : 0, behind = loan.end - loan.gap_end;
    if (before + behind < MORTISE_TLSF_LEND_LEAST)
        return loan;
    if (bytes < MORTISE_TLSF_LEND_LEAST)
        bytes = MORTISE_TLSF_LEND_LEAST;
    loan.block = block;
    loan.begin = first;
    size_t part = mortise_round_up(bytes > behind ? bytes - behind : 0, page);
    if (part + MORTISE_TLSF_LEND_LEAST < before) {
        loan.begin = loan.gap - part;
        loan.block = (struct mortise_tlsf_block *)(loan.begin - MORTISE_TLSF_HEAD);
    }
    return loan;
}

/* Lends what was offered of a free block. */
MORTISE_PLAIN void mortise_tlsf_lend_from(struct mortise_tlsf *tlsf,
                                          struct mortise_tlsf_block *block,
                                          struct mortise_tlsf_block *part)
{
    (void)mortise_tlsf_undress(tlsf, block);
    mortise_tlsf_remove(tlsf, block);
    size_t word = mortise_tlsf_word(block), size = word & ~MORTISE_TLSF_FLAGS;
    if (part != block) {
        size_t lead = (size_t)((char *)part - (char *)block);
        size -= lead;
        mortise_tlsf_set(part, size);
        mortise_tlsf_make_free(tlsf, block, lead, word & MORTISE_TLSF_FIRST);
    }
    mortise_tlsf_use_dressed(tlsf, part, size);
    mortise_tlsf_set(part, mortise_tlsf_word(part) | MORTISE_TLSF_BARE);
}

/* Lends what has about `bytes` to give back, in at most MORTISE_TLSF_LENT parts of the largest
 * blocks that there are; how many, and in `bytes` what is left. */
MORTISE_SLOW unsigned mortise_tlsf_lend(struct mortise_tlsf *tlsf, struct mortise_tlsf_loan *loans,
                                        size_t *bytes, size_t page)
{
    const unsigned least = mortise_tlsf_list(MORTISE_TLSF_LEND_LEAST);
    unsigned count = 0, steps = 0;
    for (unsigned index = MORTISE_TLSF_LEVELS * MORTISE_TLSF_LISTS; index-- > least;) {
        unsigned level = index / MORTISE_TLSF_LISTS, list = index % MORTISE_TLSF_LISTS;
        if ((tlsf->lists[level] & ((uint32_t)1 << list)) == 0)
            continue;
        for (struct mortise_tlsf_block *block = tlsf->head[level][list], *next; block != NULL;
             block = next) {
            if (count == MORTISE_TLSF_LENT || steps++ == MORTISE_TLSF_LEND_STEPS || *bytes == 0)
                return count;
            next = block->next_free;
            struct mortise_tlsf_loan loan = mortise_tlsf_offer(tlsf, block, *bytes, page);
            if (loan.block == NULL)
                continue;
            mortise_tlsf_lend_from(tlsf, block, loan.block);
            size_t gain = loan.end - loan.begin - (loan.gap_end - loan.gap);
            *bytes = gain < *bytes ? *bytes - gain : 0;
            loans[count++] = loan;
        }
    }
    return count;
}

/* Takes back what was lent, which has no pages now if `purged`; the free block it is part of. */
MORTISE_SLOW struct mortise_tlsf_block *
mortise_tlsf_settle(struct mortise_tlsf *tlsf, const struct mortise_tlsf_loan *loan, bool purged)
{
    struct mortise_tlsf_bare range = {loan->gap, loan->gap_end};
    if (purged) {
        range.begin = loan->begin;
        range.end = loan->end;
    }
    mortise_tlsf_set(loan->block, mortise_tlsf_word(loan->block) & ~MORTISE_TLSF_BARE);
    struct mortise_tlsf_block *block = mortise_tlsf_free(tlsf, mortise_tlsf_payload(loan->block));
    mortise_tlsf_dress_more(tlsf, block, range);
    return block;
}

/* Bytes that have pages, as far as that is known. */
MORTISE_PLAIN size_t mortise_tlsf_resident(const struct mortise_tlsf *tlsf)
{
    size_t fresh = tlsf->fresh < tlsf->fresh_end ? tlsf->fresh_end - tlsf->fresh : 0;
    size_t bare = tlsf->bare + fresh;
    return tlsf->held > bare ? tlsf->held - bare : 0;
}

#endif
