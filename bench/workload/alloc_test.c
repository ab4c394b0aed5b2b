/* SPDX-License-Identifier: MIT */
/*
 * alloc_test: stress for general use. Slots are picked with a Pareto distribution, so that few of
 * them change often and many rarely; a full slot is emptied, an empty one filled with a block whose
 * size has a Pareto distribution as well: four fifths of the bytes are in a fifth of the blocks.
 * All of a block is written.
 *
 * Wins: an allocator that serves sizes of all kinds from memory that is still in the cache.
 */
#include "workload.h"

#include "shared/kept.h"

#include <math.h>

enum { THREADS, SLOTS, ROUNDS, MOST };
enum { LEAST = 16 };

/* In [0, limit): 80 % of the picks fall on the first 20 %, and so on within them. */
static size_t pareto_slot(struct work_random *random, size_t limit)
{
    while (limit > 8 && work_random(random) % 5 != 0)
        limit = limit / 5 + 1;
    return (size_t)work_random_below(random, limit);
}

/* The exponent for which a fifth of the blocks has four fifths of the bytes. */
static size_t pareto_size(struct work_random *random, size_t most)
{
    const double exponent = 1.0 / 1.16;
    const double part = (double)((work_random(random) >> 11) + 1) * 0x1p-53;
    const double size = LEAST * pow(part, -exponent);
    return size < (double)most ? (size_t)size : most;
}

static bool body(void *argument, long thread)
{
    const long *value = (const long *)argument;
    struct work_random random = {(uint64_t)thread};
    struct kept *slots = (struct kept *)work_calloc((size_t)value[SLOTS], sizeof *slots);
    bool right = true;
    for (long i = 0; i < value[ROUNDS]; i++) {
        struct kept *one = &slots[pareto_slot(&random, (size_t)value[SLOTS])];
        if (one->block != NULL) {
            right = kept_free(one) && right;
            continue;
        }
        const size_t size = pareto_size(&random, (size_t)value[MOST]);
        void *block = work_hide(work_malloc(size));
        memset(block, (int)i, size);
        kept_mark(one, block, size, (uint32_t)i);
    }
    right = kept_free_all(slots, value[SLOTS]) && right;
    free(slots);
    return right;
}

static bool run(const long *value)
{
    return work_in_threads(value[THREADS], body, (void *)value);
}

const struct workload workload_alloc_test = {
    .name = "alloc_test",
    .purpose = "Pareto distributions of sizes and of how long blocks live",
    .source = "alloc-test of ithare.com",
    .parameters = {{"threads", 1, 1, 1, 0, 4096, "threads"},
                   {"slots", 65536, 16384, 1048576, 1, 1L << 30, "blocks at most, each thread"},
                   {"rounds", 5000000, 1250000, 5000000, 1, 1L << 40, "steps of each thread"},
                   {"most", 16384, 16384, 16384, LEAST, 1L << 30, "bytes in the largest block"}},
    .cases = {"threads=0", "threads=8 rounds=1250000"},
    .run = run,
};
