/* SPDX-License-Identifier: MIT */
/*
 * Chains of free blocks, linked by their first words as the batch calls pass them, from and to
 * arrays of pointers.
 *
 * A block that a program freed twice may stand in an array twice. No chain becomes endless by that,
 * and no block is in it twice: the link of a block is the one that was written last, so links lead
 * from one block's last place in the array to a place behind it. The blocks in between are lost.
 */
#ifndef MORTISE_DATA_CHAIN_H
#define MORTISE_DATA_CHAIN_H

#include "../core/compiler.h"

/* A chain of the blocks of an array in its order; NULL for none. */
MORTISE_PLAIN void *mortise_chain(void *const *blocks, size_t count)
{
    if (count == 0)
        return NULL;
    for (size_t i = 0; i + 1 < count; i++)
        *(void **)blocks[i] = blocks[i + 1];
    *(void **)blocks[count - 1] = NULL;
    return blocks[0];
}

/* The blocks of a chain go into an array, the first one last, so that a stack gives them in the
 * order of the chain. There are `count` of them. */
MORTISE_PLAIN void mortise_unchain(void *chain, void **blocks, size_t count)
{
    for (size_t i = count; i > 0 && chain != NULL; i--) {
        blocks[i - 1] = chain;
        chain = *(void **)chain;
    }
}

/* Sorts by address, with Ciura's gaps: a few steps for each block, and no stack. */
MORTISE_PLAIN void mortise_sort_addresses(void **blocks, size_t count)
{
    static const uint16_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++) {
        size_t gap = gaps[g];
        for (size_t i = gap; i < count; i++) {
            void *block = blocks[i];
            size_t at = i;
            for (; at >= gap && (uintptr_t)blocks[at - gap] > (uintptr_t)block; at -= gap)
                blocks[at] = blocks[at - gap];
            blocks[at] = block;
        }
    }
}

#endif
