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
        start_worker(i, &locals[i], 1, times, 0);
    for (int i = 0; i < times; i++)
        post_with(own(), 1);
    assert_int_equal(end_crew(4), 4L * times);
    assert_books(5L * times);
}

/* The counts that the callers got back are a permutation: no procedure ran twice or not at all, and
 * no result went to another caller. */
enum { TICKETS = 8000 };

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
    for (int i = 0; i < 8; i++) {
        struct worker worker = {0, &locals[i], 1, 0, 0, 0, 0};
        crew[i] = worker;
        assert_int_equal(pthread_create(&crew[i].thread, NULL, draw, &crew[i]), 0);
    }
    end_crew(8);
    for (int i = 0; i < 8 * TICKETS; i++)
        assert_int_equal(seen[i], 1);
    assert_books(8L * TICKETS);
}

static void sixty_four_threads_finish(void **state)
{
    (void)state;
    need_threads();
    int times = rounds(1000);
    for (int i = 0; i < MOST_THREADS; i++)
        start_worker(i, &locals[i], 1, times, 0);
    assert_int_equal(end_crew(MOST_THREADS), (long)MOST_THREADS * times);
    assert_books((long)MOST_THREADS * times);
}

static void joined_and_strangers_mix(void **state)
{
    (void)state;
    need_threads();
    int times = rounds(4000);
    for (int i = 0; i < 16; i++)
        start_worker(i, &locals[i], i % 2, times, 0);
    assert_int_equal(end_crew(16), 16L * times);
    assert_books(16L * times);
}

static void nothing_runs_during_a_hold(void **state)
{
    (void)state;
    need_threads();
    ending = 0;
    for (int i = 0; i < 8; i++)
        start_worker(i, &locals[i], i % 4 != 0, 0, 0);
    long mine = 0;
    for (int i = 0; i < rounds(500); i++) {
        struct M(_local) *local = i % 3 == 0 ? &locals[8] : own(); /* locals[8] has not joined */
        M(_hold)(&sync_object, local);
        struct books before = books;
        for (int j = 0; j < i % 8; j++)
            mortise_os_yield();
        int same = memcmp(&before, &books, sizeof books) == 0 && books.inside == 0;
        M(_release)(&sync_object, local);
        assert_true(same);
        post_with(local, 1);
        mine++;
    }
    MORTISE_STORE_RELAXED(&ending, 1);
    mine += end_crew(8);
    assert_books(mine);
}

static void holders_compete(void **state)
{
    (void)state;
    need_threads();
    int times = rounds(4000);
    for (int i = 0; i < 12; i++)
        start_worker(i, &locals[i], i % 3, times, i % 4);
    assert_int_equal(end_crew(12), 12L * times);
    assert_books(12L * times);
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
            start_worker(i, &locals[(i + generation) % 5], i != 3, 50, 0);
        for (int i = 0; i < 50; i++)
            post_with(own(), 1);
        posted += 50 + end_crew(4);
    }
    assert_books(posted);
}
