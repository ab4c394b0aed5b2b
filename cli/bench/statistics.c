/* SPDX-License-Identifier: MIT */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "random.h"

enum { DRAWS = 1000 };

/* The rounds of a case, as far as they are good. */
struct sample {
    double value[BENCH_MOST_ROUNDS];
    size_t count;
};

const char *bench_measure_name(enum bench_measure measure)
{
    static const char *const names[BENCH_MEASURES] = {"time", "processor time", "peak memory",
                                                      "memory at rest"};
    return names[measure];
}

static double value_of(const struct bench_run *run, enum bench_measure measure)
{
    switch (measure) {
    case BENCH_WALL:
        return run->wall_s;
    case BENCH_CPU:
        return run->user_s + run->sys_s;
    case BENCH_PEAK:
        return run->peak_kb;
    default:
        return json_number_value(json_object_get(run->figures, "idle_kb"));
    }
}

static int compare(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static double median(double *value, size_t count)
{
    qsort(value, count, sizeof *value, compare);
    return count % 2 != 0 ? value[count / 2] : (value[count / 2 - 1] + value[count / 2]) / 2;
}

static double median_of(const struct sample *sample)
{
    double sorted[BENCH_MOST_ROUNDS] = {0};
    memcpy(sorted, sample->value, sample->count * sizeof *sorted);
    return median(sorted, sample->count);
}

static double median_drawn(const struct sample *sample, uint64_t *state)
{
    double drawn[BENCH_MOST_ROUNDS] = {0};
    for (size_t i = 0; i < sample->count; i++)
        drawn[i] = sample->value[random_below(state, sample->count)];
    return median(drawn, sample->count);
}

/* The middle 95 % of DRAWS values. */
static void interval(double *value, struct bench_estimate *estimate)
{
    qsort(value, DRAWS, sizeof *value, compare);
    estimate->low = value[DRAWS * 25 / 1000];
    estimate->high = value[DRAWS * 975 / 1000 - 1];
}

static struct bench_estimate estimate_median(const struct sample *sample)
{
    struct bench_estimate estimate = {0, 0, 0, sample->count};
    double draws[DRAWS];
    uint64_t state = 1;
    if (sample->count == 0)
        return estimate;
    estimate.value = median_of(sample);
    for (size_t i = 0; i < DRAWS; i++)
        draws[i] = median_drawn(sample, &state);
    interval(draws, &estimate);
    return estimate;
}

static int round_of(enum bench_measure measure, int round)
{
    return measure == BENCH_REST ? BENCH_IDLE : round;
}

/* One value for each round in which both came through. `relative` to the reference, or as it is. */
static void collect(const struct bench *bench, enum bench_measure measure, size_t on, size_t under,
                    bool relative, struct sample *sample)
{
    const int last = measure == BENCH_REST ? 1 : bench->rounds;
    sample->count = 0;
    for (int round = 1; round <= last && round <= BENCH_MOST_ROUNDS; round++) {
        const int which = round_of(measure, round);
        const struct bench_run *run = bench_run_find(bench, on, under, which);
        const struct bench_run *reference =
            relative ? bench_run_find(bench, on, bench->reference, which) : run;
        if (!bench_run_good(run) || !bench_run_good(reference))
            continue;
        const double value = value_of(run, measure);
        const double unit = relative ? value_of(reference, measure) : 1;
        if (value > 0 && unit > 0)
            sample->value[sample->count++] = value / unit;
    }
}

struct bench_estimate bench_absolute(const struct bench *bench, enum bench_measure measure,
                                     size_t on, size_t under)
{
    struct sample sample;
    collect(bench, measure, on, under, false, &sample);
    return estimate_median(&sample);
}

struct bench_estimate bench_ratio(const struct bench *bench, enum bench_measure measure, size_t on,
                                  size_t under)
{
    struct sample sample;
    collect(bench, measure, on, under, true, &sample);
    return estimate_median(&sample);
}

bool bench_measured(const struct bench *bench, enum bench_measure measure)
{
    struct sample sample;
    for (size_t on = 0; on < bench->case_count; on++) {
        collect(bench, measure, on, bench->reference, false, &sample);
        if (sample.count > 0 && bench->cases[on].kind != BENCH_TAIL)
            return true;
    }
    return false;
}

struct bench_estimate bench_geometric_mean(const struct bench *bench, enum bench_measure measure,
                                           size_t under)
{
    struct bench_estimate estimate = {0, 0, 0, 0};
    double draws[DRAWS] = {0}, sum = 0;
    uint64_t state = 1;
    for (size_t on = 0; on < bench->case_count; on++) {
        struct sample sample;
        if (bench->cases[on].kind == BENCH_TAIL || bench_failure(bench, on, under) != NULL)
            continue;
        collect(bench, measure, on, under, true, &sample);
        if (sample.count == 0)
            continue;
        estimate.count++;
        sum += log(median_of(&sample));
        for (size_t i = 0; i < DRAWS; i++)
            draws[i] += log(median_drawn(&sample, &state));
    }
    if (estimate.count == 0)
        return estimate;
    estimate.value = exp(sum / (double)estimate.count);
    for (size_t i = 0; i < DRAWS; i++)
        draws[i] = exp(draws[i] / (double)estimate.count);
    interval(draws, &estimate);
    return estimate;
}

const char *bench_failure(const struct bench *bench, size_t on, size_t under)
{
    for (size_t i = 0; i < bench->run_count; i++) {
        const struct bench_run *run = &bench->runs[i];
        if (run->on == on && run->under == under && !bench_run_good(run))
            return run->fate;
    }
    return NULL;
}

const char *bench_failure_next(const struct bench *bench, size_t *on, size_t *under)
{
    for (; *on < bench->case_count; (*on)++, *under = 0)
        for (; *under < bench->allocator_count; (*under)++) {
            const char *failure = bench_failure(bench, *on, *under);
            if (failure != NULL)
                return failure;
        }
    return NULL;
}

struct bench_estimate bench_figure(const struct bench *bench, size_t on, size_t under,
                                   const char *key)
{
    struct sample sample = {.count = 0};
    for (int round = 1; round <= bench->rounds && round <= BENCH_MOST_ROUNDS; round++) {
        const struct bench_run *run = bench_run_find(bench, on, under, round);
        const json_t *figure = bench_run_good(run) ? json_object_get(run->figures, key) : NULL;
        if (json_is_number(figure))
            sample.value[sample.count++] = json_number_value(figure);
    }
    return estimate_median(&sample);
}

const char *const bench_ranks[BENCH_RANKS] = {"p90",    "p99",     "p99.9",
                                              "p99.99", "p99.999", "p99.9999"};

struct bench_estimate bench_tail(const struct bench *bench, size_t on, size_t under,
                                 const char *operation, size_t rank)
{
    return bench_figure(bench, on, under, mem_format("%s_%s", operation, bench_ranks[rank]));
}

bool bench_is_noise(const struct bench *bench, size_t on, size_t under, const char *operation,
                    size_t rank)
{
    return bench_tail(bench, on, under, operation, rank).value <=
           2 * bench_tail(bench, on, under, "floor", rank).value;
}
