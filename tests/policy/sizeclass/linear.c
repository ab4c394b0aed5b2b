/* SPDX-License-Identifier: MIT */
#define SIZECLASS linear
#define PARAMETERS                                                                                 \
    {                                                                                              \
        {0, 0, 0}, {0, 4096, 64}, {0, 5000, 50}, {0, SIZE_MAX, 16}, {0, 524288, 2048},             \
            {0, SIZE_MAX, 1008}, {0, 1, 4096},                                                     \
        {                                                                                          \
            0, SIZE_MAX, SIZE_MAX                                                                  \
        }                                                                                          \
    }
#include "suite.h"

static bool wastes_little(size_t request, size_t block, struct mortise_sizeclass parameters)
{
    return block - request < size_of(0, parameters);
}

static void parameters_come_into_range(void **state)
{
    (void)state;
    assert_int_equal(size_of(0, all_parameters[0]), 16);
    assert_int_equal(SZCLS(most)(all_parameters[0]), 1024);
    assert_int_equal(used(all_parameters[1]), 64);
    assert_int_equal(size_of(0, all_parameters[2]), 64);       /* from 50, up */
    assert_int_equal(SZCLS(most)(all_parameters[2]), 4992);    /* from 5000, down */
    assert_int_equal(used(all_parameters[3]), SZCLS(classes)); /* no more than fit */
    assert_int_equal(used(all_parameters[4]), SZCLS(classes));
    assert_int_equal(SZCLS(most)(all_parameters[5]), 256 * 1008);
    assert_int_equal(used(all_parameters[6]), 1);             /* one step at least */
    assert_int_equal(SZCLS(most)(all_parameters[7]), 524288); /* in steps of 64 KiB */
}

int main(void)
{
    const struct CMUnitTest tests[] = {SUITE_TESTS, cmocka_unit_test(parameters_come_into_range)};
    return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
