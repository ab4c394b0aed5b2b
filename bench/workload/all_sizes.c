/* SPDX-License-Identifier: MIT */
/*
 * all_sizes: a block of each power of two from 4 bytes to 4 MB, all of it being written inside the
 * timed part, then all of them freed; by several threads.
 *
 * Wins: an allocator that gives large blocks back only when they are not asked for again soon.
 */
#include "workload.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS, ROUNDS };
enum { FIRST = 2, LAST = 22 };

struct sweep {
    const long *value;
    _Atomic(uint64_t) nanoseconds;
};

static bool body(void *argument, long thread)
{
    struct sweep *sweep = (struct sweep *)argument;
    unsigned char *block[LAST + 1];
    uint64_t nanoseconds = 0;
    bool right = true;
    for (long round = 0; round < sweep->value[ROUNDS]; round++) {
        const unsigned char fill = (unsigned char)(round + thread);
        for (int i = FIRST; i <= LAST; i++) {
            const size_t size = (size_t)1 << i;
            const uint64_t before = work_nanoseconds();
            block[i] = (unsigned char *)work_hide(work_malloc(size));
            memset(block[i], fill ^ i, size);
            work_hide(block[i]);
            nanoseconds += work_nanoseconds() - before;
        }
        for (int i = FIRST; i <= LAST; i++) {
            const size_t last = ((size_t)1 << i) - 1;
            const unsigned char expected = (unsigned char)(fill ^ i);
            right = right && block[i][0] == expected && block[i][last / 2] == expected &&
                    block[i][last] == expected;
            free(block[i]);
        }
    }
    atomic_fetch_add(&sweep->nanoseconds, nanoseconds);
    return right;
}

static bool run(const long *value)
{
    struct sweep sweep = {value, 0};
    const bool right = work_in_threads(value[THREADS], body, &sweep);
    work_figure("round_ns",
                (double)sweep.nanoseconds / (double)value[THREADS] / (double)value[ROUNDS]);
    return right;
}

const struct workload workload_all_sizes = {
    .name = "all_sizes",
    .purpose = "one block of each size from 4 bytes to 4 MB, being written, again and again",
    .source = "TempoJiJi and others, after fragbench",
    .parameters = {{"threads", 0, 0, 0, 0, 4096, "threads"},
                   {"rounds", 400, 100, 100, 1, 1L << 40, "times 8 MB of each thread"}},
    .cases = {"threads=1", "threads=16 rounds=30", "threads=64 rounds=5"},
    .run = run,
};
