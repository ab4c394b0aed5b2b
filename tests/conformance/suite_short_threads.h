/* SPDX-License-Identifier: MIT */
/*
 * Threads that live briefly, and threads that allocate while they die: nothing of them may stay.
 * Part of suite.c.
 */
static void *live_briefly(void *argument)
{
    (void)argument;
    void *small = get(100);
    void *large = get(5000);
    expect(small != NULL && large != NULL);
    put(small);
    put(large);
    return NULL;
}

/* A thread that was joined can still be on its way out of the kernel, under load for long, and a
 * state that it did not give back waits for that. Each thread is a link of this folder. */
static void await_end_of_threads(void)
{
    struct stat tasks;
    while (stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > 3 + subject.servers())
        mortise_os_yield();
}

/* Eight at a time. */
static void run_generations(int threads, void *(*work)(void *))
{
    for (int i = 0; i < threads / 8; i++) {
        run_threads(8, work, &threads, 0);
        if (!UNDER_TSAN) /* which has a thread of its own */
            await_end_of_threads();
    }
}

static void *meet(void *argument)
{
    static const size_t sizes[] = {16, 100, 116, 200, 5000}; /* all that these tests ask for */
    enum { SIZES = sizeof sizes / sizeof *sizes };
    void *block[SIZES];
    for (int i = 0; i < SIZES; i++)
        expect((block[i] = get(sizes[i])) != NULL);
    pthread_barrier_wait((pthread_barrier_t *)argument);
    for (int i = 0; i < SIZES; i++)
        put(block[i]);
    return NULL;
}

/* Ten threads that live at once and hold blocks leave in libc as many stacks as it ever keeps, and
 * in the heap as many states of threads, and as many slabs, as eight at a time can need: the kernel
 * may call a thread alive a moment longer than it lists it. */
static void let_ten_meet(void)
{
    pthread_barrier_t all;
    pthread_barrier_init(&all, NULL, 10);
    run_threads(10, meet, &all, 0);
    pthread_barrier_destroy(&all);
}

/* The heap does not grow and, with `also_process`, the process neither. */
static void assert_growth(void *(*work)(void *), int threads, bool also_process)
{
    let_ten_meet();
    run_generations(threads / 10, work);
    trim(0); /* what ended threads hold for the next ones */
    size_t system = stats().system, used = system - stats().free;
    size_t pages = resident(), room = addresses();
    run_generations(threads, work);
    trim(0);
    assert_int_equal(faults, 0);
    assert_sparing(stats().system <= system + 64 * KB);
    assert_sparing(stats().system - stats().free <= used + 64 * KB);
    if (!also_process || UNDER_TSAN || UNDER_ASAN) /* which keep records of threads */
        return;
    assert_sparing(resident() <= pages + MB);
    assert_sparing(addresses() <= room + 20 * MB); /* libc keeps some stacks */
}

static void assert_no_growth(void *(*work)(void *), int threads)
{
    assert_growth(work, threads, true);
}

/* As many that one block which each leaves would show, were it the smallest; 20,000 and more if it
 * is thorough. */
static void short_threads_leave_nothing(void **state)
{
    (void)state;
    bool most = heap == subject.default_heap && !subject.brief;
    assert_no_growth(live_briefly,
                     all_rounds(most ? enough_of(5000, 20000) : enough_of(1000, 2000)));
}

/* ---- destructors ---- */

/* ThreadSanitizer forgets a thread in the fourth round of destructors and crashes on what that
 * thread does then. Besides, a state that such a thread leaves goes to another when the kernel says
 * that the thread is gone: an order that the sanitizer does not know. */
static void skip_under_tsan(void)
{
    if (UNDER_TSAN)
        skip();
}

/* Made before the composition's own key, so that its destructor runs first in a round, and after.
 */
static pthread_key_t early_key, late_key;
static int rounds_of_destructors;

struct dying {
    int rounds; /* how often it was destroyed */
    heap_t *heap;
};

/* Allocates in every round that the system gives, and frees what it got one round earlier. */
static void die(void *argument, pthread_key_t key)
{
    struct dying *dying = (struct dying *)argument;
    struct dying next = {dying->rounds + 1, dying->heap};
    put_to(dying->heap, dying);
    MORTISE_ADD_RELAXED(&rounds_of_destructors, 1);
    if (next.rounds >= 4)
        return;
    dying = (struct dying *)get_from(next.heap, sizeof *dying + 100);
    expect(dying != NULL);
    *dying = next;
    pthread_setspecific(key, dying);
}

static void die_early(void *argument)
{
    die(argument, early_key);
}

static void die_late(void *argument)
{
    die(argument, late_key);
}

static void *will_die(pthread_key_t key)
{
    struct dying *dying = (struct dying *)get(sizeof *dying);
    expect(dying != NULL);
    dying->rounds = 0;
    dying->heap = heap;
    pthread_setspecific(key, dying);
    return NULL;
}

static void *allocate_in_early_destructors(void *argument)
{
    (void)argument;
    return will_die(early_key);
}

static void *allocate_in_late_destructors(void *argument)
{
    (void)argument;
    return will_die(late_key);
}

static void *allocate_in_both_destructors(void *argument)
{
    (void)argument;
    will_die(late_key);
    return will_die(early_key);
}

static void destructors_may_allocate(void **state)
{
    (void)state;
    skip_under_tsan();
    assert_no_growth(allocate_in_early_destructors, rounds(enough_of(500, 1000)));
    assert_no_growth(allocate_in_late_destructors, rounds(enough_of(500, 1000)));
    assert_no_growth(allocate_in_both_destructors, rounds(enough_of(500, 1000)));
    assert_true(rounds_of_destructors > 0);
}

/* A thread whose very first request comes from a destructor, in each round in turn. */
static pthread_key_t first_early_key, first_late_key;

static void first_request(void *argument, pthread_key_t key)
{
    uintptr_t wait = (uintptr_t)argument;
    if (wait > 1) {
        pthread_setspecific(key, (void *)(wait - 1));
        return;
    }
    void *block = get(200);
    expect(block != NULL);
    put(block);
}

static void first_request_early(void *argument)
{
    first_request(argument, first_early_key);
}

static void first_request_late(void *argument)
{
    first_request(argument, first_late_key);
}

static void *allocate_first_in_destructor(void *argument)
{
    static unsigned turn;
    (void)argument;
    unsigned mine = MORTISE_ADD_RELAXED(&turn, 1);
    pthread_setspecific(mine % 2 ? first_early_key : first_late_key,
                        (void *)(uintptr_t)(mine / 2 % 4 + 1));
    return NULL;
}

static void a_destructor_may_be_the_first_to_allocate(void **state)
{
    (void)state;
    skip_under_tsan();
    /* In a heap beside, a thread that comes in its last round leaves its table of heaps behind. */
    assert_growth(allocate_first_in_destructor, rounds(1000), heap == subject.default_heap);
}

static void make_early_keys(void)
{
    pthread_key_create(&early_key, die_early);
    pthread_key_create(&first_early_key, first_request_early);
}

static void make_late_keys(void)
{
    pthread_key_create(&late_key, die_late);
    pthread_key_create(&first_late_key, first_request_late);
}
