/* SPDX-License-Identifier: MIT */
/*
 * supermalloc - the size classes of SuperMalloc up to 64 KiB: mostly a prime number of cache lines
 *
 * Blocks whose size is a power of two, or has a large one as a factor, begin in few cache sets, and
 * programs that look at the beginning of each then use a fraction of the cache. Above 256 bytes the
 * classes are prime numbers of cache lines (9 and 15 count as such), each the largest that is at
 * most 10/7 of the one before, and between them the powers of two, for requests that are aligned.
 * Up to 256 there are four to a doubling; SuperMalloc's classes that would not align any object to
 * 16, which are 8 to 14, 20, 24, 28, 40 and 56, are left out. Its own primes end at 223 lines; here
 * the rule goes on.
 *
 * A block wastes less than 16 bytes up to 128 bytes, less than 32 up to 256, and above less than
 * three tenths of itself. A request of just a power of two gets one, while SuperMalloc takes the
 * prime above it, since a class here is the smallest that fits.
 *
 * Needs: nothing
 * Offers: 38 classes; 5 cache lines of tables for sizes
 *
 * Parameters: none
 *
 * Invariants: the tables follow from the rule, which tests/policy/sizeclass/supermalloc.c has;
 * above 1024 no sixteenth of a doubling has more than one class within it
 * Ordering: none; no state
 * Wins: none yet
 * Source: Kuszmaul, SuperMalloc, ISMM 2015, and its objsizes.cc
 */
#ifndef MORTISE_POLICY_SIZECLASS_SUPERMALLOC_H
#define MORTISE_POLICY_SIZECLASS_SUPERMALLOC_H

#include "../sizeclass.h"

enum {
    mortise_supermalloc_id = 4,
    mortise_supermalloc_classes = 38,
    mortise_supermalloc_largest = 65536,
    mortise_supermalloc_fine_most = 1024 /* the largest size looked up by its number of units */
};

/* By number of units, rounded up. */
static const uint8_t mortise_supermalloc_fine_szcls[65] = {
    0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  8,  9,  9,  10, 10, 11, 11, 12, 12, 12, 12, 13,
    13, 13, 13, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16,
    16, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 18, 18, 18, 18};

/* By power of two below the size, and sixteenth of it, 16 for each power from 1024 on: the class of
 * the smallest size there. */
static const uint8_t mortise_supermalloc_coarse_szcls[96] = {
    19, 19, 19, 20, 20, 20, 20, 21, 21, 21, 21, 21, 21, 21, 21, 22, 23, 23, 23, 23, 23, 23, 24, 24,
    24, 24, 24, 24, 24, 24, 24, 25, 26, 26, 26, 26, 26, 27, 27, 27, 27, 27, 27, 27, 27, 28, 28, 28,
    29, 29, 29, 29, 30, 30, 30, 30, 30, 30, 30, 30, 31, 31, 31, 31, 32, 32, 32, 32, 33, 33, 33, 33,
    33, 33, 33, 33, 33, 34, 34, 34, 35, 35, 35, 35, 35, 36, 36, 36, 36, 36, 36, 36, 36, 37, 37, 37};

static const uint32_t mortise_supermalloc_size[mortise_supermalloc_classes] = {
    16,   32,   48,   64,    80,    96,    112,   128,   160,   192,   224,   256,  320,
    448,  512,  576,  704,   960,   1024,  1216,  1472,  1984,  2048,  2752,  3904, 4096,
    5312, 7232, 8192, 10048, 14272, 16384, 20288, 28736, 32768, 41024, 58304, 65536};

static const uint32_t mortise_supermalloc_reciprocal[mortise_supermalloc_classes] = {
    2147483648u, 1073741824u, 715827883u, 536870912u, 429496730u, 357913942u, 306783379u,
    268435456u,  214748365u,  178956971u, 153391690u, 134217728u, 107374183u, 76695845u,
    67108864u,   59652324u,   48806447u,  35791395u,  33554432u,  28256364u,  23342214u,
    17318417u,   16777216u,   12485371u,  8801163u,   8388608u,   6468325u,   4751071u,
    4194304u,    3419560u,    2407493u,   2097152u,   1693600u,   1195704u,   1048576u,
    837553u,     589321u,     524288u};

MORTISE_FAST size_t mortise_supermalloc_most(struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_supermalloc_largest;
}

MORTISE_FAST size_t mortise_supermalloc_fine(struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_supermalloc_fine_most;
}

MORTISE_FAST unsigned mortise_supermalloc_size_to_szcls(size_t size,
                                                        struct mortise_sizeclass parameters)
{
    (void)parameters;
    if (MORTISE_LIKELY(size <= mortise_supermalloc_fine_most))
        return mortise_supermalloc_fine_szcls[(size + (MORTISE_SIZECLASS_UNIT - 1)) /
                                              MORTISE_SIZECLASS_UNIT];
    unsigned power = mortise_log2(size - 1);      /* 10 to 15 */
    size_t sixteenth = (size - 1) >> (power - 4); /* 16 to 31 */
    unsigned szcls = mortise_supermalloc_coarse_szcls[(size_t)power * 16 + sixteenth - 176];
    return szcls + (size > mortise_supermalloc_size[szcls]); /* 176: 10 * 16 + 16 */
}

MORTISE_FAST size_t mortise_supermalloc_szcls_to_size(unsigned szcls,
                                                      struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_supermalloc_size[szcls];
}

MORTISE_FAST uint32_t mortise_supermalloc_szcls_to_reciprocal(unsigned szcls,
                                                              struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_supermalloc_reciprocal[szcls];
}

MORTISE_FAST unsigned mortise_supermalloc_batch(unsigned szcls, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_sizeclass_batch(mortise_supermalloc_size[szcls]);
}

#endif
