/* SPDX-License-Identifier: MIT */
/*
 * realloc: content survives every way from one size to another. Part of suite.c.
 */
static void realloc_from_every_size_to_every_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {1,     15,     24,     25,     200,    4000, 32 * KB,
                                   65536, 100000, 262144, 262145, 300000, MB,   5 * MB};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    for (size_t from = 0; from < SIZES; from++) {
        for (size_t to = 0; to < SIZES; to++) {
            struct shadow_block block = {(unsigned char *)get(sizes[from]), sizes[from], 16, from,
                                         0};
            void *guard = get(40); /* whoever grows in place must stop here */
            assert_non_null(block.ptr);
            memset(guard, 0x5A, 40);
            shadow_fill(&block, 0);
            block.ptr = (unsigned char *)regrow(block.ptr, sizes[to]);
            assert_non_null(block.ptr);
            assert_int_equal((uintptr_t)block.ptr % 16, 0);
            assert_true(usable(block.ptr) >= sizes[to]);
            assert_true(shadow_holds(&block, sizes[from] < sizes[to] ? sizes[from] : sizes[to]));
            scribble(block.ptr, usable(block.ptr), 1);
            assert_int_equal(((unsigned char *)guard)[0], 0x5A);
            assert_int_equal(memcmp(guard, (char *)guard + 1, 39), 0);
            put(guard);
            put(block.ptr);
        }
    }
}

static void realloc_of_aligned_blocks_keeps_content(void **state)
{
    (void)state;
    for (size_t align = 32; align <= 2 * MB; align *= 4) {
        for (size_t size = 10; size < 4 * MB; size *= 7) {
            struct shadow_block block = {(unsigned char *)get_aligned(align, size), size, align, 1,
                                         0};
            assert_non_null(block.ptr);
            shadow_fill(&block, 0);
            block.ptr = (unsigned char *)regrow(block.ptr, size * 3);
            assert_non_null(block.ptr);
            assert_true(shadow_holds(&block, size));
            block.ptr = (unsigned char *)regrow(block.ptr, size / 2 + 1);
            assert_non_null(block.ptr);
            assert_true(shadow_holds(&block, size / 2 + 1));
            put(block.ptr);
        }
    }
}

static void realloc_walks_up_and_down(void **state)
{
    (void)state;
    struct shadow_block block = {NULL, 0, 16, 99, 0};
    size_t most = (size_t)enough_of(8, 40) * MB;
    for (size_t size = 1; size < most; size += size / 3 + 1) {
        block.ptr = (unsigned char *)regrow(block.ptr, size);
        assert_non_null(block.ptr);
        assert_true(shadow_holds(&block, block.span));
        size_t from = block.span;
        block.span = size;
        shadow_fill(&block, from);
    }
    while (block.span > 1) {
        block.span -= block.span / 4 + 1;
        if (block.span == 0)
            block.span = 1;
        block.ptr = (unsigned char *)regrow(block.ptr, block.span);
        assert_non_null(block.ptr);
        assert_true(shadow_holds(&block, block.span));
    }
    put(block.ptr);
}

static void realloc_of_null_and_to_nothing(void **state)
{
    (void)state;
    void *block = regrow(NULL, 100);
    assert_non_null(block);
    errno = 77;
    assert_null(regrow(block, 0));
    assert_int_equal(errno, 77);
    block = regrow(NULL, 0);
    assert_non_null(block);
    put(block);
}

/* A large block that shrinks gives back what it can: at least half of 64 MB. */
static void realloc_down_returns_memory(void **state)
{
    (void)state;
    trim(0);
    void *block = get(64 * MB);
    assert_non_null(block);
    size_t before = stats().system - stats().free;
    block = regrow(block, 100);
    assert_non_null(block);
    size_t after = stats().system - stats().free;
    assert_sparing(before - after > 32 * MB);
    put(block);
}
