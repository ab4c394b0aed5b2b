/* SPDX-License-Identifier: MIT */
/*
 * What every member of the slot sync promises, as tests. A unit defines SYNC, the name of a member,
 * and includes this file; it gets a main.
 *
 * MORTISE_TEST_ROUNDS=n in the environment makes every test n times as long. A unit may define
 * PART, by which rounds are divided.
 */
#define _GNU_SOURCE 1 /* a read-write lock that prefers who writes */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <mortise/core/atomic.h>
#include <mortise/core/compiler.h>
#include <mortise/os/os.h>

#include "suite_watch.h"

#include MORTISE_POLICY(sync, SYNC)

#define M(verb) MORTISE_CAT(MORTISE_CAT(mortise_, SYNC), verb)

enum { MOST_THREADS = 64 };

#ifndef PART /* a race shows without that it goes wrong, as does what memory is misused */
#define PART (MORTISE_TSAN || MORTISE_ASAN ? 4 : 1)
#endif

/* Plain memory that only the sync under test protects. */
struct books {
    long count;
    long twice_count; /* differs from 2 * count only while a procedure runs */
    int inside;
    long broken;
};

static struct M() sync_object;
static struct M(_local) locals[MOST_THREADS + 1];
static struct books books;

/* What a caller hands in and wants back, on its stack. */
struct request {
    long step;
    long before;
    long echo;
};

static void post(void *argument)
{
    struct request *request = (struct request *)argument;
    books.broken += books.inside != 0 || books.twice_count != 2 * books.count;
    books.inside = 1;
    request->before = books.count;
    books.count += request->step;
    request->echo = ~request->step;
    books.twice_count += 2 * request->step;
    books.inside = 0;
}

/* One exec; returns the count before, and -1 when results did not come back. */
static long post_with(struct M(_local) * local, long step)
{
    struct request request = {step, -1, step};
    M(_exec)(&sync_object, local, post, &request);
    return request.echo == ~step ? request.before : -1;
}

static struct M(_local) * own(void)
{
    return &locals[MOST_THREADS];
}

static int rounds(int n)
{
    const char *factor = getenv("MORTISE_TEST_ROUNDS");
    return (factor == NULL ? n : n * atoi(factor)) / PART;
}

static int fresh(void **state)
{
    (void)state;
    memset(&sync_object, 0, sizeof sync_object);
    memset(locals, 0, sizeof locals);
    memset(&books, 0, sizeof books);
    M(_init)(&sync_object);
    M(_join)(&sync_object, own());
    return 0;
}

/* A crew of threads, each with its own local, that post for some times. */
struct worker {
    pthread_t thread;
    struct M(_local) * local;
    int joins;
    int times;
    long failed;
    long posted;
};

static struct worker crew[MOST_THREADS];

static void *work(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    long last = -1;
    if (worker->joins)
        M(_join)(&sync_object, worker->local);
    for (int i = 0; i < worker->times; i++) {
        long before = post_with(worker->local, 1);
        worker->failed += before <= last; /* counts only grow, and each is seen once */
        last = before;
        worker->posted++;
    }
    return NULL;
}

static void start(int i, struct M(_local) * local, int joins, int times, void *(*run)(void *))
{
    struct worker worker = {0, local, joins, times, 0, 0};
    crew[i] = worker;
    assert_int_equal(pthread_create(&crew[i].thread, NULL, run, &crew[i]), 0);
}

static void start_worker(int i, struct M(_local) * local, int joins, int times)
{
    start(i, local, joins, times, work);
}

/* Waits for workers 0 to n - 1; the number of their posts. */
static long end_crew(int n)
{
    long posted = 0;
    long failed = 0;
    for (int i = 0; i < n; i++) {
        pthread_join(crew[i].thread, NULL);
        posted += crew[i].posted;
        failed += crew[i].failed;
    }
    assert_int_equal(failed, 0);
    return posted;
}

static void assert_books(long expected)
{
    assert_int_equal(books.broken, 0);
    assert_int_equal(books.inside, 0);
    assert_int_equal(books.count, expected);
    assert_int_equal(books.twice_count, 2 * expected);
}

static void need_threads(void)
{
    if (!M(_threadsafe))
        skip();
}

#include "suite_fork.h"
#include "suite_one.h"
#include "suite_threads.h"

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(runs_once_and_returns, fresh),
        cmocka_unit_test_setup(ready_follows_join, fresh),
        cmocka_unit_test_setup(reset_changes_nothing_at_rest, fresh),
        cmocka_unit_test_setup(excludes, fresh),
        cmocka_unit_test_setup(each_count_is_seen_once, fresh),
        cmocka_unit_test_setup(nobody_works_on_after_waking, fresh),
        cmocka_unit_test_setup(sixty_four_threads_finish, fresh),
        cmocka_unit_test_setup(joined_and_strangers_mix, fresh),
        cmocka_unit_test_setup(locals_are_taken_over, fresh),
        cmocka_unit_test_setup(fork_under_load, fresh),
    };
    return cmocka_run_group_tests_name(MORTISE_STRING(SYNC), tests, NULL, NULL);
}
