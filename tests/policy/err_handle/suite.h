/* SPDX-License-Identifier: MIT */
/*
 * What every member of the slot err_handle promises, as tests. A unit defines ERR_HANDLE, the name
 * of a member, VERDICT, what it answers, and ENDS, true if it does not answer but ends the program;
 * then it includes this file. It gets a main, unless it defines OWN_MAIN.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mortise/core/compiler.h>

#include MORTISE_POLICY(err_handle, ERR_HANDLE)

#define RAISE MORTISE_CAT(MORTISE_CAT(mortise_, ERR_HANDLE), _raise)

static char said[1024];

/* Raises the error in a child; `said` becomes what it printed. Returns the child's wait status; a
 * child that got a verdict exits with it. */
static int raise_apart(enum mortise_error error, const void *address, const char *layer)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL); /* not the test library's */
        dup2(ends[1], STDERR_FILENO);
        _exit((int)RAISE(error, address, layer));
    }
    assert_true(child > 0);
    close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], said + length, sizeof said - 1 - length)) > 0)
        length += (size_t)got;
    said[length] = '\0';
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void assert_outcome(int status)
{
    if (ENDS) {
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
    } else {
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), VERDICT);
    }
}

static void prints_one_line(void **state)
{
    (void)state;
    assert_outcome(raise_apart(MORTISE_DOUBLE_FREE, (void *)0x7f50a0c0, "tlsf_glk"));
    assert_string_equal(said, "mortise: double-free: 0x7f50a0c0 in tlsf_glk: this block is free "
                              "already\n");
}

static void prints_every_error(void **state)
{
    (void)state;
    for (int i = MORTISE_OK; i <= MORTISE_REPORTED; i++) {
        enum mortise_error error = (enum mortise_error)i;
        char expected[256];
        assert_outcome(raise_apart(error, NULL, "x"));
        snprintf(expected, sizeof expected, "mortise: %s: 0x0 in x: %s\n",
                 mortise_error_name(error), mortise_error_text(error));
        assert_string_equal(said, expected);
    }
}

static void cuts_a_long_name(void **state)
{
    (void)state;
    char name[1000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_outcome(raise_apart(MORTISE_OVERFLOW, (void *)UINTPTR_MAX, name));
    char address[64];
    snprintf(address, sizeof address, "mortise: overflow: 0x%jx in nnn", (uintmax_t)UINTPTR_MAX);
    assert_int_equal(strncmp(said, address, strlen(address)), 0);
    assert_non_null(strstr(said, "nnn: bytes behind this block were overwritten\n"));
}

#define HANDLE_TESTS                                                                               \
    cmocka_unit_test(prints_one_line), cmocka_unit_test(prints_every_error),                       \
        cmocka_unit_test(cuts_a_long_name)

#ifndef OWN_MAIN
int main(void)
{
    const struct CMUnitTest tests[] = {HANDLE_TESTS};
    return cmocka_run_group_tests_name(MORTISE_STRING(ERR_HANDLE), tests, NULL, NULL);
}
#endif
