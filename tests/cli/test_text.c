/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "mem.h"
#include "text.h"

static const char *nearest(const char *word)
{
    static const char *const candidates[] = {"tlsf_glk", "slab_lk", "slab_wf", "fake", "count"};
    struct nearest nearest = {word, NULL, 0};
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        nearest_offer(&nearest, candidates[i]);
    return nearest.best;
}

static void test_nearest(void **state)
{
    (void)state;
    assert_string_equal(nearest("tlfs_glk"), "tlsf_glk"); /* exchanged */
    assert_string_equal(nearest("tlsf_gk"), "tlsf_glk");  /* left out */
    assert_string_equal(nearest("tlsff_glk"), "tlsf_glk");
    assert_string_equal(nearest("tlsf-glk"), "tlsf_glk");
    assert_string_equal(nearest("TLSF_GLK"), "tlsf_glk");
    assert_string_equal(nearest("tlsf"), "tlsf_glk"); /* abbreviated */
    assert_string_equal(nearest("slab_w"), "slab_wf");
    assert_string_equal(nearest("fke"), "fake");
    assert_null(nearest("zzz"));
    assert_null(nearest("x"));
    assert_null(nearest(""));
    char longest[NAME_MAX_LENGTH + 2];
    memset(longest, 'a', sizeof longest);
    longest[NAME_MAX_LENGTH + 1] = '\0';
    assert_null(nearest(longest));
    longest[NAME_MAX_LENGTH] = '\0';
    assert_null(nearest(longest));
    mem_release();
}

static void test_name(void **state)
{
    (void)state;
    assert_true(text_is_name("a", 1));
    assert_true(text_is_name("_a9", 3));
    assert_false(text_is_name("", 0));
    assert_false(text_is_name("9a", 2));
    assert_false(text_is_name("a-b", 3));
    assert_false(text_is_name("a\0b", 3));
    assert_false(text_is_name("\xc3\xa4", 2));
}

static void test_quote(void **state)
{
    (void)state;
    assert_string_equal(text_quote("plain", 5), "plain");
    assert_string_equal(text_quote("\x1b[m\0\xff", 5), "\\x1b[m\\x00\\xff");
    assert_string_equal(text_quote("0123456789012345678901234567890123456789x", 41),
                        "0123456789012345678901234567890123456789...");
    assert_string_equal(text_escape(""), "");
    mem_release();
}

static void assert_split(const char *line, size_t count, const char *const *words)
{
    size_t n;
    const char **got = text_split(line, &n);
    assert_non_null(got);
    assert_int_equal(n, count);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(got[i], words[i]);
    assert_null(got[n]);
}

static void test_split(void **state)
{
    (void)state;
    size_t n;
    assert_split("", 0, NULL);
    assert_split(" \t\n", 0, NULL);
    assert_split(" -O2  -g ", 2, (const char *const[]){"-O2", "-g"});
    assert_split("-DA='x y' \"-DB=\\\"q\\\"\"", 2, (const char *const[]){"-DA=x y", "-DB=\"q\""});
    assert_split("a\\ b ''", 2, (const char *const[]){"a b", ""});
    assert_split("'\\'", 1, (const char *const[]){"\\"});
    assert_split("a\\", 1, (const char *const[]){"a\\"});
    assert_null(text_split("'open", &n));
    assert_null(text_split("a \"b", &n));
    mem_release();
}

static void test_join(void **state)
{
    (void)state;
    assert_string_equal(text_join(NULL, ", ", "a"), "a");
    assert_string_equal(text_join("a", ", ", "b"), "a, b");
    assert_string_equal(text_upper("tlsf_glk2"), "TLSF_GLK2");
    mem_release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest), cmocka_unit_test(test_name), cmocka_unit_test(test_quote),
        cmocka_unit_test(test_split),   cmocka_unit_test(test_join),
    };
    return cmocka_run_group_tests_name("cli.text", tests, NULL, NULL);
}
