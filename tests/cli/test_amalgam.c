/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "amalgam.h"
#include "condition.h"
#include "file.h"
#include "line.h"
#include "mem.h"

static char folder[] = "/tmp/mortise-test-XXXXXX";
static struct diags diags;

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    file_remove_tree(folder);
    return 0;
}

static int release(void **state)
{
    (void)state;
    mem_release();
    return 0;
}

/* One header below the include folder. */
static void header(const char *name, const char *text)
{
    const char *path = mem_format("%s/%s", folder, name);
    assert_true(file_make_folders(mem_text(path, (size_t)(strrchr(path, '/') - path))));
    unlink(path);
    assert_true(file_write(path, text, strlen(text)));
}

static const char *one_file(const char *c)
{
    const struct registry registry = {.include = folder};
    memset(&diags, 0, sizeof diags);
    return amalgam(c, &registry, &diags);
}

/* Without the lines that say which file it was. */
static void becomes(const char *c, const char *expected)
{
    const char *text = one_file(c);
    assert_non_null(text);
    char *plain = mem_get(strlen(text) + 1);
    size_t n = 0;
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n") + 1;
        if (strncmp(text, "/* ----", 7) != 0 && length != 1) {
            memcpy(plain + n, text, length);
            n += length;
        }
        text += length;
    }
    plain[n] = '\0';
    assert_string_equal(plain, expected);
}

static void refused(const char *c, const char *message)
{
    assert_null(one_file(c));
    assert_int_equal(diags.count, 1);
    assert_string_equal(diags.list[0].message, message);
}

static enum truth truth(const char *text)
{
    struct macros macros = {NULL, 0};
    macro_set(&macros, "ONE", MACRO_DEFINED, "1");
    macro_set(&macros, "EMPTY", MACRO_DEFINED, "");
    macro_set(&macros, "SUM", MACRO_DEFINED, "ONE + ONE");
    macro_set(&macros, "SELF", MACRO_DEFINED, "SELF");
    macro_set(&macros, "CALL", MACRO_DEFINED, NULL);
    macro_set(&macros, "GONE", MACRO_UNDEFINED, NULL);
    macro_set(&macros, "EITHER", MACRO_UNKNOWN, NULL);
    return condition_eval(text, &macros);
}

static void test_conditions(void **state)
{
    (void)state;
    static const char *const yes[] = {"1",
                                      "ONE",
                                      "defined ONE",
                                      "defined(ONE)",
                                      "!defined GONE",
                                      "SUM == 2",
                                      "SUM * 2 == 4",
                                      "!GONE",
                                      "1 || EITHER",
                                      "EITHER || 1",
                                      "!(EITHER && 0)",
                                      "(1 << 4) == 16 && 16 >> 4 == ONE",
                                      "0x10u == 16UL",
                                      "-1 < 0",
                                      "~0 == -1",
                                      "7 % 4 == 3",
                                      "1 ^ 2 & 2 | 8",
                                      "10 - 2 - 3 == 5",
                                      "defined EMPTY",
                                      "2 + 3 * 4 == 14"};
    static const char *const no[] = {"0",           "GONE",    "defined GONE",
                                     "EITHER && 0", "ONE > 1", "defined ONE && defined GONE",
                                     "!ONE"};
    static const char *const open[] = {"EITHER",
                                       "OTHER",
                                       "defined OTHER",
                                       "OTHER > 4",
                                       "CALL(1)",
                                       "EITHER && 1",
                                       "SELF",
                                       "1 / 0",
                                       "__has_include(<a.h>)",
                                       "defined __has_include && __has_include(<a.h>)",
                                       "1 ? 1 : 0",
                                       "",
                                       "EMPTY",
                                       "(",
                                       "99999999999999999999",
                                       "'a'",
                                       "1 << 70",
                                       "defined"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (truth(yes[i]) != TRUTH_YES)
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (truth(no[i]) != TRUTH_NO)
            fail_msg("%s", no[i]);
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        if (truth(open[i]) != TRUTH_UNKNOWN)
            fail_msg("%s", open[i]);
}

static void test_lines(void **state)
{
    (void)state;
    struct lines lines = {"int a; /* one\n#if no\n*/ \"/*\" '\"'\n"
                          "  #  define A \\\n 1 /* two\n */ + 2 // three\n"
                          "// four\n#endif",
                          false};
    struct line line;
    assert_true(line_next(&lines, &line) && line.code && line.directive == NULL);
    assert_true(line_next(&lines, &line) && !line.code && line.directive == NULL);
    assert_true(line_next(&lines, &line) && line.code && line.directive == NULL);
    assert_true(line_next(&lines, &line));
    assert_string_equal(line.directive, "define");
    assert_memory_equal(line.rest, "A   1", 5);
    assert_string_equal(line.rest + strlen(line.rest) - 3, "+ 2");
    assert_true(line_next(&lines, &line) && !line.code);
    assert_true(line_next(&lines, &line));
    assert_string_equal(line.directive, "endif");
    assert_false(line_next(&lines, &line));
}

static void test_decided(void **state)
{
    (void)state;
    /* What is known goes, whichever branch it is in; what is not known stays. */
    becomes("#define A 1\n#if A\nint a;\n#elif B\nint b;\n#else\nint c;\n#endif\n",
            "#define A 1\nint a;\n");
    becomes("#define A 0\n#if A\nint a;\n#elif B\nint b;\n#else\nint c;\n#endif\n",
            "#define A 0\n#if B\nint b;\n#else\nint c;\n#endif\n");
    becomes("#define A 1\n#if B\nint b;\n#elif A\nint a;\n#else\nint c;\n#endif\n",
            "#define A 1\n#if B\nint b;\n#else\nint a;\n#endif\n");
    becomes("#define A 0\n#if B\nint b;\n#elif A\nint a;\n#elif C\nint c;\n#endif\n",
            "#define A 0\n#if B\nint b;\n#elif C\nint c;\n#endif\n");
    becomes("#ifdef B\n#ifdef B\nint b;\n#else\nint c;\n#endif\n#endif\n",
            "#ifdef B\nint b;\n#endif\n");
    becomes("#ifndef B\n#define B 1\n#endif\n#ifdef B\nint b;\n#endif\n",
            "#ifndef B\n#define B 1\n#endif\nint b;\n");
    /* Defined on one way only, or to different things. */
    becomes("#ifdef B\n#define A 1\n#endif\n#ifdef A\nint a;\n#endif\n",
            "#ifdef B\n#define A 1\n#endif\n#ifdef A\nint a;\n#endif\n");
    becomes("#ifdef B\n#define A 1\n#else\n#define A 2\n#endif\n#if A == 1\nint a;\n#endif\n",
            "#ifdef B\n#define A 1\n#else\n#define A 2\n#endif\n#if A == 1\nint a;\n#endif\n");
    becomes(
        "#define A 1\n#if 0\n#undef A\n#if X\n#else\n#endif\n#endif\n#ifdef A\nint a;\n#endif\n",
        "#define A 1\nint a;\n");
}

static void test_files(void **state)
{
    (void)state;
    header("mortise/guard.h", "#ifndef G\n#define G\n#include \"inner.h\"\nint guarded;\n#endif\n");
    header("mortise/inner.h", "#ifndef I\n#define I\nint inner;\n#endif\n");
    header("mortise/once.h", "#pragma once\nint once;\n");
    header("mortise/level.h",
           "#if __INCLUDE_LEVEL__ == 0\n#error alone\n#else\nint level;\n#endif\n");
    header("mortise/layer.h", "#ifndef P\n#define P 3\n#endif\nint p = P;\n"
                              "#include MORTISE_POLICY(sync, P_SYNC)\n#undef P\n");
    header("mortise/policy/sync/mutex.h", "int mutex;\n");
    becomes("#include <mortise/guard.h>\n#include <mortise/inner.h>\n#include <stdio.h>\n",
            "#ifndef G\n#define G\n#ifndef I\n#define I\nint inner;\n#endif\nint guarded;\n#endif\n"
            "#include <stdio.h>\n");
    becomes("#include <mortise/once.h>\n#include <mortise/once.h>\n",
            "#ifndef MORTISE_ONCE_MORTISE_ONCE_H\n#define MORTISE_ONCE_MORTISE_ONCE_H\nint once;\n"
            "#endif\n");
    becomes("#include <mortise/level.h>\n", "int level;\n");
    /* A default is a default only where the model says nothing. */
    becomes("#define P_SYNC mutex\n#include <mortise/layer.h>\n",
            "#define P_SYNC mutex\n#define P 3\nint p = P;\nint mutex;\n#undef P\n");
    becomes("#define P 4\n#define S mutex\n#define P_SYNC S\n#include <mortise/layer.h>\n",
            "#define P 4\n#define S mutex\n#define P_SYNC S\nint p = P;\nint mutex;\n#undef P\n");
}

static void test_refused(void **state)
{
    (void)state;
    header("mortise/endless.h", "#include \"endless.h\"\n");
    header("mortise/open.h", "#ifdef A\n");
    header("mortise/close.h", "#endif\n");
    header("mortise/computed.h", "#include WHAT\n");
    header("mortise/level2.h", "#if defined A && __INCLUDE_LEVEL__ == 1\n#endif\n");
    refused("#include <mortise/endless.h>\n", "'mortise/endless.h' cannot be put into one file: "
                                              "headers include each other without end");
    refused("#include <mortise/open.h>\n",
            "'mortise/open.h' cannot be put into one file: #if and #endif do not match");
    refused("#ifdef B\n#include <mortise/close.h>\n#endif\n",
            "'mortise/close.h' cannot be put into one file: #if and #endif do not match");
    refused("#include <mortise/computed.h>\n",
            "'mortise/computed.h' cannot be put into one file: the file is not known that is meant "
            "by #include WHAT");
    refused("#include <mortise/absent.h>\n",
            "'the model' cannot be put into one file: there is no mortise/absent.h");
    refused("#include <mortise/level2.h>\n",
            "'mortise/level2.h' cannot be put into one file: in one file there is no "
            "__INCLUDE_LEVEL__");
}

/* Any pieces in any order: no crash, no hang, and either a text or a message. */
static void test_random(void **state)
{
    (void)state;
    static const char *const pieces[] = {"#if ",
                                         "#ifdef A",
                                         "#ifndef B",
                                         "#elif ",
                                         "#else",
                                         "#endif",
                                         "#define A",
                                         "#define B 1",
                                         "#undef A",
                                         "A",
                                         "B",
                                         "defined ",
                                         "(",
                                         ")",
                                         "&&",
                                         "||",
                                         "!",
                                         "==",
                                         "1",
                                         "0",
                                         "\n",
                                         "\n",
                                         "\n",
                                         "\n",
                                         " ",
                                         "/*",
                                         "*/",
                                         "//",
                                         "\"",
                                         "'",
                                         "\\\n",
                                         "\\",
                                         "#include <mortise/any.h>\n",
                                         "#include \"any.h\"\n",
                                         "#pragma once\n",
                                         "#include MORTISE_POLICY(a, A)",
                                         "int i;",
                                         "#",
                                         "\r"};
    uint64_t seed = 1;
    for (int i = 0; i < 3000; i++) {
        char texts[2][600] = {"", ""};
        for (unsigned k = 0; k < 80; k++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            strcat(texts[k % 2], pieces[(seed >> 33) % (sizeof pieces / sizeof pieces[0])]);
        }
        header("mortise/any.h", texts[0]);
        assert_true((one_file(texts[1]) == NULL) == (diags.count != 0));
        mem_release();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_conditions, release),
        cmocka_unit_test_teardown(test_lines, release),
        cmocka_unit_test_teardown(test_decided, release),
        cmocka_unit_test_teardown(test_files, release),
        cmocka_unit_test_teardown(test_refused, release),
        cmocka_unit_test_teardown(test_random, release),
    };
    return cmocka_run_group_tests_name("cli.amalgam", tests, make_folder, remove_folder);
}
