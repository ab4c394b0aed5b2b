/* SPDX-License-Identifier: MIT */
/*
 * sh6bench: each thread on its own frees runs of blocks, some last in first out, some first in
 * first out.
 *
 * Wins: an allocator whose free lists do not depend on the order of frees.
 */
#include "workload.h"

#include "shared/smart.h"

static bool run(const long *value)
{
    return smart_work(value, false);
}

const struct workload workload_sh6bench = {
    .name = "sh6bench",
    .purpose = "runs of blocks, freed last in first out or first in first out",
    .source = "MicroQuill, SmartHeap",
    .parameters = SMART_PARAMETERS,
    .cases = {"threads=1", "threads=8 runs=60000"},
    .run = run,
};
