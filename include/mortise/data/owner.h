/* SPDX-License-Identifier: MIT */
/*
 * What a granule map records: the number of the layer that owns a granule, and 56 bits that this
 * layer chose, such as the address of its own record of the place.
 */
#ifndef MORTISE_DATA_OWNER_H
#define MORTISE_DATA_OWNER_H

#include "../core/bits.h"

#define MORTISE_OWNER_DATA_MAX (((uint64_t)1 << 56) - 1)

MORTISE_FAST uint64_t mortise_owner_entry(unsigned owner, uint64_t data)
{
    return ((uint64_t)owner << 56) | data;
}

MORTISE_FAST unsigned mortise_owner_of(uint64_t entry)
{
    return (unsigned)(entry >> 56);
}

MORTISE_FAST uint64_t mortise_owner_data(uint64_t entry)
{
    return entry & MORTISE_OWNER_DATA_MAX;
}

#endif
