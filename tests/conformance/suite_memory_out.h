/* SPDX-License-Identifier: MIT */
/*
 * Out of memory at every n-th request to the system, through the test layer `failing`.
 * Part of suite.c.
 */
static void some_steps(struct shadow *shadow, int steps)
{
    for (int i = 0; i < steps; i++)
        shadow_step(shadow);
}

/* Some operations, with blocks so large that the system is asked often. */
static void mixed_work(struct shadow *shadow)
{
    some_steps(shadow, 700);
    for (int i = 0; i < 12; i++) {
        struct shadow_block *block = &shadow->block[i];
        if (block->ptr != NULL)
            shadow_drop(block);
        block->align = 16;
        block->ptr = (unsigned char *)get((size_t)(i + 1) * 100 * KB);
        if (block->ptr == NULL)
            shadow_refused(shadow);
        else
            shadow_enter(shadow, block, (size_t)(i + 1) * 100 * KB);
    }
    trim(0);
    some_steps(shadow, 200);
}

/* The heap is new. False when the work needs fewer than n requests. */
static bool fails_at(unsigned long n, struct trouble trouble)
{
    struct shadow shadow = {shadow_blocks, 600, 1000, 0, true};
    memset(shadow_blocks, 0, sizeof shadow_blocks);
    trouble.at = n;
    subject.let_fail(heap, trouble);
    mixed_work(&shadow);
    bool failed = subject.troubled(heap).failed != 0;
    shadow_check_all(&shadow);
    shadow_check_apart(&shadow);

    trouble.at = 0;
    subject.let_fail(heap, trouble); /* there is memory again, and all is well */
    shadow.may_fail = false;
    if (trouble.on)
        mixed_work(&shadow);
    else
        some_steps(&shadow, 200); /* after what was done since the one request that failed */
    shadow_check_all(&shadow);
    shadow_check_apart(&shadow);
    shadow_drop_all(&shadow);
    trim(0);
    struct totals left = stats();
    expect_sparing(left.system - left.free < 256 * KB + kept_aside());
    void *large = get(20 * MB);
    expect(large != NULL);
    put(large);
    return failed;
}

/* Every early one; of the later ones, which are more and more alike, fewer and fewer, unless the
 * test is thorough. */
static void fail_at_requests(struct trouble trouble)
{
    heap_t *before = heap;
    unsigned long n = 1;
    unsigned long rate = UNDER_ASAN || subject.brief ? 2 : 4;
    for (bool failed = true; failed; n += thorough() ? 1 : 1 + n / rate) {
        heap = subject.create();
        assert_non_null(heap);
        failed = fails_at(n, trouble);
        subject.destroy(heap);
        heap = before;
        if (faults != 0)
            fprintf(stderr, "with request %lu failing\n", n);
        assert_int_equal(faults, 0);
        assert_int_equal(report.count, 0);
    }
    assert_true(n > 10); /* else this tested nothing */
}

/* Of any kind: until then all went well, so leaving out a kind would lead to nothing else. */
static void one_failing_request_is_survived(void **state)
{
    (void)state;
    struct trouble trouble = {0, false, true, true};
    fail_at_requests(trouble);
}

static void all_requests_failing_from_one_on_is_survived(void **state)
{
    (void)state;
    struct trouble trouble = {0, true, false, false};
    fail_at_requests(trouble);
}

static void all_claims_failing_too_is_survived(void **state)
{
    (void)state;
    struct trouble trouble = {0, true, true, false};
    fail_at_requests(trouble);
}

static void all_resizes_failing_too_is_survived(void **state)
{
    (void)state;
    struct trouble trouble = {0, true, true, true};
    fail_at_requests(trouble);
}

/* A failed claim must not keep the region: tried 300 times, nothing grows. */
static void failed_requests_leave_nothing_behind(void **state)
{
    (void)state;
    enum { MANY = 300 };
    heap_t *before = heap;
    heap = subject.create();
    assert_non_null(heap);
    void *first = get(100);
    size_t system = stats().system;
    struct trouble trouble = {0, true, true, false};
    for (int i = 0; i < MANY; i++) {
        void *block[MANY];
        int count = 0;
        trouble.at = subject.troubled(heap).requests + 1 + (unsigned long)i % 4;
        subject.let_fail(heap, trouble);
        while (count < MANY && (block[count] = get(60 * KB)) != NULL)
            count++;
        assert_true(count < MANY);
        while (count > 0)
            put(block[--count]);
        trouble.at = 0;
        subject.let_fail(heap, trouble);
        trim(0); /* so that the next round has to ask again */
    }
    assert_sparing(stats().system <= system + 16 * MB);
    put(first);
    subject.destroy(heap);
    heap = before;
}
