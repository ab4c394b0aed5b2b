/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <string.h>

const char *bench_scale_name(enum bench_scale scale)
{
    static const char *const names[BENCH_SCALES] = {"usual", "quick", "paper"};
    return names[scale];
}

size_t bench_allocator_find(const struct bench *bench, const char *name)
{
    size_t i = 0;
    while (i < bench->allocator_count && strcmp(bench->allocators[i].name, name) != 0)
        i++;
    return i;
}

const struct bench_run *bench_run_find(const struct bench *bench, size_t on, size_t under,
                                       int round)
{
    for (size_t i = 0; i < bench->run_count; i++) {
        const struct bench_run *run = &bench->runs[i];
        if (run->on == on && run->under == under && run->round == round)
            return run;
    }
    return NULL;
}

bool bench_run_good(const struct bench_run *run)
{
    return run != NULL && strcmp(run->fate, "ok") == 0;
}
