/* SPDX-License-Identifier: MIT */
/*
 * What every composition with malloc_socket(interpose=0, err_handle=callback) promises, as tests.
 * A unit defines a composition, then UNIT as its name and
 *   UNIT_THREADS  0 when the composition serves one thread only
 *   UNIT_FAILING  1 when the test layer `failing` is in it
 * and includes this file; it gets a main.
 *
 * MORTISE_TEST_ROUNDS=n in the environment makes the random tests n times as long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite_face.h"

#include "suite_shadow.h"

#include "suite_one.h"
#include "suite_realloc.h"

#define TEST(name)                                                                                 \
    {                                                                                              \
        #name, name, begin_test, end_test, NULL                                                    \
    }

/* Runs on the default heap first, and then on one made for the purpose. */
static int run_on_each_heap(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_alignment_with_every_size),
        TEST(plain_blocks_are_aligned_to_16),
        TEST(empty_blocks_differ),
        TEST(usable_bytes_are_the_users),
        TEST(calloc_is_zero),
        TEST(calloc_is_zero_across_fresh_memory),
        TEST(absurd_sizes_are_refused),
        TEST(errno_stays),
        TEST(random_operations_keep_every_block),
        TEST(tides_of_allocation_keep_every_block),
        TEST(realloc_from_every_size_to_every_size),
        TEST(realloc_of_aligned_blocks_keeps_content),
        TEST(realloc_walks_up_and_down),
        TEST(realloc_of_null_and_to_nothing),
        TEST(realloc_down_returns_memory),
    };
    heap = default_heap;
    int failed = cmocka_run_group_tests_name(MORTISE_STRING(UNIT) " default heap", tests, NULL,
                                             NULL);
    heap = F(heap_create)();
    if (heap == NULL)
        return failed + 1;
    failed += cmocka_run_group_tests_name(MORTISE_STRING(UNIT) " heap beside", tests, NULL, NULL);
    F(heap_destroy)(heap);
    heap = default_heap;
    return failed;
}

int main(void)
{
    mortise_set_error_callback(note_report, NULL);
    return run_on_each_heap();
}
