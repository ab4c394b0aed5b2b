/* SPDX-License-Identifier: MIT */
/*
 * Test of the log-linear histogram: where values go, and what ranks say.
 */
#include <mortise/data/histogram.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t LARGEST = ((uint64_t)1 << mortise_histogram_bits) - 1;

static struct mortise_histogram one, two;

static int clear(void **state)
{
    (void)state;
    memset(&one, 0, sizeof one);
    memset(&two, 0, sizeof two);
    return 0;
}

/* Buckets lie side by side, and none is wider than a 128th of the least value in it. */
static void test_buckets(void **state)
{
    (void)state;
    uint64_t least = 0;
    for (unsigned i = 0; i < mortise_histogram_buckets; i++) {
        uint64_t most = mortise_histogram_value(i);
        assert_true(most >= least);
        assert_true(most == least || (most - least + 1) * 128 <= least);
        assert_int_equal(mortise_histogram_bucket(least), i);
        assert_int_equal(mortise_histogram_bucket(most), i);
        least = most + 1;
    }
    assert_true(least == LARGEST + 1);
    assert_int_equal(mortise_histogram_bucket(LARGEST + 1), mortise_histogram_buckets - 1);
    assert_int_equal(mortise_histogram_bucket(UINT64_MAX), mortise_histogram_buckets - 1);
}

/* 1 to 1,000,000, once each: the value that n in a million exceed is 1,000,000 - n. */
static void test_ranks(void **state)
{
    (void)state;
    for (uint64_t value = 1; value <= 1000000; value++)
        mortise_histogram_add(value % 3 == 0 ? &one : &two, value);
    mortise_histogram_merge(&one, &two);
    assert_int_equal(mortise_histogram_count(&one), 1000000);
    assert_true(one.total == UINT64_C(500000500000));
    assert_int_equal(one.most, 1000000);
    for (uint32_t above = 1; above <= 999999; above = above * 7 + 3) {
        uint64_t exact = 1000000 - above;
        uint64_t told = mortise_histogram_exceeded(&one, above);
        assert_true(told >= exact && told - exact <= exact / 128 + 1);
    }
    assert_int_equal(mortise_histogram_exceeded(&one, 0), 1000000);
}

static void test_few(void **state)
{
    (void)state;
    assert_int_equal(mortise_histogram_exceeded(&one, 1), 0);
    one.failed = 3;
    mortise_histogram_add(&one, 100);
    assert_int_equal(mortise_histogram_exceeded(&one, 100000), 100);
    mortise_histogram_add(&one, 70001);
    assert_int_equal(mortise_histogram_exceeded(&one, 500000), 100);
    assert_int_equal(mortise_histogram_exceeded(&one, 499999),
                     70001); /* no more than the largest */
    mortise_histogram_merge(&two, &one);
    assert_int_equal(two.failed, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_buckets, clear),
        cmocka_unit_test_setup(test_ranks, clear),
        cmocka_unit_test_setup(test_few, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
