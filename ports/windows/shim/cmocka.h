/* SPDX-License-Identifier: MIT */
/*
 * As much of cmocka as tests/conformance uses, for where there is no package of it. An assertion
 * that fails ends the test; it works on the thread that runs the tests.
 */
#ifndef MORTISE_PORTS_WINDOWS_CMOCKA_H
#define MORTISE_PORTS_WINDOWS_CMOCKA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
    void *initial_state;
};

enum { SHIM_FAILED = 1, SHIM_SKIPPED = 2 };

static jmp_buf shim_end;

static inline void shim_assert(int right, const char *what, const char *file, int line)
{
    if (right)
        return;
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    longjmp(shim_end, SHIM_FAILED);
}

#define assert_true(x) shim_assert((x) ? 1 : 0, #x, __FILE__, __LINE__)
#define assert_non_null(x) shim_assert((x) != NULL, #x " is NULL", __FILE__, __LINE__)
#define assert_null(x) shim_assert((x) == NULL, #x " is not NULL", __FILE__, __LINE__)
#define assert_int_equal(a, b)                                                                     \
    shim_assert((long long)(a) == (long long)(b), #a " is not " #b, __FILE__, __LINE__)
#define assert_ptr_equal(a, b) shim_assert((a) == (b), #a " is not " #b, __FILE__, __LINE__)
#define assert_ptr_not_equal(a, b) shim_assert((a) != (b), #a " is " #b, __FILE__, __LINE__)
#define skip() longjmp(shim_end, SHIM_SKIPPED)

static inline int shim_run(const struct CMUnitTest *test)
{
    void *state = NULL;
    volatile int failed = test->setup(&state);
    int end = setjmp(shim_end);
    if (end == 0)
        test->test(&state);
    if (end == SHIM_FAILED || test->teardown(&state) != 0)
        failed = 1;
    printf("%-8s %s\n", failed ? "FAILED" : end == SHIM_SKIPPED ? "skipped" : "ok", test->name);
    fflush(stdout);
    return failed;
}

#endif
