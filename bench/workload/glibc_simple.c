/* SPDX-License-Identifier: MIT */
/*
 * glibc_simple: one size, in blocks of 256: some go out and come back at once, then all in the
 * order in which they came.
 */
#include "workload.h"

#include <stdlib.h>

enum { SIZE, ROUNDS };
enum { BLOCKS = 256 };

static bool run(const long *value)
{
    const size_t size = (size_t)value[SIZE];
    unsigned char *blocks[BLOCKS];
    uint64_t sum = 0;
    for (long round = 0; round < value[ROUNDS]; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = (unsigned char *)work_hide(work_malloc(size));
            blocks[i][0] = (unsigned char)i;
            blocks[i][size - 1] = (unsigned char)i;
        }
        for (int i = 0; i < BLOCKS; i++) {
            sum += blocks[i][size - 1];
            free(blocks[i]);
        }
    }
    return sum == (uint64_t)value[ROUNDS] * (BLOCKS * (BLOCKS - 1) / 2);
}

const struct workload workload_glibc_simple = {
    .name = "glibc_simple",
    .purpose = "blocks of one size by the hundred, freed in order, in one thread",
    .source = "glibc, benchtests/bench-malloc-simple",
    .parameters = {{"size", 64, 64, 128, 1, 1 << 20, "bytes in a block"},
                   {"rounds", 100000, 20000, 100000, 1, 1L << 40, "times 256 blocks"}},
    .cases = {"size=8", "size=4096 rounds=2000"},
    .run = run,
};
