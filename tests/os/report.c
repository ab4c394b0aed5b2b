/* SPDX-License-Identifier: MIT */
/*
 * What a message says besides the error: the size of the block, and where in which file the program
 * was; and that it does not end a thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mortise/os/report.h>

/* Where the program begins: its symbols are counted from here if it can be moved. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

static struct mortise_description said;

static const char *describe(const char *layer, size_t bytes, const void *caller)
{
    errno = 77;
    said = mortise_describe(layer, bytes, caller);
    assert_int_equal(errno, 77);
    return said.text;
}

static void says_what_is_known(void **state)
{
    (void)state;
    assert_string_equal(describe("slab_lk", SIZE_MAX, NULL), "slab_lk");
    assert_string_equal(describe("slab_lk", 0, NULL), "slab_lk, 0 bytes");
    assert_string_equal(describe("slab_lk", SIZE_MAX - 1, NULL),
                        "slab_lk, 18446744073709551614 bytes");
}

/* The byte before the one that a call returns to is of the call. */
static void tells_the_place_in_this_program(void **state)
{
    (void)state;
    const char *code = (const char *)(uintptr_t)&tells_the_place_in_this_program + 5;
    bool is_fixed = (uintptr_t)__ehdr_start < 0x1000000;
    char expected[128];
    snprintf(expected, sizeof expected, "x, 8 bytes, in a call at test_os_report+0x%jx",
             (uintmax_t)(uintptr_t)(is_fixed ? code : code - (uintptr_t)__ehdr_start) - 1);
    assert_string_equal(describe("x", 8, code), expected);
}

static void tells_a_library(void **state)
{
    (void)state;
    describe("x", SIZE_MAX, dlsym(RTLD_DEFAULT, "cmocka_set_message_output"));
    assert_int_equal(strncmp(said.text, "x, in a call at libcmocka.so.", 29), 0);
    assert_non_null(strstr(said.text, "+0x"));
}

/* Code that was made while the program runs comes from no file. */
static void tells_an_address_where_there_is_no_file(void **state)
{
    (void)state;
    char here[16], expected[128];
    void *block = mortise_os_map(mortise_os_page_size(), mortise_os_page_size());
    assert_non_null(block);
    const void *nowhere[] = {here + 1, (char *)block + 1, (void *)17, (void *)UINTPTR_MAX};
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        snprintf(expected, sizeof expected, "x, in a call at 0x%jx",
                 (uintmax_t)(uintptr_t)nowhere[i] - 1);
        assert_string_equal(describe("x", SIZE_MAX, nowhere[i]), expected);
    }
    mortise_os_unmap(block, mortise_os_page_size());
}

static void a_long_name_leaves_room(void **state)
{
    (void)state;
    char name[1000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    describe(name, 123, (void *)17);
    assert_non_null(strstr(said.text, "nnn, 123 bytes, in a call at 0x10"));
    assert_true(strlen(said.text) < 120);
}

static void *report_when_cancelled(void *unused)
{
    pthread_cancel(pthread_self());
    mortise_report(MORTISE_DOUBLE_FREE, unused, describe("x", 8, &says_what_is_known));
    return &said;
}

/* A thread that ended there would leave the heap as one that is at work for ever. */
static void a_report_is_no_point_of_cancellation(void **state)
{
    (void)state;
    pthread_t thread;
    void *result = NULL;
    int errors = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    assert_true(errors >= 0 && nowhere >= 0);
    dup2(nowhere, STDERR_FILENO);
    assert_int_equal(pthread_create(&thread, NULL, report_when_cancelled, NULL), 0);
    pthread_join(thread, &result);
    dup2(errors, STDERR_FILENO);
    assert_ptr_equal(result, &said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_is_known),
                                       cmocka_unit_test(tells_the_place_in_this_program),
                                       cmocka_unit_test(tells_a_library),
                                       cmocka_unit_test(tells_an_address_where_there_is_no_file),
                                       cmocka_unit_test(a_long_name_leaves_room),
                                       cmocka_unit_test(a_report_is_no_point_of_cancellation)};
    return cmocka_run_group_tests_name("os.report", tests, NULL, NULL);
}
