/* SPDX-License-Identifier: MIT */
/*
 * The size classes of wfslabm: for small blocks those that wfslab calls prime, for large ones
 * powers of two from 64 KiB on.
 */
#ifndef WFSLABM_CLASSES_H
#define WFSLABM_CLASSES_H

#include "base.h"

enum { CLASSES = 38, SMALL_MOST = 65536, FINE_MOST = 1024, LARGE_CLASSES = 27 };

/* By number of 16 bytes, rounded up. */
static const uint8_t fine_class[65] = {
    0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  8,  9,  9,  10, 10, 11, 11, 12, 12, 12, 12, 13,
    13, 13, 13, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16,
    16, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 18, 18, 18, 18};

/* By power of two from 1024 on, and sixteenth of it: the class of the smallest size there. */
static const uint8_t coarse_class[96] = {
    19, 19, 19, 20, 20, 20, 20, 21, 21, 21, 21, 21, 21, 21, 21, 22, 23, 23, 23, 23, 23, 23, 24, 24,
    24, 24, 24, 24, 24, 24, 24, 25, 26, 26, 26, 26, 26, 27, 27, 27, 27, 27, 27, 27, 27, 28, 28, 28,
    29, 29, 29, 29, 30, 30, 30, 30, 30, 30, 30, 30, 31, 31, 31, 31, 32, 32, 32, 32, 33, 33, 33, 33,
    33, 33, 33, 33, 33, 34, 34, 34, 35, 35, 35, 35, 35, 36, 36, 36, 36, 36, 36, 36, 36, 37, 37, 37};

static const uint32_t class_size[CLASSES] = {
    16,   32,   48,   64,    80,    96,    112,   128,   160,   192,   224,   256,  320,
    448,  512,  576,  704,   960,   1024,  1216,  1472,  1984,  2048,  2752,  3904, 4096,
    5312, 7232, 8192, 10048, 14272, 16384, 20288, 28736, 32768, 41024, 58304, 65536};

HOT unsigned fine_class_of(size_t size)
{
    return fine_class[(size + 15) / 16];
}

/* size <= SMALL_MOST */
HOT unsigned class_of(size_t size)
{
    if (LIKELY(size <= FINE_MOST))
        return fine_class_of(size);
    unsigned power = 63 - (unsigned)__builtin_clzll(size - 1);
    unsigned found = coarse_class[power * 16 + ((size - 1) >> (power - 4)) - 176];
    return found + (size > class_size[found]);
}

/* 2^31 divided by the size in units of 16, rounded up: a division by the size in one product. */
static uint32_t reciprocal_of(size_t size)
{
    uint64_t units = size / 16;
    return (uint32_t)((((uint64_t)1 << 31) + units - 1) / units);
}

/* size <= 1 GiB */
HOT unsigned large_class_of(size_t size)
{
    return size <= 16 ? 0 : 60 - (unsigned)__builtin_clzll(size - 1);
}

#endif
