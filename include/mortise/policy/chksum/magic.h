/* SPDX-License-Identifier: MIT */
/*
 * magic - the same secret number everywhere in a heap
 *
 * Costs one load. It tells that a word was overwritten, but not that it belongs to another block or
 * that what it stands for was changed.
 *
 * Needs: nothing
 * Offers: 8 bytes
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; no state
 * Wins: none yet
 * Source: paper section 2.2
 */
#ifndef MORTISE_POLICY_CHKSUM_MAGIC_H
#define MORTISE_POLICY_CHKSUM_MAGIC_H

#include "../chksum.h"

enum { mortise_magic_bytes = 8, mortise_magic_placed = 0 };

MORTISE_FAST uint64_t mortise_magic_calculate(uint64_t key, uintptr_t address, uint64_t content)
{
    (void)address;
    (void)content;
    return key ^ UINT64_C(0x9d3cb5e1a7f26b49); /* no key gives a word of zeroes by being zero */
}

#endif
