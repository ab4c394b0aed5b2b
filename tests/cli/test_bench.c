/* SPDX-License-Identifier: MIT */
/*
 * What a comparison makes of its runs, on runs whose answers are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "bench/statistics.h"
#include "mem.h"

enum { ROUNDS = 5, CASES = 3, ALLOCATORS = 3 };

static struct bench_allocator allocators[ALLOCATORS] = {
    {"reference", NULL, ""}, {"half", NULL, ""}, {"odd", NULL, ""}};
static struct bench_case cases[CASES] = {
    {BENCH_WORKLOAD, "one"}, {BENCH_WORKLOAD, "two"}, {BENCH_TAIL, "tail"}};
static struct bench_run runs[256];

static void add(struct bench *bench, size_t on, size_t under, int round, const char *fate,
                double wall)
{
    runs[bench->run_count++] = (struct bench_run){.on = on,
                                                  .under = under,
                                                  .round = round,
                                                  .fate = fate,
                                                  .wall_s = wall,
                                                  .user_s = wall / 2,
                                                  .sys_s = wall / 4,
                                                  .peak_kb = 1000 * wall,
                                                  .figures = json_object()};
}

static struct bench make(void)
{
    return (struct bench){.rounds = ROUNDS,
                          .allocators = allocators,
                          .allocator_count = ALLOCATORS,
                          .cases = cases,
                          .case_count = CASES,
                          .runs = runs};
}

static void drop(struct bench *bench)
{
    for (size_t i = 0; i < bench->run_count; i++)
        json_decref(runs[i].figures);
    mem_release();
}

/* The machine is slower in each round; the ratio stays. What warms up does not count. */
static void test_ratio(void **state)
{
    (void)state;
    struct bench bench = make();
    for (int round = 0; round <= ROUNDS; round++) {
        add(&bench, 0, 0, round, "ok", round == 0 ? 100 : round);
        add(&bench, 0, 1, round, "ok", round == 0 ? 1 : 0.5 * round);
    }
    struct bench_estimate ratio = bench_ratio(&bench, BENCH_WALL, 0, 1);
    assert_int_equal(ratio.count, ROUNDS);
    assert_true(ratio.value == 0.5 && ratio.low == 0.5 && ratio.high == 0.5);
    struct bench_estimate time = bench_absolute(&bench, BENCH_WALL, 0, 0);
    assert_true(time.value == 3 && time.low >= 1 && time.low <= 3 && time.high <= 5);
    assert_true(bench_absolute(&bench, BENCH_CPU, 0, 0).value == 2.25);
    assert_true(bench_ratio(&bench, BENCH_PEAK, 0, 1).value == 0.5);
    assert_int_equal(bench_ratio(&bench, BENCH_REST, 0, 1).count, 0);
    assert_int_equal(bench_ratio(&bench, BENCH_WALL, 1, 1).count, 0);
    drop(&bench);
}

/* The interval holds what lies between the extremes, and is wider where rounds differ. */
static void test_interval(void **state)
{
    (void)state;
    static const double noisy[ROUNDS] = {1, 2, 3, 40, 5};
    struct bench bench = make();
    for (int round = 1; round <= ROUNDS; round++) {
        add(&bench, 0, 0, round, "ok", 1);
        add(&bench, 0, 1, round, "ok", noisy[round - 1]);
    }
    struct bench_estimate ratio = bench_ratio(&bench, BENCH_WALL, 0, 1);
    assert_true(ratio.value == 3);
    assert_true(ratio.low >= 1 && ratio.low < 3 && ratio.high > 3 && ratio.high <= 40);
    struct bench_estimate again = bench_ratio(&bench, BENCH_WALL, 0, 1);
    assert_true(again.low == ratio.low && again.high == ratio.high);
    drop(&bench);
}

/* 2 and 1/2 are 1 together. Tails, and cases that somebody failed in, are not counted. */
static void test_mean(void **state)
{
    (void)state;
    struct bench bench = make();
    for (int round = 1; round <= ROUNDS; round++) {
        for (size_t on = 0; on < CASES; on++)
            add(&bench, on, 0, round, "ok", 1);
        add(&bench, 0, 1, round, "ok", 2);
        add(&bench, 1, 1, round, "ok", 0.5);
        add(&bench, 2, 1, round, "ok", 1000);
        add(&bench, 0, 2, round, "ok", 4);
    }
    add(&bench, 1, 2, 1, "killed by SIGSEGV", 0.001);
    struct bench_estimate mean = bench_geometric_mean(&bench, BENCH_WALL, 1);
    assert_int_equal(mean.count, 2);
    assert_true(fabs(mean.value - 1) < 1e-9);
    mean = bench_geometric_mean(&bench, BENCH_WALL, 2);
    assert_int_equal(mean.count, 1);
    assert_true(fabs(mean.value - 4) < 1e-9);
    assert_string_equal(bench_failure(&bench, 1, 2), "killed by SIGSEGV");
    assert_null(bench_failure(&bench, 0, 2));
    drop(&bench);
}

static void test_figure(void **state)
{
    (void)state;
    struct bench bench = make();
    for (int round = 1; round <= 3; round++) {
        add(&bench, 2, 0, round, "ok", 1);
        json_object_set_new(runs[round - 1].figures, "free_p99", json_integer(10 * round));
    }
    assert_true(bench_figure(&bench, 2, 0, "free_p99").value == 20);
    assert_int_equal(bench_figure(&bench, 2, 0, "free_p90").count, 0);
    drop(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_interval),
        cmocka_unit_test(test_mean),
        cmocka_unit_test(test_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
