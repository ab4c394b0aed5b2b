/* SPDX-License-Identifier: MIT */
/*
 * A pattern that freed memory is filled with, and whether it is still there.
 */
#ifndef MORTISE_DATA_FILL_H
#define MORTISE_DATA_FILL_H

#include "../core/poison.h"

/* Eight of it are no pointer, size or text; as a number it is large, and odd. */
#define MORTISE_FILL 0xd5

MORTISE_FAST void mortise_fill(void *block, size_t size)
{
    mortise_set(block, MORTISE_FILL, size);
}

MORTISE_PLAIN bool mortise_is_filled(const void *block, size_t size)
{
    const unsigned char *at = (const unsigned char *)block;
    const uint64_t filled = UINT64_C(0x0101010101010101) * MORTISE_FILL;
    uint64_t differs = 0;
    for (; size >= sizeof filled; at += sizeof filled, size -= sizeof filled) {
        uint64_t word;
        mortise_copy(&word, at, sizeof word);
        differs |= word ^ filled;
    }
    for (; size > 0; at++, size--)
        differs |= *at ^ MORTISE_FILL;
    return differs == 0;
}

#endif
