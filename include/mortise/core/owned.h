/* SPDX-License-Identifier: MIT */
/*
 * Who owns a place in memory, in one word.
 */
#ifndef MORTISE_CORE_OWNED_H
#define MORTISE_CORE_OWNED_H

#include "compiler.h"

/* Numbers of layers that place are 1 to 31, from the system side; that of the last one has this bit
 * as well, so that one bit tells its places from all others. */
enum { MORTISE_LAST_OWNER = 32, MORTISE_OWNER_BITS = 6 };

/* What is recorded of a region, or of the place of a block: the number of the layer that owns it,
 * and 58 bits that this layer chose, such as the address of its own record. The number is below
 * them: a record at a multiple of 64 is reached through the word itself, at an offset. */
MORTISE_FAST uint64_t mortise_owned(unsigned owner, uint64_t data)
{
    return data << MORTISE_OWNER_BITS | owner;
}

MORTISE_FAST unsigned mortise_owner_of(uint64_t owned)
{
    return (unsigned)(owned & ((1u << MORTISE_OWNER_BITS) - 1));
}

/* Of an owner that has the number: no more than one test where it is the last. */
MORTISE_FAST bool mortise_owned_by(uint64_t owned, unsigned owner)
{
    if (owner & MORTISE_LAST_OWNER)
        return (owned & MORTISE_LAST_OWNER) != 0;
    return mortise_owner_of(owned) == owner;
}

MORTISE_FAST uint64_t mortise_owner_data(uint64_t owned)
{
    return owned >> MORTISE_OWNER_BITS;
}

/* The bits as a size class, below 2^16, and the address of a record, a multiple of 64. */
MORTISE_FAST uint64_t mortise_owned_of_class(unsigned owner, size_t szcls, const void *record)
{
    return (uint64_t)szcls << 48 | (uint64_t)(uintptr_t)record | owner;
}

MORTISE_FAST void *mortise_owner_record(uint64_t owned)
{
    return (void *)(uintptr_t)((owned << 16 >> 16) & ~(uint64_t)63);
}

MORTISE_FAST size_t mortise_owner_class(uint64_t owned)
{
    return (size_t)(owned >> 48);
}

#endif
