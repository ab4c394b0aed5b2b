/* SPDX-License-Identifier: MIT */
/*
 * sizes: what a block of each power of two takes, from 4 bytes to 4 MB, with all of it being
 * written inside the timed part, as the first touch of a page is part of its price. For each size
 * threads ask for some blocks, one after the other, before they free them.
 *
 * Wins: an allocator that keeps memory which is in the cache, or at least mapped, for the next
 * request; it shows at which sizes another part of an allocator takes over.
 */
#include "workload.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS, BLOCKS, ROUNDS, VOLUME, LIVE };
enum { FIRST = 2, LAST = 22, MOST_BLOCKS = 1024 };

struct sweep {
    const long *value;
    pthread_barrier_t start;
    _Atomic(uint64_t) nanoseconds[LAST + 1];
    _Atomic(uint64_t) requests[LAST + 1];
};

/* The figure's name says megabytes in all, so that large sizes do not take all of the time. */
static long limited(long count, long megabytes, long shares, int log2)
{
    const long most = (megabytes << 20) / shares >> log2;
    return count < most ? count : most > 0 ? most : 1;
}

static bool one_size(struct sweep *sweep, int log2, struct work_random *random)
{
    const long *value = sweep->value;
    const size_t size = (size_t)1 << log2;
    const long blocks = limited(value[BLOCKS], value[LIVE], value[THREADS], log2);
    const long rounds = limited(value[ROUNDS], value[VOLUME], blocks, log2);
    unsigned char *block[MOST_BLOCKS];
    unsigned char fill[MOST_BLOCKS];
    uint64_t nanoseconds = 0;
    bool right = true;
    for (long round = 0; round < rounds; round++) {
        for (long i = 0; i < blocks; i++) {
            fill[i] = (unsigned char)work_random(random);
            const uint64_t before = work_nanoseconds();
            block[i] = (unsigned char *)work_hide(work_malloc(size));
            memset(block[i], fill[i], size);
            work_hide(block[i]);
            nanoseconds += work_nanoseconds() - before;
        }
        for (long i = 0; i < blocks; i++) {
            right = right && block[i][0] == fill[i] && block[i][size / 2] == fill[i] &&
                    block[i][size - 1] == fill[i];
            free(block[i]);
        }
    }
    atomic_fetch_add(&sweep->nanoseconds[log2], nanoseconds);
    atomic_fetch_add(&sweep->requests[log2], (uint64_t)(rounds * blocks));
    return right;
}

static bool body(void *argument, long thread)
{
    struct sweep *sweep = (struct sweep *)argument;
    struct work_random random = {(uint64_t)thread};
    bool right = true;
    for (int log2 = FIRST; log2 <= LAST; log2++) {
        pthread_barrier_wait(&sweep->start);
        right = one_size(sweep, log2, &random) && right;
    }
    return right;
}

static bool run(const long *value)
{
    struct sweep *sweep = (struct sweep *)work_calloc(1, sizeof *sweep);
    sweep->value = value;
    pthread_barrier_init(&sweep->start, NULL, (unsigned)value[THREADS]);
    const bool right = work_in_threads(value[THREADS], body, sweep);
    for (int log2 = FIRST; log2 <= LAST; log2++) {
        char key[32];
        snprintf(key, sizeof key, "size_%ld_ns", 1L << log2);
        work_figure(key, (double)sweep->nanoseconds[log2] / (double)sweep->requests[log2]);
    }
    pthread_barrier_destroy(&sweep->start);
    free(sweep);
    return right;
}

const struct workload workload_sizes = {
    .name = "sizes",
    .purpose = "the price of a block of each size from 4 bytes to 4 MB, being written",
    .source = "TempoJiJi and others, after fragbench",
    .parameters = {{"threads", 1, 1, 1, 0, 4096, "threads"},
                   {"blocks", 20, 20, 20, 1, MOST_BLOCKS, "blocks of a size before they are freed"},
                   {"rounds", 4000, 1000, 100, 1, 1L << 40, "times that many blocks"},
                   {"volume_mb", 64, 16, 1L << 20, 1, 1L << 30,
                    "MB of a size at most, each thread"},
                   {"live_mb", 128, 64, 8192, 1, 1L << 30, "MB at once at most, all threads"}},
    .cases = {"threads=2", "threads=4 volume_mb=32", "threads=8 volume_mb=16",
              "threads=16 volume_mb=8", "threads=32 volume_mb=4", "threads=64 volume_mb=2"},
    .run = run,
};
