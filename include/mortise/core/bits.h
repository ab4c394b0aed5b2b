/* SPDX-License-Identifier: MIT */
/*
 * Powers of two, and the first and last set bit of a word.
 */
#ifndef MORTISE_CORE_BITS_H
#define MORTISE_CORE_BITS_H

#include "compiler.h"

/* Largest request that any layer serves: pointer differences inside a block stay representable. */
#define MORTISE_MAX_SIZE ((size_t)PTRDIFF_MAX)

/* The unit of regions and of the record of who owns an address: a multiple of every page size that
 * Linux has on x86-64 and aarch64 (4K, 16K, 64K). */
#define MORTISE_GRANULE ((size_t)65536)

/* `n` rounded up to a multiple of `align`, a power of two. n + align - 1 must not overflow. */
MORTISE_FAST size_t mortise_round_up(size_t n, size_t align)
{
    return (n + (align - 1)) & ~(align - 1);
}

MORTISE_FAST size_t mortise_round_down(size_t n, size_t align)
{
    return n & ~(align - 1);
}

MORTISE_FAST bool mortise_is_power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

/* Index of the highest set bit; n must not be 0. */
MORTISE_FAST unsigned mortise_log2(size_t n)
{
    return (unsigned)(sizeof(unsigned long long) * CHAR_BIT - 1) -
           (unsigned)__builtin_clzll((unsigned long long)n);
}

/* Index of the lowest set bit; n must not be 0. */
MORTISE_FAST unsigned mortise_lowest_bit(uint64_t n)
{
    return (unsigned)__builtin_ctzll(n);
}

/* 64 bits in 32, none of them without influence. */
MORTISE_FAST uint32_t mortise_fold(uint64_t n)
{
    return (uint32_t)(n ^ (n >> 32));
}

#endif
