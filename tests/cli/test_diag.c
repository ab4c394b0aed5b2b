/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "mem.h"

/* What is printed for one error at a place of a text. */
static void assert_print(const char *file, const char *text, size_t size, size_t at, size_t length,
                         const char *want)
{
    const struct source source = {file, "model", text, size};
    struct diags diags = {.source = &source};
    char *got;
    size_t n;
    diag_at(&diags, at, length, "wrong");
    FILE *out = open_memstream(&got, &n);
    assert_non_null(out);
    diag_print(&diags, out);
    fclose(out);
    assert_string_equal(got, want);
    free(got);
    mem_release();
}

static void test_caret(void **state)
{
    (void)state;
    assert_print(NULL, "a::b", 4, 3, 1, "mortise: wrong\n  a::b\n     ^\n");
    assert_print(NULL, "a::bcd", 6, 3, 3, "mortise: wrong\n  a::bcd\n     ^~~\n");
    assert_print(NULL, "a", 1, 1, 0, "mortise: wrong\n  a\n   ^\n");
    assert_print(NULL, "", 0, 0, 0, "mortise: wrong\n  \n  ^\n");
}

static void test_line(void **state)
{
    (void)state;
    assert_print("f", "a\nbc\nd", 6, 2, 2, "mortise: f:2:1: wrong\n  bc\n  ^~\n");
    assert_print("f", "a\nbc\nd", 6, 4, 0, "mortise: f:2:3: wrong\n  bc\n    ^\n");
    assert_print("f", "a\nbc\nd", 6, 5, 1, "mortise: f:3:1: wrong\n  d\n  ^\n");
    assert_print("f", "a\nb", 3, 0, 3, "mortise: f:1:1: wrong\n  a\n  ^\n");
    assert_print("f", "a\r\nb", 4, 0, 1, "mortise: f:1:1: wrong\n  a\n  ^\n");
}

static void test_bytes(void **state)
{
    (void)state;
    assert_print(NULL, "\tx", 2, 1, 1, "mortise: wrong\n   x\n   ^\n");
    assert_print(NULL, "\0x", 2, 1, 1, "mortise: wrong\n  \\x00x\n      ^\n");
    assert_print(NULL, "\xe6\xa6", 2, 0, 2, "mortise: wrong\n  \\xe6\\xa6\n  ^~~~~~~~\n");
}

/* No line is wider than 100 columns, and the caret is below what it means. */
static void test_window(void **state)
{
    (void)state;
    char text[300];
    for (size_t width = 90; width < 300; width += 7)
        for (size_t at = 0; at <= width; at++) {
            memset(text, '.', sizeof text);
            if (at < width)
                text[at] = 'X';
            const struct source source = {NULL, "model", text, width};
            struct diags diags = {.source = &source};
            char *got;
            size_t n;
            diag_at(&diags, at, at < width, "wrong");
            FILE *out = open_memstream(&got, &n);
            diag_print(&diags, out);
            fclose(out);
            char *line = strchr(got, '\n') + 1;
            char *caret = strchr(line, '\n') + 1;
            assert_true(caret - line <= 101);
            const size_t column = strcspn(caret, "^");
            assert_true(column <= 100);
            if (at < width)
                assert_int_equal(line[column], 'X');
            else
                assert_int_equal(line[column], '\n');
            free(got);
            mem_release();
        }
}

static void test_limit(void **state)
{
    (void)state;
    struct diags diags = {0};
    for (int i = 0; i < 3 * DIAG_MAX; i++)
        diag_add(&diags, "%d", i)->help = "none";
    assert_int_equal(diags.count, DIAG_MAX);
    assert_string_equal(diags.list[DIAG_MAX - 1].message, "7");
    json_t *json = diag_json(&diags);
    assert_int_equal(json_array_size(json), DIAG_MAX);
    json_decref(json);
    mem_release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_caret),  cmocka_unit_test(test_line),  cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_window), cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests_name("cli.diag", tests, NULL, NULL);
}
