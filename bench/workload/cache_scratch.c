/* SPDX-License-Identifier: MIT */
/*
 * cache_scratch: passive false sharing. One thread asks for objects, which then lie side by side,
 * and gives one to each of some threads; these free it, ask for objects of the same size and write
 * to them.
 *
 * Wins: an allocator that gives a freed object back to the thread whose cache line it was part of,
 * rather than to the thread that freed it.
 */
#include "workload.h"

#include "shared/scratch.h"

struct scratch {
    const long *value;
    unsigned char **given;
};

static bool body(void *argument, long thread)
{
    const struct scratch *scratch = (const struct scratch *)argument;
    work_pin(thread);
    unsigned char *given = scratch->given[thread];
    bool right = scratch_write(given, (size_t)scratch->value[SCRATCH_SIZE], 1);
    free(given);
    return scratch_objects(scratch->value) && right;
}

static bool run(const long *value)
{
    const long threads = value[SCRATCH_THREADS];
    struct scratch scratch = {
        value, (unsigned char **)work_malloc((size_t)threads * sizeof(unsigned char *))};
    for (long i = 0; i < threads; i++)
        scratch.given[i] = (unsigned char *)work_malloc((size_t)value[SCRATCH_SIZE]);
    const bool right = work_in_threads(threads, body, &scratch);
    free(scratch.given);
    return right;
}

const struct workload workload_cache_scratch = {
    .name = "cache_scratch",
    .purpose = "objects that came from one cache line, freed and asked for by several threads",
    .source = "Berger et al. 2000 (Hoard)",
    .parameters = SCRATCH_PARAMETERS,
    .cases = {"threads=1"},
    .run = run,
};
