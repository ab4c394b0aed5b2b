/* SPDX-License-Identifier: MIT */
/*
 * What every member of the slot chksum promises, as tests. A unit defines CHKSUM, the name of a
 * member, and includes this file; it gets a main, which runs UNIT_TESTS too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mortise/core/compiler.h>

#include MORTISE_POLICY(chksum, CHKSUM)

#define M(x) MORTISE_MEMBER(CHKSUM, x)

/* Keys, addresses and contents as they come: small, large, with few and with many bits. */
static const uint64_t words[] = {0,
                                 1,
                                 16,
                                 24,
                                 255,
                                 4096,
                                 65536,
                                 UINT64_C(0x7f1234567890),
                                 UINT64_C(0x5555aaaa0010),
                                 UINT64_C(0x0123456789abcdef),
                                 UINT64_C(0x8000000000000000),
                                 UINT64_MAX};
enum { WORDS = sizeof words / sizeof words[0] };

static uint64_t sum_of(uint64_t key, uint64_t address, uint64_t content)
{
    return M(calculate)(key, (uintptr_t)address, content);
}

/* A word with one byte replaced, in all ways; true if the sum changed each time that it should. */
static bool sees_each_byte(uint64_t key, uint64_t address, uint64_t content)
{
    uint64_t sum = sum_of(key, address, content);
    bool placed = M(placed);
    for (int shift = 0; shift < 64; shift += 8) {
        for (uint64_t change = 1; change < 256; change++) {
            uint64_t bits = change << shift;
            if (sum_of(key ^ bits, address, content) == sum ||
                (sum_of(key, address ^ bits, content) != sum) != placed ||
                (sum_of(key, address, content ^ bits) != sum) != placed)
                return false;
        }
    }
    return true;
}

static void a_changed_byte_changes_the_sum(void **state)
{
    (void)state;
    for (int key = 0; key < WORDS; key++)
        for (int i = 0; i < WORDS; i++)
            assert_true(sees_each_byte(words[key], words[i], words[WORDS - 1 - i]));
}

static void another_key_gives_another_sum(void **state)
{
    (void)state;
    for (int a = 0; a < WORDS; a++)
        for (int b = 0; b < WORDS; b++)
            for (int i = 0; i < WORDS; i++)
                assert_true(a == b ||
                            sum_of(words[a], words[i], 24) != sum_of(words[b], words[i], 24));
}

/* Neighbours in a heap: addresses and sizes a few units apart. */
static void neighbours_differ(void **state)
{
    (void)state;
    if (!M(placed))
        skip();
    uint64_t sum = sum_of(words[9], words[8], 24);
    for (uint64_t at = 0; at < 64; at++)
        for (uint64_t size = 0; size < 256; size++)
            if (at != 0 || size != 24)
                assert_true(sum_of(words[9], words[8] + at * 16, size) != sum);
}

static void bytes_beyond_are_zero(void **state)
{
    (void)state;
    assert_true(M(bytes) == 4 || M(bytes) == 8);
    for (int i = 0; i < WORDS; i++)
        assert_true(M(bytes) == 8 || sum_of(words[9], words[i], words[i]) >> 32 == 0);
}

#ifndef UNIT_TESTS
#define UNIT_TESTS
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_changed_byte_changes_the_sum),
                                       cmocka_unit_test(another_key_gives_another_sum),
                                       cmocka_unit_test(neighbours_differ),
                                       cmocka_unit_test(bytes_beyond_are_zero), UNIT_TESTS};
    return cmocka_run_group_tests_name(MORTISE_STRING(CHKSUM), tests, NULL, NULL);
}
