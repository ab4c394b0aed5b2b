/* SPDX-License-Identifier: MIT */
/*
 * Part of suite.h: what several threads can see.
 */
static void excludes(void **state)
{
    (void)state;
    need_threads();
    int times = rounds(20000);
    for (int i = 0; i < 4; i++)
        start_worker(i, &locals[i], 1, times);
    for (int i = 0; i < times; i++)
        post_with(own(), 1);
    assert_int_equal(end_crew(4), 4L * times);
    assert_books(5L * times);
}

/* The counts that the callers got back are a permutation: no procedure ran twice or not at all, and
 * no result went to another caller. */
enum { TICKETS = 8000 / PART };

static unsigned char seen[8 * TICKETS];

static void *draw(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    M(_join)(&sync_object, worker->local);
    for (int i = 0; i < TICKETS; i++) {
        long ticket = post_with(worker->local, 1);
        if (ticket < 0 || ticket >= 8 * TICKETS)
            worker->failed++;
        else
            MORTISE_ADD_RELAXED(&seen[ticket], 1);
    }
    return NULL;
}

static void each_count_is_seen_once(void **state)
{
    (void)state;
    need_threads();
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < 8; i++)
        start(i, &locals[i], 1, 0, draw);
    end_crew(8);
    for (int i = 0; i < 8 * TICKETS; i++)
        assert_int_equal(seen[i], 1);
    assert_books(8L * TICKETS);
}

/* A thread that wakes another may lose its core to it. If it still has the procedures of others to
 * run then, all who run meanwhile line up behind it and sleep, and stay in that line. */
enum { SLEEPERS = 8 };

static uint32_t taken; /* the main thread has the lock */
static _Thread_local bool woke_too_early;

static void post_and_look(void *argument)
{
    woke_too_early = woke_too_early || woke;
    post(argument);
}

static void post_when_all_have_given_up(void *argument)
{
    MORTISE_STORE_RELAXED(&taken, 1);
    while (MORTISE_LOAD_RELAXED(&given_up) < SLEEPERS)
        sched_yield();
    post_and_look(argument);
}

static void *post_and_watch(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    M(_join)(&sync_object, worker->local);
    watches = true;
    while (MORTISE_LOAD_RELAXED(&taken) == 0)
        sched_yield();
    for (int i = 0; i < worker->times; i++) {
        struct request request = {1, -1, 1};
        woke = false;
        M(_exec)(&sync_object, worker->local, post_and_look, &request);
    }
    worker->failed = woke_too_early;
    worker->posted = worker->times;
    return NULL;
}

static void nobody_works_on_after_waking(void **state)
{
    (void)state;
#ifndef MORTISE_POLICY_SYNC_SHARED_WAITING_H
    skip(); /* it runs nothing for others, and how it waits is not seen here */
#endif
    if (!M(_sleeps))
        skip();
    given_up = 0;
    taken = 0;
    struct request request = {1, -1, 1};
    for (int i = 0; i < SLEEPERS; i++)
        start(i, &locals[i], 1, 100, post_and_watch);
    woke = false;
    woke_too_early = false;
    M(_exec)(&sync_object, own(), post_when_all_have_given_up, &request);
    assert_int_equal(end_crew(SLEEPERS), SLEEPERS * 100);
    assert_false(woke_too_early);
    assert_books(SLEEPERS * 100 + 1);
}

static void sixty_four_threads_finish(void **state)
{
    (void)state;
    need_threads();
    int times = rounds(1000);
    for (int i = 0; i < MOST_THREADS; i++)
        start_worker(i, &locals[i], 1, times);
    assert_int_equal(end_crew(MOST_THREADS), (long)MOST_THREADS * times);
    assert_books((long)MOST_THREADS * times);
}

static void joined_and_strangers_mix(void **state)
{
    (void)state;
    need_threads();
    int times = rounds(4000);
    for (int i = 0; i < 16; i++)
        start_worker(i, &locals[i], i % 2, times);
    assert_int_equal(end_crew(16), 16L * times);
    assert_books(16L * times);
}

/* Threads come and go; each takes the local that another one has left, while strangers and the
 * main thread keep the queue moving. */
static void locals_are_taken_over(void **state)
{
    (void)state;
    need_threads();
    long posted = 0;
    int generations = rounds(200);
    for (int generation = 0; generation < generations; generation++) {
        for (int i = 0; i < 4; i++)
            start_worker(i, &locals[(i + generation) % 5], i != 3, 50);
        for (int i = 0; i < 50; i++)
            post_with(own(), 1);
        posted += 50 + end_crew(4);
    }
    assert_books(posted);
}
