/* SPDX-License-Identifier: MIT */
/*
 * A header of 16 bytes in front of a block, which says whether the block is in use, in such a way
 * that an overwritten or forged one is recognised.
 */
#ifndef MORTISE_DATA_HEADER_H
#define MORTISE_DATA_HEADER_H

#include "../core/atomic.h"
#include "../core/bits.h"

enum mortise_header_state {
    MORTISE_HEADER_NONE = 0,     /* what is there is no header */
    MORTISE_HEADER_LIVES = 0x5a, /* node: usable bytes */
    MORTISE_HEADER_WAITS = 0xc3, /* to be freed; node: the next one that does */
    MORTISE_HEADER_TURNS = 0x36, /* its thread is writing the node */
    MORTISE_HEADER_LEFT = 0x99   /* freed; the node may be overwritten */
};

/* The word: the sum of address, rest and, where it means something, node in 32 bits, the state in
 * 8, the shift in 8; what the block is a part of begins 2^shift bytes before the block. */
struct mortise_header {
    uint64_t node; /* masked */
    uint64_t word;
};

/* How the headers of a heap are written; `sum` is a constant where it is used. */
struct mortise_header_scheme {
    uint64_t sum_key;
    uint64_t node_key;
    bool masks;
    uint64_t (*sum)(uint64_t key, uintptr_t address, uint64_t content);
};

MORTISE_FAST struct mortise_header *mortise_header_of(const void *block)
{
    return (struct mortise_header *)((uintptr_t)block - sizeof(struct mortise_header));
}

MORTISE_FAST void *mortise_header_block(struct mortise_header *header)
{
    return (char *)header + sizeof *header;
}

/* Bytes from the beginning of the whole to the block. */
MORTISE_FAST size_t mortise_header_cost(uint64_t word)
{
    return (size_t)1 << ((word >> 40) & 31);
}

/* A node to or from what stands in a header. */
MORTISE_FAST uint64_t mortise_header_mask(struct mortise_header_scheme scheme,
                                          const struct mortise_header *header, uint64_t node)
{
    return scheme.masks ? node ^ scheme.node_key ^ (uintptr_t)header : node;
}

MORTISE_FAST uint64_t mortise_header_word(struct mortise_header_scheme scheme,
                                          const struct mortise_header *header, uint64_t masked,
                                          enum mortise_header_state state, unsigned shift)
{
    bool with_node = state == MORTISE_HEADER_LIVES || state == MORTISE_HEADER_WAITS;
    uint64_t rest = (uint64_t)state << 32 | (uint64_t)shift << 40;
    uint64_t content = with_node ? masked ^ rest : rest;
    return mortise_fold(scheme.sum(scheme.sum_key, (uintptr_t)header, content)) | rest;
}

/* What a header says. Acquire: a node that is written meanwhile shows by a word that is not the
 * same any more, see mortise_header_write. */
MORTISE_FAST enum mortise_header_state mortise_header_read(struct mortise_header_scheme scheme,
                                                           struct mortise_header *header,
                                                           uint64_t *word, uint64_t *node)
{
    for (;;) {
        *word = MORTISE_LOAD_ACQUIRE(&header->word);
        uint64_t masked = MORTISE_LOAD_ACQUIRE(&header->node);
        enum mortise_header_state state = (enum mortise_header_state)(*word >> 32 & 255);
        unsigned shift = (unsigned)(*word >> 40);
        *node = mortise_header_mask(scheme, header, masked);
        if (MORTISE_LIKELY(shift >= 4 && shift <= 16 && state != MORTISE_HEADER_NONE &&
                           *word == mortise_header_word(scheme, header, masked, state, shift)))
            return state;
        if (MORTISE_LOAD_RELAXED(&header->word) == *word)
            return MORTISE_HEADER_NONE;
    }
}

/* Writes a header whose word, if it is one, says TURNS or LEFT, which go with any node. Release:
 * whoever sees the new word sees the new node. */
MORTISE_FAST void mortise_header_settle(struct mortise_header_scheme scheme,
                                        struct mortise_header *header, uint64_t node,
                                        enum mortise_header_state state, size_t cost)
{
    uint64_t masked = mortise_header_mask(scheme, header, node);
    MORTISE_STORE_RELEASE(&header->node, masked);
    MORTISE_STORE_RELEASE(&header->word, mortise_header_word(scheme, header, masked, state,
                                                             mortise_lowest_bit(cost)));
}

/* Writes any header. Release, in settle: whoever sees the new node sees that the word is not the
 * old one any more. */
MORTISE_FAST void mortise_header_write(struct mortise_header_scheme scheme,
                                       struct mortise_header *header, uint64_t node,
                                       enum mortise_header_state state, size_t cost)
{
    MORTISE_STORE_RELAXED(
        &header->word,
        mortise_header_word(scheme, header, 0, MORTISE_HEADER_TURNS, mortise_lowest_bit(cost)));
    mortise_header_settle(scheme, header, node, state, cost);
}

/* What was in front of the header's block is freed: LEFT, whatever the node. */
MORTISE_FAST void mortise_header_leave(struct mortise_header_scheme scheme,
                                       struct mortise_header *header, size_t cost)
{
    MORTISE_STORE_RELEASE(&header->word, mortise_header_word(scheme, header, 0, MORTISE_HEADER_LEFT,
                                                             mortise_lowest_bit(cost)));
}

/* The step from LIVES to TURNS, which one thread makes. Acquire and release: it sees what the owner
 * of the block wrote. */
MORTISE_FAST bool mortise_header_claim(struct mortise_header_scheme scheme,
                                       struct mortise_header *header, uint64_t word)
{
    uint64_t turns =
        mortise_header_word(scheme, header, 0, MORTISE_HEADER_TURNS, (unsigned)(word >> 40));
    return MORTISE_LIKELY(MORTISE_CAS_ACQ_REL(&header->word, &word, turns));
}

#endif
