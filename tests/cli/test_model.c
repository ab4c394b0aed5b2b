/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "mem.h"
#include "model.h"

static struct source source;
static struct diags diags;
static struct model model;

static bool parse_bytes(const char *text, size_t length)
{
    source = (struct source){NULL, "model", text, length};
    diags = (struct diags){.source = &source};
    const bool right = model_parse(&source, &model, &diags);
    assert_int_equal(diags.count, right ? 0 : 1);
    return right;
}

static bool parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static int release(void **state)
{
    (void)state;
    mem_release();
    return 0;
}

static void test_words(void **state)
{
    (void)state;
    assert_true(parse("a::b_2::c"));
    assert_int_equal(model.count, 3);
    assert_string_equal(model.uses[1].name, "b_2");
    assert_int_equal(model.uses[1].span.at, 3);
    assert_int_equal(model.uses[1].span.length, 3);
    assert_int_equal(model.uses[1].count, 0);
}

static void test_space(void **state)
{
    (void)state;
    assert_true(parse("# head\n a # one\r\n\t::\n\n b(\nx\n=\n1\n)\f:: c # end"));
    assert_int_equal(model.count, 3);
    assert_string_equal(model.uses[1].args[0].name, "x");
    assert_int_equal(model.uses[1].args[0].value.number, 1);
}

static void test_values(void **state)
{
    (void)state;
    assert_true(parse("a(i=007, k=64KB, m=SIZE_MAX, n=name, p=pol(q=1,r=s(t=u)), z=[0,4KiB])::b"));
    const struct arg *args = model.uses[0].args;
    assert_int_equal(model.uses[0].count, 6);
    assert_int_equal(args[0].value.kind, VALUE_NUMBER);
    assert_int_equal(args[0].value.number, 7);
    assert_false(args[0].value.unit);
    assert_int_equal(args[1].value.number, 65536);
    assert_true(args[1].value.unit);
    assert_string_equal(args[1].value.text, "64KB");
    assert_true(args[2].value.number == UINT64_MAX);
    assert_int_equal(args[3].value.kind, VALUE_NAME);
    assert_string_equal(args[3].value.text, "name");
    assert_int_equal(args[4].value.count, 2);
    assert_string_equal(args[4].value.args[1].value.args[0].name, "t");
    assert_int_equal(args[5].value.kind, VALUE_RANGE);
    assert_int_equal(args[5].value.low->number, 0);
    assert_int_equal(args[5].value.high->number, 4096);
    assert_int_equal(args[5].value.span.length, strlen("[0,4KiB]"));
}

static void assert_size(const char *text, enum size_status status, uint64_t want)
{
    uint64_t size = 0;
    assert_int_equal(model_size(text, strlen(text), &size), status);
    assert_true(size == want);
}

static void test_sizes(void **state)
{
    (void)state;
    assert_size("0", SIZE_OK, 0);
    assert_size("1KB", SIZE_OK, 1024);
    assert_size("1KiB", SIZE_OK, 1024);
    assert_size("3MB", SIZE_OK, 3u << 20);
    assert_size("3MiB", SIZE_OK, 3u << 20);
    assert_size("1GB", SIZE_OK, 1u << 30);
    assert_size("2TiB", SIZE_OK, UINT64_C(2) << 40);
    assert_size("SIZE_MAX", SIZE_OK, UINT64_MAX);
    assert_size("18446744073709551615", SIZE_OK, UINT64_MAX);
    assert_size("18446744073709551616", SIZE_TOO_LARGE, 0);
    assert_size("99999999999999999999999999", SIZE_TOO_LARGE, 0);
    assert_size("18014398509481983KB", SIZE_OK, UINT64_C(18014398509481983) << 10);
    assert_size("18014398509481984KB", SIZE_TOO_LARGE, 0);
    assert_size("17179869184GB", SIZE_TOO_LARGE, 0);
    assert_size("1kb", SIZE_BAD_UNIT, 0);
    assert_size("1K", SIZE_BAD_UNIT, 0);
    assert_size("0x10", SIZE_BAD_UNIT, 0);
    assert_size("", SIZE_NOT_A_NUMBER, 0);
    assert_size("KB", SIZE_NOT_A_NUMBER, 0);
    assert_size("SIZE_MA", SIZE_NOT_A_NUMBER, 0);
}

/* The place of a mistake, to the byte. */
static void assert_place(const char *text, size_t at, size_t length)
{
    assert_false(parse(text));
    assert_true(diags.list[0].placed);
    assert_int_equal(diags.list[0].at, at);
    assert_int_equal(diags.list[0].length, length);
}

static void test_places(void **state)
{
    (void)state;
    assert_place("a b", 2, 1);
    assert_place("a::", 3, 0);
    assert_place("a::  # comment\n ", 3, 0);
    assert_place("a:b", 1, 1);
    assert_place("a:::b", 3, 1);
    assert_place("1a::b", 0, 2);
    assert_place("a(b)", 3, 1);
    assert_place("a(b=)", 4, 1);
    assert_place("a(b=1", 5, 0);
    assert_place("a(b=12XB)", 6, 2);
    assert_place("a(b=1 KB)", 6, 2);
    assert_place("a(b=[1,2)", 8, 1);
    assert_place("a(b=[1,2,3])", 8, 1);
    assert_place("a(b=1,,c=2)", 6, 1);
    assert_place("a@", 1, 1);
    assert_place("a\xe5\x8f\xa0", 1, 3);
    assert_place("a\xff", 1, 1);
}

static void test_empty(void **state)
{
    (void)state;
    assert_false(parse(""));
    assert_false(diags.list[0].placed);
    assert_false(parse(" \n# only a comment"));
    assert_false(parse_bytes("\0", 1));
    assert_true(diags.list[0].placed);
}

static void test_limits(void **state)
{
    (void)state;
    char text[4096] = "w";
    for (int i = 1; i < MODEL_WORDS; i++)
        strcat(text, "::w");
    assert_true(parse(text));
    assert_int_equal(model.count, MODEL_WORDS);
    strcat(text, "::w");
    assert_place(text, strlen(text) - 1, 1);

    strcpy(text, "w(a=1");
    for (int i = 1; i < MODEL_PARAMETERS; i++)
        strcat(text, ",a=1");
    strcat(text, ")");
    assert_true(parse(text));
    strcpy(text + strlen(text) - 1, ",a=1)");
    assert_false(parse(text));

    strcpy(text, "w(a=");
    for (int i = 1; i < MODEL_DEPTH; i++)
        strcat(text, "b(c=");
    strcat(text, "1");
    for (int i = 0; i < MODEL_DEPTH; i++)
        strcat(text, ")");
    assert_true(parse(text));
    strcpy(text, "w(a=");
    for (int i = 0; i < MODEL_DEPTH; i++)
        strcat(text, "b(c=");
    assert_false(parse(text));
    assert_string_equal(diags.list[0].message, "nested deeper than 16 levels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_words, release),
        cmocka_unit_test_teardown(test_space, release),
        cmocka_unit_test_teardown(test_values, release),
        cmocka_unit_test_teardown(test_sizes, release),
        cmocka_unit_test_teardown(test_places, release),
        cmocka_unit_test_teardown(test_empty, release),
        cmocka_unit_test_teardown(test_limits, release),
    };
    return cmocka_run_group_tests_name("cli.model", tests, NULL, NULL);
}
