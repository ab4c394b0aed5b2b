/* SPDX-License-Identifier: MIT */
#define SIZECLASS log2b
#define PARAMETERS                                                                                 \
    {                                                                                              \
        {0, 0, 0}, {64, 0, 0}, {65536, 1048576, 0}, {100, 5000, 0}, {1, 1, 0}, {64, 32, 0},        \
        {                                                                                          \
            (size_t)1 << 50, SIZE_MAX, 16                                                          \
        }                                                                                          \
    }
#include "suite.h"

/* A power of two is at most twice the request, except for the smallest class. */
static bool wastes_little(size_t request, size_t block, struct mortise_sizeclass parameters)
{
    return mortise_is_power_of_two(block) &&
           (block == size_of(0, parameters) || request > block / 2);
}

static void parameters_come_into_range(void **state)
{
    (void)state;
    assert_int_equal(size_of(0, all_parameters[0]), 16);
    assert_int_equal(SZCLS(most)(all_parameters[0]), 1 << 30);
    assert_int_equal(size_of(0, all_parameters[2]), 65536);
    assert_int_equal(SZCLS(most)(all_parameters[2]), 1048576);
    assert_int_equal(size_of(0, all_parameters[3]), 128);       /* from 100, up */
    assert_int_equal(SZCLS(most)(all_parameters[3]), 4096);     /* from 5000, down */
    assert_int_equal(used(all_parameters[4]), 1);               /* 16 only */
    assert_int_equal(SZCLS(most)(all_parameters[5]), 64);       /* not below the least */
    assert_int_equal(size_of(0, all_parameters[6]), 64 * 1024); /* the ends of both ranges */
    assert_int_equal(SZCLS(most)(all_parameters[6]), (uint64_t)1 << 40);
}

static void all_classes(void **state)
{
    (void)state;
    struct mortise_sizeclass parameters = {16, SIZE_MAX, 0};
    assert_int_equal(used(parameters), SZCLS(classes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {SUITE_TESTS, cmocka_unit_test(parameters_come_into_range),
                                       cmocka_unit_test(all_classes)};
    return cmocka_run_group_tests_name("log2b", tests, NULL, NULL);
}
