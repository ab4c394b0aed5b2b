/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "head.h"
#include "mem.h"

#define TITLES " *   name  type  default  range  meaning\n"

static struct head head;
static const char *problem;

static bool parse(const char *text)
{
    problem = NULL;
    return head_parse(text, strlen(text), &head, &problem);
}

static int release(void **state)
{
    (void)state;
    mem_release();
    return 0;
}

static void test_title(void **state)
{
    (void)state;
    assert_true(parse("/* SPDX-License-Identifier: MIT */\n/*\n * fake - passes on\n */\n"));
    assert_string_equal(head.name, "fake");
    assert_string_equal(head.purpose, "passes on");
    assert_true(parse("// SPDX-License-Identifier: MIT\n\n/* fake - passes on */"));
    assert_string_equal(head.name, "fake");
    assert_string_equal(head.purpose, "passes on");
    assert_true(parse("/* SPDX-License-Identifier: MIT\n * fake - passes on\r\n */"));
    assert_string_equal(head.purpose, "passes on");
}

static void test_no_head(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "/",
        "/*",
        "/* open",
        "int x;",
        "/* SPDX-License-Identifier: MIT */",
        "// only this",
        "/**/",
        "/* some remark */\n/* fake - too late */",
        "/*\n * two words - no name\n */",
        "int x;\n/* fake - too late */",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_true(parse(texts[i]));
        assert_null(head.name);
    }
}

static void test_sections(void **state)
{
    (void)state;
    assert_true(parse("/*\n * w - p\n *\n * One: not a key, but looks like one.\n * prose\n *\n"
                      " * Needs: a thing\n *   and another\n *   and more\n *\n"
                      " * Source:\n *     indented\n *       deeper\n *\n * Ordering:\n */"));
    assert_string_equal(head_section(&head, "Needs"), "a thing\nand another\nand more");
    assert_string_equal(head_section(&head, "Source"), "indented\n  deeper");
    assert_string_equal(head_section(&head, "Ordering"), "");
    assert_null(head_section(&head, "Wins"));
    assert_null(head.sections[0].key);
    assert_string_equal(head.sections[0].text, "");
}

static void test_params(void **state)
{
    (void)state;
    assert_true(parse("/*\n * w - p\n *\n * Parameters:\n" TITLES
                      " *   a     int   5        1..9   first\n"
                      " *         meaning goes on\n"
                      " *   b     size  64KB     4KB..SIZE_MAX   second  with gap\n"
                      " *   c     range  [0,1]   -  third\n"
                      " *   d     sync  mutex    -   fourth\n"
                      " *   e     name  x        x|y   fifth\n"
                      " *   f     bool  0        0|1   sixth\n"
                      " *\n * Wins: none\n */"));
    assert_int_equal(head.param_count, 6);
    assert_string_equal(head.params[0].meaning, "first meaning goes on");
    assert_int_equal(head.params[0].low, 1);
    assert_int_equal(head.params[0].high, 9);
    assert_int_equal(head.params[1].type, PARAM_SIZE);
    assert_true(head.params[1].high == UINT64_MAX);
    assert_string_equal(head.params[1].meaning, "second  with gap");
    assert_int_equal(head.params[2].type, PARAM_RANGE);
    assert_true(head.params[2].high == UINT64_MAX);
    assert_int_equal(head.params[3].type, PARAM_SLOT);
    assert_string_equal(head.params[3].type_text, "sync");
    assert_ptr_equal(head_param(&head, "e"), &head.params[4]);
    assert_null(head_param(&head, "g"));
    assert_string_equal(head_section(&head, "Wins"), "none");
    assert_null(head_section(&head, "Parameters"));
}

/* Names that a line has no room for go on in the next. */
static void test_names_go_on(void **state)
{
    (void)state;
    assert_true(parse("/*\n * w - p\n *\n * Parameters:\n" TITLES
                      " *   a  name  x  x|yy|  first meaning\n"
                      " *                 zz|\n"
                      " *                 w     goes on\n"
                      " *                       and on\n"
                      " *\n * Wins: none\n */"));
    assert_int_equal(head.param_count, 1);
    assert_string_equal(head.params[0].range, "x|yy|zz|w");
    assert_string_equal(head.params[0].meaning, "first meaning goes on and on");
}

static void test_no_params(void **state)
{
    (void)state;
    assert_true(parse("/* w - p\n * Parameters: none\n */"));
    assert_int_equal(head.param_count, 0);
    assert_true(parse("/* w - p\n * Parameters:\n */"));
    assert_int_equal(head.param_count, 0);
}

static void assert_problem(const char *rows, const char *want)
{
    assert_false(parse(mem_format("/* w - p\n * Parameters:\n%s */", rows)));
    assert_string_equal(problem, want);
    assert_string_equal(head.name, "w");
}

static void test_problems(void **state)
{
    (void)state;
    assert_problem(" *   a  int  1  1..2  no titles\n",
                   "table of parameters: the titles are name, type, default, range, meaning: "
                   "'a  int  1  1..2  no titles'");
    assert_problem(TITLES " *   a  int  1  1..2\n",
                   "table of parameters: a row has not five columns: 'a  int  1  1..2'");
    assert_problem(TITLES " *   a  int  1  2..1  x\n",
                   "table of parameters: a range is written LO..HI: '2..1'");
    assert_problem(TITLES " *   a  int  1  1..x  x\n",
                   "table of parameters: a range is written LO..HI: '1..x'");
    assert_problem(TITLES " *   a-b  int  1  -  x\n", "table of parameters: not a name: 'a-b'");
    assert_problem(TITLES " *   a  i t  1  -  x\n", "table of parameters: not a type: 'i t'");
    assert_problem(TITLES " *   a  int  1  -  x\n *   a  int  1  -  x\n",
                   "table of parameters: a parameter is listed twice: 'a'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_title, release),
        cmocka_unit_test_teardown(test_no_head, release),
        cmocka_unit_test_teardown(test_sections, release),
        cmocka_unit_test_teardown(test_params, release),
        cmocka_unit_test_teardown(test_names_go_on, release),
        cmocka_unit_test_teardown(test_no_params, release),
        cmocka_unit_test_teardown(test_problems, release),
    };
    return cmocka_run_group_tests_name("cli.head", tests, NULL, NULL);
}
