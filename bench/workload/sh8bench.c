/* SPDX-License-Identifier: MIT */
/*
 * sh8bench: as sh6bench, and a third of the blocks is freed by another thread than the one that
 * asked for them.
 *
 * Wins: an allocator that takes back runs of blocks of another thread.
 */
#include "workload.h"

#include "shared/smart.h"

static bool run(const long *value)
{
    return smart_work(value, true);
}

const struct workload workload_sh8bench = {
    .name = "sh8bench",
    .purpose = "runs of blocks as in sh6bench, a third of which another thread frees",
    .source = "MicroQuill, SmartHeap",
    .parameters = SMART_PARAMETERS,
    .cases = {"threads=1", "threads=8 runs=60000"},
    .run = run,
};
