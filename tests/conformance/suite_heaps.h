/* SPDX-License-Identifier: MIT */
/*
 * Heaps beside the default one: made, used by many threads, ended. Part of suite.c.
 */
/* A heap may reserve 64 GB of addresses. ThreadSanitizer leaves a program about 1.5 TB; when they
 * are used up it can make no threads, or gives up. */
enum { MANY_HEAPS = UNDER_TSAN ? 16 : 300 };

static void heaps_come_and_go_without_trace(void **state)
{
    (void)state;
    size_t pages = 0, room = 0;
    /* Else the kernel makes a huge page of what has a few pages, when it likes. */
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    for (int i = 0; i < rounds(400); i++) {
        heap_t *one = subject.create();
        assert_non_null(one);
        for (int j = 0; j < 20; j++) {
            size_t size = (size_t)j * j * j * 50;
            unsigned char *block = (unsigned char *)get_from(one, size);
            assert_non_null(block);
            memset(block, 1, size < 4 * KB ? size : 4 * KB);
            /* never freed: the heap's end frees it */
        }
        subject.destroy(one);
        if (i == 100) {
            pages = resident();
            room = addresses();
        }
    }
    size_t left = resident();
    prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
    if (UNDER_TSAN || UNDER_ASAN)
        return;
    assert_true(left <= pages + MB);
    assert_true(addresses() <= room + MB);
}

static void many_heaps_live_at_once(void **state)
{
    (void)state;
    enum { HEAPS = MANY_HEAPS, BLOCKS = 10 };
    static heap_t *many[HEAPS];
    static struct shadow_block block[HEAPS][BLOCKS];
    const int heaps = UNDER_TSAN ? HEAPS : enough_of(HEAPS / 3, HEAPS);
    size_t room = addresses();
    for (int i = 0; i < heaps; i++) {
        many[i] = subject.create();
        assert_non_null(many[i]);
    }
    for (int j = 0; j < BLOCKS; j++) {
        for (int i = 0; i < heaps; i++) {
            size_t size = (size_t)(i * 37 + j * 1001) % 30000;
            struct shadow_block one = {(unsigned char *)get_from(many[i], size), size, 16,
                                       (uint64_t)(i * BLOCKS + j), 0};
            assert_non_null(one.ptr);
            shadow_fill(&one, 0);
            block[i][j] = one;
        }
    }
    for (int i = 0; i < heaps; i += 2) /* the others do not notice */
        subject.destroy(many[i]);
    for (int i = 1; i < heaps; i += 2) {
        for (int j = 0; j < BLOCKS; j++) {
            shadow_check(&block[i][j]);
            put_to(many[i], block[i][j].ptr);
        }
        subject.destroy(many[i]);
    }
    assert_int_equal(faults, 0);
    if (!UNDER_TSAN && !UNDER_ASAN)
        assert_true(addresses() <= room + 4 * MB);
}

/* A block of one heap is a foreign pointer to another, which says so and goes on. */
static void heaps_do_not_take_each_others_blocks(void **state)
{
    (void)state;
    heap_t *one = subject.create(), *two = subject.create();
    void *from_one = get_from(one, 100), *from_default = get_from(subject.default_heap, 100);
    put_to(two, from_one);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.error, MORTISE_FOREIGN_POINTER);
    assert_ptr_equal(report.address, from_one);
    put_to(two, from_default);
    put_to(subject.default_heap, from_one);
    assert_int_equal(report.count, 3);
    assert_int_equal(report.error, MORTISE_FOREIGN_POINTER);
    put_to(one, from_one);
    put_to(subject.default_heap, from_default);
    assert_int_equal(report.count, 3);
    report.count = 0;
    subject.destroy(one);
    subject.destroy(two);
}

/* Threads that stay while heaps under them end and others begin, often at the same address. */
static heap_t *current;
static pthread_barrier_t barrier;
static bool enough;

static void *use_current_heap(void *argument)
{
    static uint64_t next;
    (void)argument;
    uint64_t seed = MORTISE_ADD_RELAXED(&next, 1);
    for (;;) {
        pthread_barrier_wait(&barrier); /* a heap is there */
        if (enough)
            return NULL;
        struct shadow_block block[8];
        for (int i = 0; i < 8; i++) {
            size_t size = below(&seed, 3000);
            struct shadow_block one = {(unsigned char *)get_from(current, size), size, 16,
                                       chance(&seed), 0};
            expect(one.ptr != NULL);
            shadow_fill(&one, 0);
            block[i] = one;
        }
        for (int i = 0; i < 8; i++) {
            shadow_check(&block[i]);
            if (i % 2)
                put_to(current, block[i].ptr);
        }
        pthread_barrier_wait(&barrier); /* nobody is inside */
    }
}

static void a_new_heap_at_an_old_address_is_new(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t thread[THREADS];
    int same = 0;
    uintptr_t last = 0;
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    enough = false;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, use_current_heap, NULL);
    for (int i = 0; i < rounds(enough_of(150, 300)); i++) {
        current = subject.create();
        assert_non_null(current);
        same += (uintptr_t)current == last;
        last = (uintptr_t)current;
        pthread_barrier_wait(&barrier);
        pthread_barrier_wait(&barrier);
        subject.destroy(current);
    }
    enough = true;
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    pthread_barrier_destroy(&barrier);
    assert_int_equal(faults, 0);
    if (!UNDER_TSAN)
        assert_true(same > 0); /* else this tested nothing */
}

/* Threads that have been in many heaps end: before the heaps, and after some of them. */
enum { VISITED = UNDER_TSAN ? 8 : 60 };

static heap_t *visited[VISITED];

static int to_visit(void)
{
    return UNDER_TSAN ? VISITED : enough_of(VISITED / 2, VISITED);
}

static void *visit_heaps(void *argument)
{
    static uint64_t next;
    (void)argument;
    uint64_t seed = MORTISE_ADD_RELAXED(&next, 1);
    const int heaps = to_visit();
    for (int i = 0; i < 2 * heaps; i++) {
        heap_t *one = visited[below(&seed, (uint64_t)heaps)];
        unsigned char *block = (unsigned char *)get_from(one, 50);
        expect(block != NULL);
        memset(block, 3, 50);
        put_to(one, block);
    }
    return NULL;
}

static void threads_visit_many_heaps(void **state)
{
    (void)state;
    size_t room = 0;
    for (int round = 0; round < rounds(UNDER_TSAN ? 2 : 3); round++) {
        for (int i = 0; i < to_visit(); i++)
            assert_non_null(visited[i] = subject.create());
        run_threads(8, visit_heaps, visited, 0);
        visit_heaps(NULL); /* this thread keeps what it remembers of them */
        run_threads(8, visit_heaps, visited, 0);
        for (int i = 0; i < to_visit(); i++)
            subject.destroy(visited[i]);
        if (round == 1)
            room = addresses();
    }
    assert_int_equal(faults, 0);
    if (!UNDER_TSAN && !UNDER_ASAN && room != 0)
        assert_true(addresses() <= room + 4 * MB);
}

/* The heap ends while threads that know it end as well. */
static void *visit_and_end(void *argument)
{
    visit_heaps(argument);
    pthread_barrier_wait(&barrier); /* from here on heaps end */
    return NULL;
}

static void heaps_and_threads_end_at_once(void **state)
{
    (void)state;
    for (int round = 0; round < rounds(UNDER_TSAN ? 2 : 3); round++) {
        pthread_t thread[8];
        for (int i = 0; i < to_visit(); i++)
            assert_non_null(visited[i] = subject.create());
        pthread_barrier_init(&barrier, NULL, 9);
        for (int i = 0; i < 8; i++)
            pthread_create(&thread[i], NULL, visit_and_end, NULL);
        pthread_barrier_wait(&barrier);
        for (int i = 0; i < to_visit(); i++)
            subject.destroy(visited[i]);
        for (int i = 0; i < 8; i++)
            pthread_join(thread[i], NULL);
        pthread_barrier_destroy(&barrier);
    }
    assert_int_equal(faults, 0);
}
