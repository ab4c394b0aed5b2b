/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compile_error.h"
#include "mem.h"

/* Each way in which gcc and clang, old and new, print the same message. */
static void test_messages(void **state)
{
    (void)state;
    static const char *const outputs[] = {
        "a.h:1:2: error: static assertion failed: \"slab: too big\"\n",
        "In file included from b.c:1:\na.h:1:2: error: static assertion failed: \"slab: too big\"\n"
        "compilation terminated due to -Wfatal-errors.\n",
        "a.h:1:2: fatal error: static_assert failed \"slab: too big\"\n",
        "a.h:1:2: fatal error: static_assert failed due to requirement 'x != 7' \"slab: too "
        "big\"\n",
        "a.h:1:2: error: static_assert failed due to requirement 'c == 'a'' \"slab: too big\"\n",
        "a.h:1:2: fatal error: static assertion failed: slab: too big\n",
        "a.h:1:2: fatal error: static assertion failed due to requirement 'x': slab: too big\n",
        "a.h:1:2: error: #error \"slab: too big\"\n",
        "a.h:1:2: error: #error slab: too big\n",
        "a.h:1:2: fatal error: \"slab: too big\"\n",
        "a.h:1:2: error: static assertion failed: \"mortise: slab: too big\"\n",
    };
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
        assert_string_equal(compile_error_message(outputs[i]), "slab: too big");
    mem_release();
}

static void test_others(void **state)
{
    (void)state;
    assert_null(compile_error_message(""));
    assert_null(compile_error_message("a.h:1:2: warning: static assertion failed: \"x\"\n"));
    assert_null(compile_error_message("a.h:1:2: error: expected ';' before 'x'\n"));
    assert_null(compile_error_message("ld: cannot find -lx\n"));
    mem_release();
}

/* What is shown begins with the error, which warnings come before. */
static void test_shown(void **state)
{
    (void)state;
    static const char warning[] = "a.h:1:2: warning: unused variable 'x'\n";
    const char *warnings = "In file included from b.c:1:\n";
    for (int i = 0; i < 20; i++)
        warnings = mem_format("%s%s", warnings, warning);
    char *outputs[] = {
        mem_format("%sa.h:9:1: error: unknown type name 'y'\n  9 | y z;\n", warnings),
        mem_format("ld: cannot find -lx\n"),
    };
    static const char *const shown[] = {
        "a.h:9:1: error: unknown type name 'y'\n  9 | y z;",
        "ld: cannot find -lx",
    };
    const char *command[] = {"cc", NULL};
    const struct compiler compiler = {.command = command, .command_count = 1};
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        const struct process_result result = {
            .status = 1 << 8, .output = outputs[i], .length = strlen(outputs[i])};
        const struct model model = {0};
        struct diags diags = {0};
        compile_error(&compiler, &model, &result, &diags);
        assert_int_equal(diags.count, 1);
        assert_string_equal(diags.list[0].message, "cc cannot compile the model");
        assert_string_equal(diags.list[0].help, shown[i]);
    }
    mem_release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_shown),
    };
    return cmocka_run_group_tests_name("cli.compile_error", tests, NULL, NULL);
}
