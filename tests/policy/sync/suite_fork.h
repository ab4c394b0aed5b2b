/* SPDX-License-Identifier: MIT */
/*
 * Part of suite.h: a fork while other threads are between two calls, and reset in the child.
 */
enum { CHILD_CREW = 6 };

/* Taken by whoever is in a call, and alone by who forks: the run time of a composition sees to it
 * that nobody is inside then, see run/announce.h. */
static pthread_rwlock_t inside = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static int ending;
static int begun; /* workers that have left the start-up of a thread behind */

static void *work_between_forks(void *argument)
{
    struct worker *worker = (struct worker *)argument;
    long last = -1;
    MORTISE_ADD_RELAXED(&begun, 1);
    while (!MORTISE_LOAD_RELAXED(&ending)) {
        pthread_rwlock_rdlock(&inside);
        if (worker->joins && worker->posted == 0)
            M(_join)(&sync_object, worker->local);
        long before = post_with(worker->local, 1);
        pthread_rwlock_unlock(&inside);
        worker->failed += before <= last;
        worker->posted++;
        last = before;
    }
    return NULL;
}

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
        expected += CHILD_CREW + 3;
    }
    if (with_threads) {
        for (int i = 0; i < CHILD_CREW; i++)
            start_worker(i, &locals[(i + 1) % CHILD_CREW], 1, 100);
        for (int i = 0; i < 100; i++)
            post_with(own(), 1);
        expected += 100 + end_crew(CHILD_CREW);
    }
    return books.broken || books.count != expected ? 12 : 0;
}

/* Waits for a child; its exit status. */
static int status_of(pid_t child)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return 13;
    return WEXITSTATUS(status);
}

/* In a child, which forks once more, where nodes have wandered again. */
static int live_with_grandchild(void)
{
    pid_t grandchild = fork();
    if (grandchild == 0) {
        M(_reset)(&sync_object);
        _exit(live_as_child(0));
    }
    return status_of(grandchild);
}

static void fork_once(int with_threads)
{
    pthread_rwlock_wrlock(&inside);
    pid_t child = fork();
    if (child == 0) {
        M(_reset)(&sync_object);
        int status = live_as_child(with_threads);
        _exit(status == 0 && with_threads ? live_with_grandchild() : status);
    }
    pthread_rwlock_unlock(&inside);
    assert_int_equal(status_of(child), 0);
}

static void fork_under_load(void **state)
{
    (void)state;
    int threads = M(_threadsafe) ? CHILD_CREW : 0;
    ending = 0;
    begun = 0;
    for (int i = 0; i < threads; i++)
        start(i, &locals[i], i != 0, 0, work_between_forks);
    while (MORTISE_LOAD_RELAXED(&begun) < threads) /* the start may hold locks of a sanitizer */
        mortise_os_yield();
    long mine = 0;
    int forks = rounds(getenv("MORTISE_TEST_ROUNDS") != NULL ? 200 : 80);
    for (int i = 0; i < forks; i++) {
        /* Thread sanitizer cannot start threads in such a child. */
        fork_once(M(_threadsafe) && !MORTISE_TSAN && i % 4 == 0);
        post_with(own(), 1);
        mine++;
    }
    MORTISE_STORE_RELAXED(&ending, 1);
    assert_books(mine + end_crew(threads));
}
