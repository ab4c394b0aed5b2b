/* SPDX-License-Identifier: MIT */
#include "turns.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../mem.h"
#include "random.h"
#include "statistics.h"

/* Where the comparison stands, for who waits. */
struct progress {
    bool shown; /* on a terminal line by line over each other, else a line for each case */
    bool terminal;
    double began;
    size_t done, todo; /* runs */
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* The order of one round depends on the seed, the case and the round alone, so that a comparison
 * that is resumed goes on as it would have. */
static size_t *shuffled(const struct bench *bench, size_t on, int round)
{
    uint64_t state = bench->seed + (uint64_t)on * 1000003 + (uint64_t)(round + 1);
    size_t *order = mem_get((bench->allocator_count + 1) * sizeof *order);
    for (size_t i = 0; i < bench->allocator_count; i++)
        order[i] = i;
    for (size_t i = bench->allocator_count; i > 1; i--) {
        const size_t j = random_below(&state, i);
        const size_t kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
    return order;
}

/* Resting is of interest for workloads, and takes a second. */
static bool rests(const struct bench *bench, size_t on)
{
    return bench->cases[on].kind == BENCH_WORKLOAD && bench->scale != BENCH_QUICK;
}

static size_t runs_of(const struct bench *bench, size_t on)
{
    return bench->allocator_count * ((size_t)bench->rounds + 1 + (rests(bench, on) ? 1 : 0));
}

static void show_time(double seconds)
{
    const long whole = (long)(seconds + 0.5);
    if (whole >= 3600)
        fprintf(stderr, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        fprintf(stderr, "%ld:%02ld", whole / 60, whole % 60);
}

/* The runs so far tell how long the others will take. */
static void show(const struct progress *progress, const struct bench *bench, size_t on,
                 size_t under)
{
    if (!progress->shown || !progress->terminal)
        return;
    fprintf(stderr, "\r\033[K%zu/%zu  %s  %s", progress->done + 1, progress->todo,
            bench->cases[on].name, bench->allocators[under].name);
    if (progress->done > bench->allocator_count) {
        fputs("  ", stderr);
        show_time((now() - progress->began) / (double)progress->done *
                  (double)(progress->todo - progress->done));
        fputs(" left", stderr);
    }
}

/* What a case came to, in a line. */
static void show_case(const struct progress *progress, const struct bench *bench, size_t on)
{
    if (!progress->shown)
        return;
    fprintf(stderr, "%s%-28s", progress->terminal ? "\r\033[K" : "", bench->cases[on].name);
    for (size_t i = 0; i < bench->allocator_count; i++) {
        const char *failure = bench_failure(bench, on, i);
        const struct bench_estimate time = bench_absolute(bench, BENCH_WALL, on, i);
        if (failure != NULL)
            fprintf(stderr, "  %s: %s", bench->allocators[i].name, failure);
        else if (i == bench->reference)
            fprintf(stderr, "  %s %.3f s", bench->allocators[i].name, time.value);
        else
            fprintf(stderr, "  %s %.2f", bench->allocators[i].name,
                    bench_ratio(bench, BENCH_WALL, on, i).value);
    }
    fputc('\n', stderr);
}

/* One turn, if it has not been taken and if the allocator has not failed on this case before. */
static bool take_turn(struct bench *bench, const struct bench_lab *lab, struct progress *progress,
                      struct bench_run *run, struct diags *diags)
{
    if (bench_run_find(bench, run->on, run->under, run->round) == NULL &&
        bench_failure(bench, run->on, run->under) == NULL) {
        show(progress, bench, run->on, run->under);
        bench_measure(lab, run);
        if (bench_interrupted() || !bench_store_add(bench, run, diags))
            return false;
    }
    progress->done++;
    return true;
}

static bool take_round(struct bench *bench, const struct bench_lab *lab, struct progress *progress,
                       size_t on, int round, struct diags *diags)
{
    const size_t *order = shuffled(bench, on, round);
    for (size_t i = 0; i < bench->allocator_count; i++) {
        struct bench_run run = {.on = on, .under = order[i], .round = round};
        if (!take_turn(bench, lab, progress, &run, diags))
            return false;
    }
    return true;
}

bool bench_take_turns(struct bench *bench, const struct bench_lab *lab, bool quiet,
                      struct diags *diags)
{
    struct progress progress = {.shown = !quiet, .terminal = isatty(STDERR_FILENO) == 1};
    for (size_t on = 0; on < bench->case_count; on++)
        progress.todo += runs_of(bench, on);
    progress.began = now();
    for (size_t on = 0; on < bench->case_count; on++) {
        for (int round = BENCH_WARM_UP; round <= bench->rounds; round++)
            if (!take_round(bench, lab, &progress, on, round, diags))
                return false;
        if (rests(bench, on) && !take_round(bench, lab, &progress, on, BENCH_IDLE, diags))
            return false;
        show_case(&progress, bench, on);
    }
    return true;
}
