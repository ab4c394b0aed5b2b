/* SPDX-License-Identifier: MIT */
/*
 * A member that is not of the framework, found like one by a folder on the include path.
 */
#define SIZECLASS own
#define PARAMETERS                                                                                 \
    {                                                                                              \
        {                                                                                          \
            0, 0, 0                                                                                \
        }                                                                                          \
    }
#include "suite.h"

static bool wastes_little(size_t request, size_t block, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return request <= block;
}

int main(void)
{
    const struct CMUnitTest tests[] = {SUITE_TESTS};
    return cmocka_run_group_tests_name("own", tests, NULL, NULL);
}
