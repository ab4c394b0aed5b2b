/* SPDX-License-Identifier: MIT */
/*
 * glibc_thread: each thread on its own replaces blocks in a small table; small sizes are much more
 * frequent than large ones: the probability falls with the square of the size.
 *
 * Wins: an allocator with a short way for one thread among many.
 */
#include "workload.h"

#include "shared/kept.h"

enum { THREADS, ROUNDS, MOST };
enum { BLOCKS = 1024, LEAST = 4 };

/* Where 1/size is uniform, the density of the size falls with its square. */
static size_t random_size(struct work_random *random, long most)
{
    const double low = 1.0 / (double)(most + 1), high = 1.0 / LEAST;
    const double part = (double)(work_random(random) >> 11) * 0x1p-53;
    return (size_t)(1.0 / (low + (high - low) * (1.0 - part)));
}

static bool body(void *argument, long thread)
{
    const long *value = (const long *)argument;
    struct work_random random = {(uint64_t)thread};
    struct kept blocks[BLOCKS] = {{NULL, 0, 0}};
    bool right = true;
    for (long i = 0; i < value[ROUNDS]; i++) {
        struct kept *one = &blocks[work_random(&random) % BLOCKS];
        right = kept_free(one) && right;
        kept_malloc(one, random_size(&random, value[MOST]), (uint32_t)i);
    }
    return kept_free_all(blocks, BLOCKS) && right;
}

static bool run(const long *value)
{
    return work_in_threads(value[THREADS], body, (void *)value);
}

const struct workload workload_glibc_thread = {
    .name = "glibc_thread",
    .purpose = "random replacement by threads that share nothing, mostly of small blocks",
    .source = "glibc, benchtests/bench-malloc-thread",
    .parameters = {{"threads", 0, 0, 0, 0, 4096, "threads"},
                   {"rounds", 5000000, 1250000, 10000000, 1, 1L << 40, "replacements by a thread"},
                   {"most", 32768, 32768, 32768, LEAST, 1L << 30, "bytes in the largest block"}},
    .cases = {"threads=1", "threads=8 rounds=1250000"},
    .run = run,
};
