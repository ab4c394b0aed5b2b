/* SPDX-License-Identifier: MIT */
/*
 * What every composition with malloc_socket(interpose=0, err_handle=callback) promises, as tests.
 * Compiled once and linked with each unit, whose composition it knows as `subject`; see
 * suite_subject.h. It gives the unit its main.
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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mortise/os/os.h>
#include <mortise/policy/err_handle/callback.h>

#include "suite_subject.h"

#include "suite_face.h"

#include "suite_shadow.h"
#include "suite_threads.h"

#include "suite_heaps.h"
#include "suite_limit.h"
#include "suite_memory_out.h"
#include "suite_misuse.h"
#include "suite_one.h"
#include "suite_realloc.h"
#include "suite_reuse.h"
#include "suite_walk.h"
#include "suite_tests.h"

#include "suite_fork.h"
#include "suite_short_threads.h"

/* cmocka counts the tests of an array. */
#define RUN_TESTS(title, tests) cmocka_run_group_tests_name(name_group(title), tests, NULL, NULL)

static const char *name_group(const char *title)
{
    static char text[100];
    snprintf(text, sizeof text, "%s %s", subject.name, title);
    return text;
}

static int test_one_thread(void)
{
    return subject.alone ? RUN_TESTS("one thread", one_thread_tests) : 0;
}

static int test_many_threads(void)
{
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
    return subject.threads ? RUN_TESTS("threads", tests) : 0;
}

static int test_heaps(void)
{
    const struct CMUnitTest alone[] = {
        TEST(heaps_come_and_go_without_trace),      TEST(many_heaps_live_at_once),
        TEST(heaps_do_not_take_each_others_blocks), TEST(heaps_begin_in_little_room),
        TEST(an_address_limit_is_survived),
    };
    const struct CMUnitTest together[] = {
        TEST(a_new_heap_at_an_old_address_is_new),
        TEST(threads_visit_many_heaps),
        TEST(heaps_and_threads_end_at_once),
    };
    int failed = subject.alone ? RUN_TESTS("heaps", alone) : 0;
    failed += subject.threads ? RUN_TESTS("heaps and threads", together) : 0;
    return failed;
}

static int test_memory_out(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_failing_request_is_survived),
        TEST(all_requests_failing_from_one_on_is_survived),
        TEST(all_claims_failing_too_is_survived),
        TEST(all_resizes_failing_too_is_survived),
        TEST(failed_requests_leave_nothing_behind),
    };
    return subject.let_fail != NULL ? RUN_TESTS("memory out", tests) : 0;
}

static int test_first_use(void)
{
    const struct CMUnitTest first[] = {TEST(many_threads_begin_at_once)};
    int failed = RUN_TESTS("first use", first);
    make_early_keys();
    put(get(1)); /* makes the composition's key */
    make_late_keys();
    return failed;
}

/* On the default heap first, and then on one made for the purpose. */
static int test_rest(void)
{
    heap = subject.default_heap;
    int failed = subject.threads ? test_first_use() : 0;
    failed += test_one_thread();
    failed += test_many_threads();
    failed += test_heaps();
    if (!subject.made)
        return failed;
    heap = subject.create();
    if (heap == NULL)
        return failed + 1;
    failed += test_one_thread();
    failed += test_many_threads();
    subject.destroy(heap);
    return failed;
}

int main(int count, char **arguments)
{
    if (count > 1)
        cmocka_set_test_filter(arguments[1]);
    mortise_set_error_callback(note_report, NULL);
    int failed = subject.rest ? test_rest() : 0;
    failed += test_memory_out();
    return failed != 0;
}
