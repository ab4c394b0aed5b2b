/* SPDX-License-Identifier: MIT */
/*
 * What every composition with malloc_socket(interpose=0, err_handle=callback) promises, as tests.
 * A unit defines a composition, then UNIT as its name and
 *   UNIT_THREADS  0 when the composition serves one thread only
 *   UNIT_FAILING  1 when the test layer `failing` is in it
 *   UNIT_REST     0 when the tests of that layer are all that is wanted
 *   UNIT_ALONE    0 when the tests with one thread are not wanted
 *   UNIT_MADE     0 when the default heap is enough
 *   UNIT_TUNED    0 when how much memory it takes is not judged; 1 if not said
 * and includes this file; it gets a main.
 *
 * MORTISE_TEST_ROUNDS=n in the environment makes the random tests n times as long, and has what
 * fails fail everywhere.
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
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef UNIT_TUNED
#define UNIT_TUNED 1
#endif
#include "suite_face.h"

#include "suite_shadow.h"
#if UNIT_THREADS
#include "suite_threads.h"
#endif

#include "suite_heaps.h"
#include "suite_limit.h"
#include "suite_memory_out.h"
#include "suite_misuse.h"
#include "suite_one.h"
#include "suite_realloc.h"
#include "suite_reuse.h"
#include "suite_walk.h"
#include "suite_tests.h"
#if UNIT_THREADS
#include "suite_fork.h"
#include "suite_short_threads.h"
#endif

#define RUN_TESTS(title, tests)                                                                    \
    cmocka_run_group_tests_name(MORTISE_STRING(UNIT) " " title, tests, NULL, NULL)

static int test_one_thread(void)
{
    return UNIT_ALONE ? RUN_TESTS("one thread", one_thread_tests) : 0;
}

static int test_many_threads(void)
{
#if UNIT_THREADS
    const struct CMUnitTest tests[] = {
        TEST(threads_exchange_blocks),
        TEST(blocks_are_freed_by_another_thread),
        TEST(blocks_outlive_their_thread),
        TEST(short_threads_leave_nothing),
        TEST(destructors_may_allocate),
        TEST(a_destructor_may_be_the_first_to_allocate),
        TEST(fork_while_threads_allocate),
        TEST(a_fork_is_not_waited_for),
        TEST(walk_tells_what_another_thread_freed),
    };
    return RUN_TESTS("threads", tests);
#else
    return 0;
#endif
}

static int test_heaps(void)
{
    const struct CMUnitTest alone[] = {
        TEST(heaps_come_and_go_without_trace),      TEST(many_heaps_live_at_once),
        TEST(heaps_do_not_take_each_others_blocks), TEST(heaps_begin_in_little_room),
        TEST(an_address_limit_is_survived),
    };
    int failed = UNIT_ALONE ? RUN_TESTS("heaps", alone) : 0;
#if UNIT_THREADS
    const struct CMUnitTest together[] = {
        TEST(a_new_heap_at_an_old_address_is_new),
        TEST(threads_visit_many_heaps),
        TEST(heaps_and_threads_end_at_once),
    };
    failed += RUN_TESTS("heaps and threads", together);
#endif
    return failed;
}

static int test_memory_out(void)
{
#if UNIT_FAILING
    const struct CMUnitTest tests[] = {
        TEST(one_failing_request_is_survived),
        TEST(all_requests_failing_from_one_on_is_survived),
        TEST(all_claims_failing_too_is_survived),
        TEST(all_resizes_failing_too_is_survived),
        TEST(failed_requests_leave_nothing_behind),
    };
    return RUN_TESTS("memory out", tests);
#else
    return 0;
#endif
}

/* On the default heap first, and then on one made for the purpose. */
static int test_rest(void)
{
    int failed = 0;
    heap = default_heap;
#if UNIT_THREADS
    const struct CMUnitTest first[] = {TEST(many_threads_begin_at_once)};
    failed += RUN_TESTS("first use", first);
    make_early_keys();
    put(get(1)); /* makes the composition's key */
    make_late_keys();
#endif
    failed += test_one_thread();
    failed += test_many_threads();
    failed += test_heaps();
    if (!UNIT_MADE)
        return failed;
    heap = F(heap_create)();
    if (heap == NULL)
        return failed + 1;
    failed += test_one_thread();
    failed += test_many_threads();
    F(heap_destroy)(heap);
    return failed;
}

int main(int count, char **arguments)
{
    if (count > 1)
        cmocka_set_test_filter(arguments[1]);
    mortise_set_error_callback(note_report, NULL);
    int failed = UNIT_REST ? test_rest() : 0;
    failed += test_memory_out();
    return failed != 0;
}
