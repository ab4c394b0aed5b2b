/* SPDX-License-Identifier: MIT */
/*
 * What a program does wrong is reported, once, with the address, and the heap goes on.
 * Part of suite.c.
 */
static void assert_reported(enum mortise_error error, const void *address)
{
    assert_int_equal(report.count, 1);
    assert_int_equal(report.error, error);
    assert_ptr_equal(report.address, address);
    assert_true(report.layer[0] != '\0');
    report.count = 0;
}

/* Memory that has gone back to the system belongs to nobody: its address is a foreign one. */
static void assert_double_free_reported(void *block)
{
    unsigned char resident;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *begin = (void *)((uintptr_t)block / page * page);
    bool gone = mincore(begin, page, &resident) != 0 && errno == ENOMEM;
    assert_reported(gone ? MORTISE_FOREIGN_POINTER : MORTISE_DOUBLE_FREE, block);
}

/* Layers that keep no record of each block cannot tell; the facts say which do. */
static void need_checks(void)
{
    if ((subject.facts & MORTISE_CHECKS) == 0)
        skip();
}

static void assert_heap_works(void)
{
    struct shadow shadow = {shadow_blocks, 200, 31, 0, false};
    memset(shadow_blocks, 0, sizeof shadow_blocks);
    for (int i = 0; i < rounds(600); i++)
        shadow_step(&shadow);
    shadow_check_apart(&shadow);
    shadow_drop_all(&shadow);
    assert_int_equal(faults, 0);
}

static void foreign_pointers_are_reported(void **state)
{
    (void)state;
    static char in_data[256];
    char on_stack[256];
    void *of_libc = malloc(300);
    void *foreign[] = {on_stack + 64,
                       in_data + 64,
                       of_libc,
                       (void *)&report,
                       (void *)16,
                       (void *)UINTPTR_MAX,
                       (void *)(uintptr_t)(UINT64_C(1) << 52),
                       (void *)(uintptr_t)(UINT64_C(1) << 47),
                       (void *)heap};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        errno = 55;
        put(foreign[i]);
        assert_int_equal(errno, 55);
        assert_reported(MORTISE_FOREIGN_POINTER, foreign[i]);
        assert_null(regrow(foreign[i], 100));
        assert_reported(MORTISE_FOREIGN_POINTER, foreign[i]);
        assert_int_equal(usable(foreign[i]), 0);
        assert_reported(MORTISE_FOREIGN_POINTER, foreign[i]);
    }
    free(of_libc);
    assert_heap_works();
}

static void misaligned_pointers_are_reported(void **state)
{
    (void)state;
    need_checks();
    static const size_t sizes[] = {100, 300 * KB, 3 * MB};
    for (size_t i = 0; i < 3; i++) {
        char *block = (char *)get(sizes[i]);
        assert_non_null(block);
        put(block + 1);
        assert_reported(MORTISE_FOREIGN_POINTER, block + 1);
        put(block + 8);
        assert_reported(MORTISE_FOREIGN_POINTER, block + 8);
        put(block);
    }
    assert_heap_works();
}

static void double_frees_are_reported(void **state)
{
    (void)state;
    need_checks();
    for (size_t size = 0; size < 200 * KB; size = size * 2 + 10) {
        void *guard = get(10);
        void *block = get(size);
        void *other = get(10);
        put(block);
        put(block);
        assert_double_free_reported(block);
        put(guard);
        put(other);
        assert_heap_works();
    }
}

/* Its neighbours are free, so that the block has become part of a larger free one. */
static void double_frees_of_joined_blocks_are_reported(void **state)
{
    (void)state;
    need_checks();
    for (size_t size = 0; size < 60 * KB; size = size * 2 + 10) {
        void *block[5];
        for (int i = 0; i < 5; i++)
            assert_non_null(block[i] = get(size));
        put(block[1]);
        put(block[3]);
        put(block[2]);
        put(block[2]);
        assert_double_free_reported(block[2]);
        put(block[0]);
        put(block[4]);
        assert_heap_works();
    }
}

/* Where the size would not change, nothing looks at the block. */
static void realloc_of_a_freed_block_does_no_harm(void **state)
{
    (void)state;
    need_checks();
    static const size_t sizes[] = {10, 1000, 100000};
    for (size_t from = 0; from < 3; from++) {
        for (size_t to = 0; to < 3; to++) {
            void *guard = get(10);
            void *block = get(sizes[from]);
            void *other = get(10);
            put(block);
            void *again = regrow(block, sizes[to] * 2);
            if (again != block) {
                assert_double_free_reported(block);
                put(again);
            }
            put(guard);
            put(other);
            assert_heap_works();
        }
    }
}
