/* SPDX-License-Identifier: MIT */
/*
 * cache_thrash: active false sharing. Threads ask for small objects at the same time and write to
 * them.
 *
 * Wins: an allocator that does not cut one cache line up for two threads.
 */
#include "workload.h"

#include "shared/scratch.h"

static bool body(void *argument, long thread)
{
    work_pin(thread);
    return scratch_objects((const long *)argument);
}

static bool run(const long *value)
{
    return work_in_threads(value[SCRATCH_THREADS], body, (void *)value);
}

const struct workload workload_cache_thrash = {
    .name = "cache_thrash",
    .purpose = "objects that threads ask for at the same time in one cache line",
    .source = "Berger et al. 2000 (Hoard)",
    .parameters = SCRATCH_PARAMETERS,
    .cases = {"threads=1"},
    .run = run,
};
