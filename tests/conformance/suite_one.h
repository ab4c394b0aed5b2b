/* SPDX-License-Identifier: MIT */
/*
 * What one block owes its user: alignment, usable bytes, zeroes, errno. Part of suite.c.
 */
static void every_alignment_with_every_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,      1,      8,      15,     16,   17,        24,    100,
                                   511,    512,    4095,   4096,   4097, 65535,     65536, 65552,
                                   100000, 262128, 262144, 262145, MB,   3 * MB + 5};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    for (size_t align = 1; align <= 2 * MB; align *= 2) {
        unsigned char *block[SIZES];
        for (size_t i = 0; i < SIZES; i++) {
            block[i] = (unsigned char *)get_aligned(align, sizes[i]);
            assert_non_null(block[i]);
            assert_int_equal((uintptr_t)block[i] % (align < 16 ? 16 : align), 0);
            assert_true(usable(block[i]) >= sizes[i]);
            scribble(block[i], usable(block[i]), (int)i + 1);
        }
        for (size_t i = 0; i < SIZES; i++) {
            assert_true(scribbled(block[i], usable(block[i]), (int)i + 1));
            put(block[i]);
        }
    }
}

static void plain_blocks_are_aligned_to_16(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    static void *block[MANY];
    for (size_t size = 0; size < MANY; size++) {
        block[size] = size % 2 ? get(size) : get_zero(size, 1);
        assert_non_null(block[size]);
        assert_int_equal((uintptr_t)block[size] % 16, 0);
    }
    for (size_t size = 0; size < MANY; size++)
        put(block[size]);
}

static void empty_blocks_differ(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static void *block[MANY];
    for (int i = 0; i < MANY; i++) {
        block[i] = i % 3 == 0 ? get(0) : i % 3 == 1 ? get_zero(0, 7) : get_aligned(64, 0);
        assert_non_null(block[i]);
        for (int j = 0; j < i; j++)
            assert_ptr_not_equal(block[i], block[j]);
    }
    for (int i = 0; i < MANY; i++)
        put(block[i]);
}

/* All that usable_size promises can be written, with neighbours of all sizes around. */
static void usable_bytes_are_the_users(void **state)
{
    (void)state;
    enum { MANY = 600 };
    static struct shadow_block block[MANY];
    uint64_t seed = 3;
    for (int i = 0; i < MANY; i++) {
        size_t size = i < 300 ? (size_t)i : shadow_size(&seed);
        struct shadow_block one = {(unsigned char *)get(size), 0, 16, chance(&seed), 0};
        assert_non_null(one.ptr);
        one.span = usable(one.ptr);
        assert_true(one.span >= size);
        shadow_fill(&one, 0);
        block[i] = one;
    }
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(usable(block[i].ptr), block[i].span);
        shadow_drop(&block[i]);
    }
    assert_int_equal(usable(NULL), 0);
    assert_int_equal(faults, 0);
}

/* Dirty memory of all sizes first, so that calloc meets reused blocks, fresh ones, and blocks that
 * begin in the one and end in the other. */
static void calloc_is_zero(void **state)
{
    (void)state;
    enum { MANY = 400 };
    static unsigned char *block[MANY];
    uint64_t seed = 17;
    for (int round = 0; round < rounds(10); round++) {
        int many = 1 + (int)below(&seed, MANY - 1);
        for (int i = 0; i < many; i++) {
            size_t size = below(&seed, 3) ? shadow_size(&seed) : below(&seed, 300 * KB);
            bool zero = below(&seed, 2);
            block[i] = (unsigned char *)(zero ? get_zero(1, size) : get(size));
            assert_non_null(block[i]);
            if (zero)
                assert_true(all_zero(block[i], size));
            memset(block[i], 0xA5, usable(block[i]));
            if (below(&seed, 3) == 0) {
                put(block[i]);
                block[i] = NULL;
            }
        }
        for (int i = 0; i < many; i++)
            put(block[i]);
        if (round % 5 == 0)
            trim(0);
    }
}

/* Growing zeroed blocks, one after another and never freed in between, cross every boundary of the
 * memory that is fetched; small dirty ones go in between. */
static void calloc_is_zero_across_fresh_memory(void **state)
{
    (void)state;
    enum { MANY = 700 };
    static unsigned char *block[MANY];
    uint64_t seed = 23;
    for (int i = 0; i < MANY; i++) {
        size_t size = 1 + below(&seed, (size_t)64 << (i % 13));
        block[i] = (unsigned char *)(i % 5 ? get_zero(size, 1) : get_aligned(4096, size));
        assert_non_null(block[i]);
        if (i % 5)
            assert_true(all_zero(block[i], size));
        memset(block[i], 0xFF, usable(block[i]));
        if (i % 7 == 6) {
            put(block[i]);
            block[i] = (unsigned char *)get_zero(1, size / 2 + 1);
            assert_true(all_zero(block[i], size / 2 + 1));
        }
    }
    for (int i = 0; i < MANY; i++)
        put(block[i]);
}

static void refused(void *block)
{
    assert_null(block);
    assert_int_equal(errno, ENOMEM);
    errno = 0;
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    static const size_t sizes[] = {SIZE_MAX,
                                   SIZE_MAX - 7,
                                   SIZE_MAX - 15,
                                   SIZE_MAX - 16,
                                   SIZE_MAX - 65535,
                                   SIZE_MAX / 2 + 1,
                                   (size_t)PTRDIFF_MAX + 1,
                                   (size_t)PTRDIFF_MAX + 4096,
                                   (size_t)PTRDIFF_MAX,
                                   (size_t)PTRDIFF_MAX - 15,
                                   (size_t)PTRDIFF_MAX - 65536,
                                   (size_t)1 << 62,
                                   (size_t)1 << 48,
                                   ((size_t)1 << 47) + 1};
    unsigned char *small = (unsigned char *)get(100);
    unsigned char *large = (unsigned char *)get(MB);
    memset(small, 7, 100);
    memset(large, 9, MB);
    errno = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        refused(get(sizes[i]));
        refused(get_zero(1, sizes[i]));
        refused(get_aligned(64, sizes[i]));
        refused(get_aligned(2 * MB, sizes[i]));
        refused(regrow(small, sizes[i]));
        refused(regrow(large, sizes[i]));
        refused(regrow(NULL, sizes[i]));
    }
    refused(get_zero(SIZE_MAX / 2, 3));
    refused(get_zero((size_t)1 << 32, (size_t)1 << 32));
    refused(get_zero(SIZE_MAX, SIZE_MAX));
    refused(get_zero(2, SIZE_MAX / 2 + 1));
    for (size_t align = (size_t)1 << 63; align > (size_t)1 << 47; align /= 2)
        refused(get_aligned(align, 1));
    assert_int_equal(small[0] + small[99], 14);
    assert_int_equal(large[0] + large[MB - 1], 18);
    put(small);
    put(large);
    void *after = get(100);
    assert_non_null(after);
    put(after);
}

static void errno_stays(void **state)
{
    (void)state;
    errno = 4321;
    const size_t sizes[] = {0, 1, 100, 70000, 400000, (size_t)enough_of(5, 20) * MB};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            void *a = get(sizes[i]);
            void *b = get_zero(1, sizes[i]);
            void *c = get_aligned(128, sizes[i]);
            a = regrow(a, sizes[i] * 2 + 1);
            put(b);
            put(a);
            put(c);
            put(NULL);
            assert_int_equal(errno, 4321);
        }
        trim(0);
        stats();
        assert_int_equal(errno, 4321);
    }
}
