/* SPDX-License-Identifier: MIT */
/*
 * xor - key, address and content, exclusive-or
 *
 * Costs two instructions more than magic. Any change of a single byte, of the address or of the
 * content is seen; two changes can make up for each other.
 *
 * Needs: nothing
 * Offers: 8 bytes
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; no state
 * Wins: none yet
 * Source: paper sections 2.2 and 3 (wfslabs)
 */
#ifndef MORTISE_POLICY_CHKSUM_XOR_H
#define MORTISE_POLICY_CHKSUM_XOR_H

#include "../chksum.h"

enum { mortise_xor_bytes = 8, mortise_xor_placed = 1 };

/* Sizes turned away from the low bits of addresses, which vary as much as they do. */
MORTISE_FAST uint64_t mortise_xor_calculate(uint64_t key, uintptr_t address, uint64_t content)
{
    return key ^ address ^ (content << 32 | content >> 32);
}

#endif
