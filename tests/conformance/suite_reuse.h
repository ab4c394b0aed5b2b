/* SPDX-License-Identifier: MIT */
/*
 * Memory that was freed comes back into use, and what is not needed goes back. Part of suite.c.
 */
static void the_same_size_forever(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 2 * MB; size *= 3) {
        void *first = get(size);
        assert_non_null(first);
        put(first);
        size_t system = stats().system;
        int times = rounds(size < 32 * KB ? 20000 : 1000); /* what a leak would cost is clear */
        for (int i = 0; i < times; i++) {
            void *block = get(size);
            assert_non_null(block);
            *(volatile char *)block = 1;
            put(block);
        }
        assert_sparing(stats().system <= system + made_to_wait());
    }
}

/* 16 MB live at most, sizes and order by chance: fragmentation stays within twice that. */
static void random_sizes_forever(void **state)
{
    (void)state;
    enum { LIVE = 4000 };
    static void *block[LIVE];
    uint64_t seed = 8;
    size_t first = 0;
    memset(block, 0, sizeof block);
    int times = rounds(400000), settled = times > 160000 ? 40000 : times / 4;
    for (int i = 0; i < times; i++) {
        void **slot = &block[below(&seed, LIVE)];
        put(*slot);
        *slot = get(below(&seed, 8 * KB));
        assert_non_null(*slot);
        if (i == settled)
            first = stats().system;
    }
    assert_sparing(stats().system <= first + first / 4 + MB);
    for (int i = 0; i < LIVE; i++)
        put(block[i]);
}

/* What was one large block serves small ones, and the other way round. */
static void freed_memory_serves_other_sizes(void **state)
{
    (void)state;
    enum { MANY = 40000, SETTLED = 12, ROUNDS = 16 };
    static void *block[MANY];
    const int many = enough_of(MANY / 4, MANY);
    size_t most = 0;
    /* How much a layer keeps free settles, and where it begins is up to the tests before. */
    for (int round = 0; round < ROUNDS; round++) {
        void *large = get((size_t)many * 128);
        assert_non_null(large);
        put(large);
        for (int i = 0; i < many; i++)
            assert_non_null(block[i] = get(100));
        for (int i = 0; i < many; i += 2)
            put(block[i]);
        for (int i = 1; i < many; i += 2)
            put(block[i]);
        if (round < SETTLED && most < stats().system)
            most = stats().system;
        assert_sparing(stats().system <= most + kept_aside());
    }
}

/* Everything freed and trimmed: 24 MB, or 64, leave next to nothing behind. */
static void trim_returns_what_is_free(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    static unsigned char *block[MANY];
    const int many = enough_of(750, MANY);
    trim(0);
    size_t pages = resident();
    for (int i = 0; i < many; i++) {
        block[i] = (unsigned char *)get(32 * KB);
        assert_non_null(block[i]);
        memset(block[i], 1, 32 * KB);
    }
    for (int i = 0; i < many; i++)
        put(block[(i * 7 + 3) % many]);
    trim(0);
    assert_sparing(stats().system - stats().free < (size_t)many * 16 * KB);
    if (!UNDER_TSAN && !UNDER_ASAN)
        assert_sparing(resident() < pages + 6 * MB);
    void *after = get(MB);
    assert_non_null(after);
    put(after);
}

static void random_work(struct totals *during)
{
    struct shadow shadow = {shadow_blocks, 500, 77, 0, false};
    memset(shadow_blocks, 0, sizeof shadow_blocks);
    for (int i = 0; i < rounds(20000); i++)
        shadow_step(&shadow);
    *during = stats();
    shadow_drop_all(&shadow);
    assert_int_equal(faults, 0);
}

/* Used memory by the heap's own account is that of before, once caches hold what they keep. */
static void the_account_is_balanced(void **state)
{
    (void)state;
    struct totals during;
    random_work(&during);
    struct totals before = stats();
    random_work(&during);
    struct totals after = stats();
    assert_true(during.system - during.free > before.system - before.free);
    /* A pool that came or went changes the use by its cost, 16 bytes. */
    long drift = (long)(after.system - after.free) - (long)(before.system - before.free);
    long slack = (long)(64 * KB + kept_aside() + made_to_wait());
    assert_sparing(drift <= slack && drift >= -slack);
    assert_sparing(after.directs == before.directs);
    assert_sparing(after.direct == before.direct);
}

/* Somebody else moves the program break and takes that back: what a heap wanted to return and could
 * not is joined by what it fetches next, and only that is zero. */
static void calloc_is_zero_though_others_move_the_break(void **state)
{
    (void)state;
    size_t size = 20 * MB;
    for (int round = 0; round < 2; round++) {
        char *dirty = (char *)get(size);
        assert_non_null(dirty);
        for (size_t i = 0; i < size; i += thorough() ? 1 : 32 * KB - 1)
            dirty[i] = 0x55;
        bool moved = (intptr_t)sbrk(4096) != -1;
        put(dirty);
        if (moved)
            sbrk(-4096);
        unsigned char *clean = (unsigned char *)get_zero(2, size);
        assert_non_null(clean);
        assert_true(seems_zero(clean, 2 * size)); /* of many dirty pages it sees some */
        put(clean);
        size += 4 * MB;
    }
}

/* And what it could not return stays in one piece. */
static void a_refused_return_splits_nothing(void **state)
{
    (void)state;
    enum { MANY = 1500, SETTLED = 8 };
    static void *block[MANY];
    const int many = enough_of(MANY / 5, MANY);
    size_t system = 0;
    for (int round = 0; round < 12; round++) {
        for (int i = 0; i < many; i++)
            assert_non_null(block[i] = get(32000));
        void *pin = get(MB); /* at the end, in the way of the others */
        for (int i = 0; i < many; i++)
            put(block[i]);
        void *large = get((size_t)many * 28000);
        assert_non_null(large);
        put(large);
        put(pin);
        /* How much a layer keeps free settles, and where it begins is up to the tests before. */
        if (round < SETTLED && system < stats().system)
            system = stats().system;
        assert_sparing(stats().system <= system + MB + kept_aside());
    }
}
