/* SPDX-License-Identifier: MIT */
/*
 * The rule of SuperMalloc's size classes, which two members follow. Define SIZECLASS first.
 */
/* It has no parameters, and ignores those of others. */
#define PARAMETERS                                                                                 \
    {                                                                                              \
        {0, 0, 0},                                                                                 \
        {                                                                                          \
            32, 4096, 48                                                                           \
        }                                                                                          \
    }
#include "suite.h"

#include <mortise/policy/sizeclass/supermalloc.h>

static bool wastes_little(size_t request, size_t block, struct mortise_sizeclass parameters)
{
    size_t waste = block - request;
    (void)parameters;
    return block <= 128 ? waste < 16 : block <= 256 ? waste < 32 : waste * 10 < block * 3;
}

enum { LINE = 64, RULE_MOST = 65536 };

static bool counts_as_prime(size_t n)
{
    if (n == 9 || n == 15)
        return true;
    for (size_t d = 2; d * d <= n; d++)
        if (n % d == 0)
            return false;
    return n > 1;
}

/* The prime number of lines after `lines`: the largest that is at most 10/7 of it. */
static size_t next_prime(size_t lines)
{
    size_t next = lines * 10 / 7;
    while (!counts_as_prime(next))
        next--;
    return next;
}

/* Up to 256, four to a doubling, if they are multiples of 16; then primes and powers of two. */
static unsigned rule_classes(size_t *sizes)
{
    unsigned count = 0;
    for (size_t power = 16; power < 256; power *= 2)
        for (size_t size = power; size < 2 * power; size += power / 4)
            if (size % 16 == 0)
                sizes[count++] = size;
    sizes[count++] = 256;
    size_t power = 512;
    for (size_t lines = 5; lines * LINE < RULE_MOST; lines = next_prime(lines)) {
        if (power < lines * LINE) {
            sizes[count++] = power;
            power *= 2;
        }
        sizes[count++] = lines * LINE;
    }
    sizes[count++] = RULE_MOST;
    return count;
}

static void tables_follow_from_the_rule(void **state)
{
    size_t sizes[64];
    (void)state;
    assert_int_equal(rule_classes(sizes), mortise_supermalloc_classes);
    for (unsigned szcls = 0; szcls < mortise_supermalloc_classes; szcls++) {
        assert_int_equal(mortise_supermalloc_size[szcls], sizes[szcls]);
        assert_int_equal(mortise_supermalloc_reciprocal[szcls],
                         mortise_sizeclass_reciprocal(sizes[szcls]));
    }
}

/* As published, in cache lines. */
static void well_known_classes(void **state)
{
    static const size_t lines[] = {5,  7,  8,  9,  11, 15,  16,  19,  23, 31,
                                   32, 43, 61, 64, 83, 113, 128, 157, 223};
    struct mortise_sizeclass parameters = all_parameters[0];
    unsigned szcls = SZCLS(size_to_szcls)(257, parameters);
    (void)state;
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(size_of(szcls + i, parameters), lines[i] * LINE);
    assert_int_equal(SZCLS(most)(parameters), 65536);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SUITE_TESTS, cmocka_unit_test(tables_follow_from_the_rule),
                                       cmocka_unit_test(well_known_classes)};
    return cmocka_run_group_tests_name(MORTISE_STRING(SIZECLASS), tests, NULL, NULL);
}
