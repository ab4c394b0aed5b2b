/* SPDX-License-Identifier: MIT */
/*
 * fork in a program with threads: parent and child go on. Part of suite.c.
 */
static bool forks_over;
static int fork_number; /* of the one that comes */
static int churning;    /* threads that have been inside since the one before */
static heap_t *second_heap;

static pthread_mutex_t rest_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t rest_over = PTHREAD_COND_INITIALIZER;
static bool resting;

/* While a child is at work, its parent's threads would only take the processors from it. */
static void rest(void)
{
    pthread_mutex_lock(&rest_lock);
    while (MORTISE_LOAD_RELAXED(&resting))
        pthread_cond_wait(&rest_over, &rest_lock);
    pthread_mutex_unlock(&rest_lock);
}

static void begin_rest(void)
{
    MORTISE_STORE_RELAXED(&resting, true);
}

static void end_rest(void)
{
    pthread_mutex_lock(&rest_lock);
    MORTISE_STORE_RELAXED(&churning, 0);
    /* Release: who counts itself for the next fork does so after the zero. */
    MORTISE_STORE_RELEASE(&fork_number, fork_number + 1);
    MORTISE_STORE_RELAXED(&resting, false);
    pthread_cond_broadcast(&rest_over);
    pthread_mutex_unlock(&rest_lock);
}

static void *churn(void *argument)
{
    struct trader *trader = (struct trader *)argument;
    struct shadow *shadow = &trader->shadow;
    for (int counted = -1; !MORTISE_LOAD_RELAXED(&forks_over);) {
        if (MORTISE_LOAD_RELAXED(&resting))
            rest();
        int number = MORTISE_LOAD_ACQUIRE(&fork_number); /* then churning is that of this number */
        shadow_step(shadow);
        void *block = get_from(second_heap, below(&shadow->seed, 5000));
        expect(block != NULL);
        put_to(second_heap, block);
        if (number != counted)
            MORTISE_ADD_RELAXED(&churning, 1);
        counted = number;
    }
    shadow_check_all(shadow);
    shadow_drop_all(shadow);
    return NULL;
}

static void *work_in_child(void *argument)
{
    struct trader *trader = (struct trader *)argument;
    for (int i = 0; i < 100; i++)
        shadow_step(&trader->shadow);
    shadow_drop_all(&trader->shadow);
    put_to(second_heap, get_from(second_heap, 3000));
    return NULL;
}

static void be_a_child(struct shadow_block *of_parent)
{
    static struct trader trader[4];
    alarm(120); /* a deadlock is a failure */
    for (int i = 0; i < 4; i++) {
        struct shadow shadow = {trader[i].block, 100, (uint64_t)i, 0, false};
        trader[i].shadow = shadow;
    }
    shadow_drop(of_parent);
    work_in_child(&trader[0]);
    heap_t *third = subject.create();
    expect(third != NULL);
    put_to(third, get_from(third, 100));
    subject.destroy(third);
    if (!UNDER_TSAN) { /* which supports no threads in such a child */
        pthread_t thread[3];
        for (int i = 0; i < 3; i++)
            expect(pthread_create(&thread[i], NULL, work_in_child, &trader[i + 1]) == 0);
        for (int i = 0; i < 3; i++)
            pthread_join(thread[i], NULL);
    }
    pid_t grandchild = fork();
    if (grandchild == 0) {
        put(get(100));
        _exit(0);
    }
    int status = 1;
    expect(grandchild > 0 && waitpid(grandchild, &status, 0) == grandchild && status == 0);
    _exit(faults != 0 || report.count != 0);
}

static void fork_while_threads_allocate(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    static struct trader trader[THREADS];
    pthread_t thread[THREADS];
    memset(trader, 0, sizeof trader);
    second_heap = subject.create();
    assert_non_null(second_heap);
    forks_over = false;
    churning = 0;
    fork_number = 0;
    for (int i = 0; i < THREADS; i++) {
        struct shadow shadow = {trader[i].block, 200, (uint64_t)i + 50, 0, false};
        trader[i].shadow = shadow;
        assert_int_equal(pthread_create(&thread[i], NULL, churn, &trader[i]), 0);
    }
    int failed = 0;
    for (int i = 0; i < rounds(8) && failed == 0; i++) {
        /* All are inside again and again. Besides, a sanitizer that still prepares a thread may
         * hold a lock of its own, for ever in a child. */
        while (MORTISE_LOAD_RELAXED(&churning) < THREADS)
            mortise_os_yield();
        struct shadow_block block = {(unsigned char *)get((size_t)i * 10), (size_t)i * 10, 16, 5,
                                     0};
        shadow_fill(&block, 0);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            be_a_child(&block);
        begin_rest();
        int status = 0;
        failed = child < 0 || waitpid(child, &status, 0) != child ? -1 : status;
        shadow_drop(&block);
        end_rest();
    }
    MORTISE_STORE_RELAXED(&forks_over, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    subject.destroy(second_heap);
    assert_int_equal(failed, 0); /* 14: the child hung */
    assert_int_equal(faults, 0);
}

/* ---- who comes while a fork is under way must not wait for it ---- */

static int came;

static void *come_during_fork(void *argument)
{
    struct trader *trader = (struct trader *)argument;
    struct shadow *shadow = &trader->shadow;
    for (int i = 0; i < 50; i++) /* each waits a while before it goes elsewhere */
        shadow_step(shadow);
    shadow_check_all(shadow);
    unsigned char *wide = (unsigned char *)get_aligned(4096, 10000);
    expect(wide != NULL && (uintptr_t)wide % 4096 == 0 && usable(wide) >= 10000);
    wide[9999] = 1;
    wide = (unsigned char *)regrow(wide, 50000);
    expect(wide != NULL && wide[9999] == 1);
    put(wide);
    unsigned char *clear = (unsigned char *)get_zero(3, 1000);
    expect(clear != NULL);
    for (int i = 0; i < 3000; i++)
        expect(clear[i] == 0);
    put(clear);
    MORTISE_ADD_RELAXED(&came, 1);
    return NULL;
}

/* What fork does, without the copy: the threads' own requests end while it lasts, and only then is
 * it over. Blocks from before are freed during it, and those from during it afterwards. */
static void a_fork_is_not_waited_for(void **state)
{
    (void)state;
    enum { THREADS = 3 };
    static struct trader trader[THREADS];
    pthread_t thread[THREADS];
    memset(trader, 0, sizeof trader);
    for (int i = 0; i < THREADS; i++) {
        struct shadow shadow = {trader[i].block, 200, (uint64_t)i + 7, 0, false};
        trader[i].shadow = shadow;
        for (int j = 0; j < 500; j++)
            shadow_step(&trader[i].shadow);
    }
    for (int round = 0; round < rounds(2); round++) {
        came = 0;
        subject.fork_prepare();
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&thread[i], NULL, come_during_fork, &trader[i]), 0);
        while (MORTISE_LOAD_RELAXED(&came) < THREADS)
            mortise_os_yield();
        subject.fork_parent();
        for (int i = 0; i < THREADS; i++)
            pthread_join(thread[i], NULL); /* the end of a thread may wait */
        assert_false(subject.frees_wait());
    }
    for (int i = 0; i < THREADS; i++) {
        shadow_check_all(&trader[i].shadow);
        shadow_drop_all(&trader[i].shadow);
    }
    assert_int_equal(faults, 0);
    assert_int_equal(report.count, 0);
    assert_false(subject.reserve_is_used());
}

/* ---- the very first requests of a process, on many threads at once ---- */

static int at_the_start;

static void *start_at_once(void *argument)
{
    struct trader *trader = (struct trader *)argument;
    MORTISE_ADD_RELAXED(&at_the_start, 1);
    while (MORTISE_LOAD_ACQUIRE(&at_the_start) < 8)
        mortise_os_yield();
    for (int i = 0; i < 50; i++)
        shadow_step(&trader->shadow);
    shadow_drop_all(&trader->shadow);
    return NULL;
}

static void begin_at_once(void)
{
    static struct trader trader[8];
    for (int i = 0; i < 8; i++) {
        struct shadow shadow = {trader[i].block, 100, (uint64_t)i, 0, false};
        trader[i].shadow = shadow;
    }
    run_threads(8, start_at_once, trader, sizeof trader[0]);
}

/* Must come before anything else has used the default heap. */
static void many_threads_begin_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < rounds(enough_of(20, 40)); i++)
        in_child(begin_at_once);
}
