/* SPDX-License-Identifier: MIT */
/*
 * What the runs say: ratios to the reference, taken within each round, so that a slow spell of the
 * machine touches both sides; their median; and how sure that is, by the bootstrap.
 */
#ifndef MORTISE_CLI_BENCH_STATISTICS_H
#define MORTISE_CLI_BENCH_STATISTICS_H

#include "bench.h"

enum bench_measure {
    BENCH_WALL,
    BENCH_CPU,  /* user and system */
    BENCH_PEAK, /* resident */
    BENCH_REST, /* resident, a second after the work */
    BENCH_MEASURES
};

/* "time", "processor time", "peak memory", "memory at rest". */
const char *bench_measure_name(enum bench_measure measure);

/* With its 95 % interval. `count` is on how many values it rests; 0: there is no estimate. */
struct bench_estimate {
    double value, low, high;
    size_t count;
};

/* Whether it was taken at all: the reference has a value in a case without a tail. */
bool bench_measured(const struct bench *bench, enum bench_measure measure);

/* The value itself of a case under an allocator, in seconds or KB: the median over the rounds. */
struct bench_estimate bench_absolute(const struct bench *bench, enum bench_measure measure,
                                     size_t on, size_t under);

/* The median of the ratios to the reference. */
struct bench_estimate bench_ratio(const struct bench *bench, enum bench_measure measure, size_t on,
                                  size_t under);

/* The geometric mean of the ratios of all cases of `kind`s that both came through; `count` is the
 * number of cases. Its interval is that of the same rounds, drawn anew case by case. */
struct bench_estimate bench_geometric_mean(const struct bench *bench, enum bench_measure measure,
                                           size_t under);

/* What a case came to under an allocator: NULL if every run was good, else the first fate that
 * was not. */
const char *bench_failure(const struct bench *bench, size_t on, size_t under);

/* The first failure at or after that case and allocator, in the order of the cases; NULL: none. */
const char *bench_failure_next(const struct bench *bench, size_t *on, size_t *under);

/* A figure of a case's runs, the median over the rounds. */
struct bench_estimate bench_figure(const struct bench *bench, size_t on, size_t under,
                                   const char *key);

/* The ranks of a tail, as the layer wcet_stat names them. */
enum { BENCH_RANKS = 6 };
extern const char *const bench_ranks[BENCH_RANKS];

/* "alloc" or "free" at a rank, or "floor", which is an empty section; in ns. */
struct bench_estimate bench_tail(const struct bench *bench, size_t on, size_t under,
                                 const char *operation, size_t rank);

/* Less than twice what an empty section took in the same runs: nothing about the allocator. */
bool bench_is_noise(const struct bench *bench, size_t on, size_t under, const char *operation,
                    size_t rank);

#endif
