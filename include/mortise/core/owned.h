/* SPDX-License-Identifier: MIT */
/*
 * Who owns a place in memory, in one word.
 */
#ifndef MORTISE_CORE_OWNED_H
#define MORTISE_CORE_OWNED_H

#include "compiler.h"

/* What is recorded of a region, or of the place of a block: the number of the layer that owns it,
 * and 56 bits that this layer chose, such as the address of its own record. */
MORTISE_FAST uint64_t mortise_owned(unsigned owner, uint64_t data)
{
    return ((uint64_t)owner << 56) | data;
}

MORTISE_FAST unsigned mortise_owner_of(uint64_t owned)
{
    return (unsigned)(owned >> 56);
}

MORTISE_FAST uint64_t mortise_owner_data(uint64_t owned)
{
    return owned & (((uint64_t)1 << 56) - 1);
}

#endif
