/* SPDX-License-Identifier: MIT */
/*
 * Part of suite.h: hold, fork, and reset in the child, while other threads are anywhere.
 */
enum { CHILD_CREW = 6 };

/* In the child: every local works, those of vanished threads too, alone and at once. Returns the
 * child's exit status; no assertions here, for the failure belongs to the parent's test. */
static int live_as_child(int with_threads)
{
    long expected = books.count;
    if (books.inside || books.twice_count != 2 * books.count)
        return 10;
    for (int pass = 0; pass < 3; pass++) {
        post_with(own(), 1);
        for (int i = 0; i < CHILD_CREW + 2; i++) {
            if (pass == 1)
                M(_join)(&sync_object, &locals[i]); /* as a thread that takes it over does */
            if (post_with(&locals[i], 1) != expected + 1 + i)
                return 11;
        }
        post_under_hold(own());
        expected += CHILD_CREW + 4;
    }
    if (with_threads) {
        for (int i = 0; i < CHILD_CREW; i++)
            start_worker(i, &locals[(i + 1) % CHILD_CREW], 1, 100, 0);
        for (int i = 0; i < 100; i++)
            post_with(own(), 1);
        expected += 100 + end_crew(CHILD_CREW);
    }
    return books.broken || books.count != expected ? 12 : 0;
}

static void fork_once(int with_threads)
{
    M(_hold)(&sync_object, own());
    pid_t child = fork();
    if (child == 0) {
        M(_reset)(&sync_object, own());
        int status = live_as_child(with_threads);
        if (status == 0 && with_threads) { /* a grandchild, whose nodes have wandered again */
            M(_hold)(&sync_object, own());
            pid_t grandchild = fork();
            if (grandchild == 0) {
                M(_reset)(&sync_object, own());
                _exit(live_as_child(0));
            }
            M(_release)(&sync_object, own());
            waitpid(grandchild, &status, 0);
            status = WIFEXITED(status) ? WEXITSTATUS(status) : 13;
        }
        _exit(status);
    }
    M(_release)(&sync_object, own());
    assert_true(child > 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void fork_under_load(void **state)
{
    (void)state;
    int threads = M(_threadsafe) ? CHILD_CREW : 0;
    ending = 0;
    begun = 0;
    for (int i = 0; i < threads; i++)
        start_worker(i, &locals[i], i != 0, 0, i == 1 ? 7 : 0);
    while (MORTISE_LOAD_RELAXED(&begun) < threads) /* the start may hold locks of a sanitizer */
        mortise_os_yield();
    long mine = 0;
    int forks = rounds(200);
    for (int i = 0; i < forks; i++) {
        /* Thread sanitizer cannot start threads in such a child. */
        fork_once(M(_threadsafe) && !UNDER_TSAN && i % 4 == 0);
        post_with(own(), 1);
        mine++;
    }
    MORTISE_STORE_RELAXED(&ending, 1);
    assert_books(mine + end_crew(threads));
}
