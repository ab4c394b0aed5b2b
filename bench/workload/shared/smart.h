/* SPDX-License-Identifier: MIT */
/*
 * What sh6bench and sh8bench have in common: runs of blocks of one size each, more blocks in a run
 * the smaller they are. When a thread has enough runs, half of them go: in turn the newest, last in
 * first out, and the oldest, first in first out. In sh8bench every third run is exchanged with one
 * of another thread.
 */
#ifndef BENCH_WORKLOAD_SHARED_SMART_H
#define BENCH_WORKLOAD_SHARED_SMART_H

#include "shared/kept.h"

#include <stdatomic.h>

enum { SMART_THREADS, SMART_RUNS, SMART_MOST };
enum { SMART_HELD = 64, SMART_LONGEST = 250, SMART_PLACES = 64 };

struct smart_run {
    long count;
    struct kept blocks[];
};

struct smart {
    const long *value;
    bool exchanges;
    _Atomic(struct smart_run *) place[SMART_PLACES];
};

static inline struct smart_run *smart_make(struct work_random *random, long most)
{
    const size_t size = 1 + (size_t)work_random_below(random, (uint64_t)most);
    const long count = 1 + SMART_LONGEST * 16 / (16 + (long)size);
    struct smart_run *run =
        (struct smart_run *)work_malloc(sizeof *run + (size_t)count * sizeof run->blocks[0]);
    run->count = count;
    for (long i = 0; i < count; i++)
        kept_malloc(&run->blocks[i], size, (uint32_t)work_random(random));
    return run;
}

static inline bool smart_free(struct smart_run *run, bool newest_first)
{
    bool right = true;
    if (run == NULL)
        return true;
    for (long i = 0; i < run->count; i++)
        right = kept_free(&run->blocks[newest_first ? run->count - 1 - i : i]) && right;
    free(run);
    return right;
}

static inline bool smart_body(void *argument, long thread)
{
    struct smart *smart = (struct smart *)argument;
    struct work_random random = {(uint64_t)thread};
    struct smart_run *held[SMART_HELD];
    const long half = SMART_HELD / 2;
    long count = 0;
    bool right = true;
    for (long i = 0; i < smart->value[SMART_RUNS]; i++) {
        struct smart_run *run = smart_make(&random, smart->value[SMART_MOST]);
        if (smart->exchanges && i % 3 == 0)
            run = atomic_exchange_explicit(&smart->place[work_random(&random) % SMART_PLACES], run,
                                           memory_order_acq_rel);
        held[count++] = run;
        if (count < SMART_HELD)
            continue;
        const bool newest_first = work_random(&random) % 2 == 0;
        if (newest_first) {
            while (count > half)
                right = smart_free(held[--count], true) && right;
        } else {
            for (long j = 0; j < half; j++)
                right = smart_free(held[j], false) && right;
            count -= half;
            memmove(held, held + half, (size_t)count * sizeof(struct smart_run *));
        }
    }
    while (count > 0)
        right = smart_free(held[--count], true) && right;
    return right;
}

static inline bool smart_work(const long *value, bool exchanges)
{
    struct smart *smart = (struct smart *)work_calloc(1, sizeof *smart);
    smart->value = value;
    smart->exchanges = exchanges;
    bool right = work_in_threads(value[SMART_THREADS], smart_body, smart);
    for (int i = 0; i < SMART_PLACES; i++)
        right = smart_free(atomic_load(&smart->place[i]), false) && right;
    free(smart);
    return right;
}

#define SMART_PARAMETERS                                                                           \
    {                                                                                              \
        {"threads", 0, 0, 0, 0, 4096, "threads"},                                                  \
            {"runs", 250000, 60000, 400000, 1, 1L << 40, "runs of blocks by each thread"},         \
        {                                                                                          \
            "most", 1000, 1000, 1000, 1, 1L << 30, "bytes in the largest block"                    \
        }                                                                                          \
    }

#endif
