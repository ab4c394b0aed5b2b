/* SPDX-License-Identifier: MIT */
/*
 * Out of memory by a limit of the system, in a child of this process. Part of suite.c.
 */
/* Runs a function in a child with the default heap; its faults are the parent's. */
static void in_child(void (*run)(void))
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(300); /* a hang is a failure */
        heap = subject.default_heap;
        run();
        _exit(faults != 0 || report.count != 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void limit_addresses(size_t more)
{
    struct rlimit limit;
    limit.rlim_cur = limit.rlim_max = addresses() + more;
    expect(setrlimit(RLIMIT_AS, &limit) == 0);
}

struct chain {
    struct chain *next;
    size_t size;
};

/* Takes blocks until there are no more, or `enough` bytes; the sum of their sizes. */
static size_t exhaust(struct chain **chain, size_t least, size_t most, size_t enough)
{
    uint64_t seed = least;
    size_t sum = 0;
    while (sum < enough) {
        size_t size = least + below(&seed, most - least + 1);
        errno = 0;
        struct chain *block = (struct chain *)get(size);
        if (block == NULL) {
            expect(errno == ENOMEM);
            return sum;
        }
        ((char *)block)[size - 1] = 0x77;
        block->next = *chain;
        block->size = size;
        *chain = block;
        sum += size;
    }
    return sum;
}

static void release(struct chain **chain)
{
    while (*chain != NULL) {
        struct chain *block = *chain;
        *chain = block->next;
        expect(((char *)block)[block->size - 1] == 0x77 || block->size < sizeof *block + 1);
        put(block);
    }
}

static void exhaust_and_recover(size_t least, size_t most)
{
    struct chain *chain = NULL;
    size_t kept = addresses(); /* some may be there already and not be in use, see data/ranges.h */
    limit_addresses(64 * MB);
    size_t sum = exhaust(&chain, least, most, SIZE_MAX);
    expect_sparing(sum > 40 * MB);
    expect_sparing(sum < kept + 64 * MB);
    release(&chain);
    for (int round = 0; round < rounds(1); round++) {
        size_t again = exhaust(&chain, 100, 100, thorough() ? SIZE_MAX : 24 * MB);
        expect_sparing(again > 20 * MB); /* 16 + 8 bytes of cost for each 100 */
        release(&chain);
        /* None of them a class of slabs that earlier tests may have left in pieces. */
        again = exhaust(&chain, 50 * KB, 60 * KB, SIZE_MAX);
        expect_sparing(again > 40 * MB);
        release(&chain);
    }
    trim(0); /* pools for small blocks may have stayed with their layer */
    /* In one piece: what a layer keeps as a record can lie in between. */
    void *large = get(16 * MB);
    expect_sparing(large != NULL);
    large = regrow(large, 24 * MB);
    expect_sparing(large != NULL);
    put(large);
    put(NULL);
}

static void exhaust_by_small(void)
{
    exhaust_and_recover(sizeof(struct chain), 200);
}

static void exhaust_by_middling(void)
{
    exhaust_and_recover(sizeof(struct chain), 50 * KB);
}

static void exhaust_by_large(void)
{
    exhaust_and_recover(200 * KB, MB);
}

static void an_address_limit_is_survived(void **state)
{
    (void)state;
    if (UNDER_TSAN || UNDER_ASAN)
        skip();
    in_child(exhaust_by_middling);
    if (subject.brief && !thorough())
        return;
    in_child(exhaust_by_small);
    in_child(exhaust_by_large);
}

/* Heaps can be made and used where there is little room, and where there is none they say so. */
static void make_heaps_in_little_room(void)
{
    enum { HEAPS = 60 };
    heap_t *made[HEAPS];
    int count = 0;
    limit_addresses(32 * MB);
    while (count < HEAPS && (made[count] = subject.create()) != NULL) {
        void *block = get_from(made[count], 1000);
        if (block != NULL)
            memset(block, 1, 1000);
        count++;
    }
    expect(count >= 1);
    expect_sparing(count >= 3); /* one that reserves takes half of what there is */
    for (int i = 0; i < count; i++)
        subject.destroy(made[i]);
    heap_t *after = subject.create();
    expect(after != NULL);
    void *block = get_from(after, 100000);
    expect(block != NULL);
    put_to(after, block);
    subject.destroy(after);
}

static void heaps_begin_in_little_room(void **state)
{
    (void)state;
    if (UNDER_TSAN || UNDER_ASAN)
        skip();
    in_child(make_heaps_in_little_room);
}
