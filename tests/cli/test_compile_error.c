/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests_name("cli.compile_error", tests, NULL, NULL);
}
