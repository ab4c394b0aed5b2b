/* SPDX-License-Identifier: MIT */
/*
 * tc - the size classes of tcmalloc (gperftools 2.9.1) up to 256 KiB
 *
 * Dense for small sizes, eight to a doubling above 128 bytes; neighbours that would cut a span into
 * the same number of objects are one class. Of the 85 classes that of 8 bytes is left out, since
 * every block is aligned to 16; so there are 84, and sizes up to 16 share the first.
 *
 * A block wastes less than 16 bytes up to 256 bytes, and above at most a fifth of itself (20480 for
 * a request of 16385), an eighth where no neighbour was merged.
 *
 * Needs: nothing
 * Offers: 84 classes; 4 cache lines of tables for sizes
 *
 * Parameters: none
 *
 * Invariants: the tables follow from the rule, which tests/policy/sizeclass/tc.c has; each class
 * above 1024 is a multiple of a sixteenth of the power of two below it
 * Ordering: none; no state
 * Wins: none yet
 * Source: gperftools 2.9.1, src/common.cc, SizeMap
 */
#ifndef MORTISE_POLICY_SIZECLASS_TC_H
#define MORTISE_POLICY_SIZECLASS_TC_H

#include "../sizeclass.h"

enum {
    mortise_tc_id = 1,
    mortise_tc_classes = 84,
    mortise_tc_largest = 262144,
    mortise_tc_fine_most = 1024 /* the largest size that is looked up by its number of units */
};

/* By number of units, rounded up. */
static const uint8_t mortise_tc_fine_szcls[65] = {
    0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 16, 17, 17, 18,
    18, 19, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 24, 24, 24, 25, 25, 25, 25, 26, 26, 26,
    26, 27, 27, 27, 27, 28, 28, 28, 28, 28, 28, 28, 28, 29, 29, 29, 29, 29, 29, 29, 29};

/* By power of two below the size, and sixteenth of it: 16 for each power from 1024 on. */
static const uint8_t mortise_tc_coarse_szcls[128] = {
    30, 30, 31, 31, 32, 32, 33, 33, 34, 34, 34, 34, 35, 35, 35, 35, 36, 36, 37, 37, 38, 38,
    39, 39, 40, 40, 41, 41, 41, 41, 41, 41, 42, 42, 43, 43, 44, 44, 44, 44, 45, 45, 46, 46,
    46, 46, 46, 46, 47, 47, 48, 48, 49, 49, 49, 49, 50, 50, 51, 51, 51, 51, 51, 51, 52, 52,
    52, 52, 53, 53, 53, 53, 54, 54, 55, 55, 55, 55, 55, 55, 56, 56, 56, 56, 57, 57, 57, 57,
    58, 58, 58, 58, 59, 59, 59, 59, 60, 60, 61, 61, 62, 62, 63, 63, 64, 64, 65, 65, 66, 66,
    67, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83};

static const uint32_t mortise_tc_size[mortise_tc_classes] = {
    16,     32,     48,     64,     80,     96,     112,    128,    144,    160,    176,    192,
    208,    224,    240,    256,    288,    320,    352,    384,    416,    448,    480,    512,
    576,    640,    704,    768,    896,    1024,   1152,   1280,   1408,   1536,   1792,   2048,
    2304,   2560,   2816,   3072,   3328,   4096,   4608,   5120,   6144,   6656,   8192,   9216,
    10240,  12288,  13312,  16384,  20480,  24576,  26624,  32768,  40960,  49152,  57344,  65536,
    73728,  81920,  90112,  98304,  106496, 114688, 122880, 131072, 139264, 147456, 155648, 163840,
    172032, 180224, 188416, 196608, 204800, 212992, 221184, 229376, 237568, 245760, 253952, 262144};

static const uint32_t mortise_tc_reciprocal[mortise_tc_classes] = {
    2147483648u, 1073741824u, 715827883u, 536870912u, 429496730u, 357913942u, 306783379u,
    268435456u,  238609295u,  214748365u, 195225787u, 178956971u, 165191050u, 153391690u,
    143165577u,  134217728u,  119304648u, 107374183u, 97612894u,  89478486u,  82595525u,
    76695845u,   71582789u,   67108864u,  59652324u,  53687092u,  48806447u,  44739243u,
    38347923u,   33554432u,   29826162u,  26843546u,  24403224u,  22369622u,  19173962u,
    16777216u,   14913081u,   13421773u,  12201612u,  11184811u,  10324441u,  8388608u,
    7456541u,    6710887u,    5592406u,   5162221u,   4194304u,   3728271u,   3355444u,
    2796203u,    2581111u,    2097152u,   1677722u,   1398102u,   1290556u,   1048576u,
    838861u,     699051u,     599187u,    524288u,    466034u,    419431u,    381301u,
    349526u,     322639u,     299594u,    279621u,    262144u,    246724u,    233017u,
    220753u,     209716u,     199729u,    190651u,    182362u,    174763u,    167773u,
    161320u,     155345u,     149797u,    144632u,    139811u,    135301u,    131072u};

MORTISE_FAST size_t mortise_tc_most(struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_tc_largest;
}

MORTISE_FAST size_t mortise_tc_fine(struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_tc_fine_most;
}

MORTISE_FAST unsigned mortise_tc_size_to_szcls(size_t size, struct mortise_sizeclass parameters)
{
    (void)parameters;
    if (MORTISE_LIKELY(size <= mortise_tc_fine_most))
        return mortise_tc_fine_szcls[(size + (MORTISE_SIZECLASS_UNIT - 1)) /
                                     MORTISE_SIZECLASS_UNIT];
    unsigned power = mortise_log2(size - 1);                              /* 10 to 17 */
    size_t sixteenth = (size - 1) >> (power - 4);                         /* 16 to 31 */
    return mortise_tc_coarse_szcls[(size_t)power * 16 + sixteenth - 176]; /* 10 * 16 + 16 */
}

MORTISE_FAST size_t mortise_tc_szcls_to_size(unsigned szcls, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_tc_size[szcls];
}

MORTISE_FAST uint32_t mortise_tc_szcls_to_reciprocal(unsigned szcls,
                                                     struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_tc_reciprocal[szcls];
}

MORTISE_FAST unsigned mortise_tc_batch(unsigned szcls, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_sizeclass_batch(mortise_tc_size[szcls]);
}

#endif
