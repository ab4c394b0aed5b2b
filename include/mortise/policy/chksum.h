/* SPDX-License-Identifier: MIT */
/*
 * chksum - words that tell whether memory next to a block was written by somebody else
 *
 * A layer keeps the sum of a block's address and of what it knows about the block, and compares.
 * The key is the secret of a heap, so that no other program and no later run has the same sums.
 *
 * A member M of this slot defines, without state:
 *   mortise_M_bytes      enumerator: the low bytes of a sum that say anything, 4 or 8
 *   mortise_M_placed     enumerator: 1 if the sum depends on address and content, 0: on the key
 * alone uint64_t mortise_M_calculate(key, address, content)
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_CHKSUM_H
#define MORTISE_POLICY_CHKSUM_H

#include "../core/compiler.h"

#endif
