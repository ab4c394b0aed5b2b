/* SPDX-License-Identifier: MIT */
/*
 * callback: as default while nothing is registered, and else the program's own verdict. A second
 * unit of this program registers too, to show that there is one registry.
 */
#define ERR_HANDLE callback
#define VERDICT MORTISE_GO_ON
#define ENDS 0
#define OWN_MAIN
#include "suite.h"

#include <pthread.h>

#include "callback_other.h"

struct call {
    int number;
    enum mortise_error error;
    const void *address;
    const char *layer;
};

static enum mortise_verdict record(enum mortise_error error, const void *address, const char *layer,
                                   void *user)
{
    struct call *call = (struct call *)user;
    struct call now = {call->number + 1, error, address, layer};
    *call = now;
    return MORTISE_DROP;
}

static void asks_the_program(void **state)
{
    (void)state;
    struct call call = {0, MORTISE_OK, NULL, NULL};
    mortise_set_error_callback(record, &call);
    assert_int_equal(mortise_callback_raise(MORTISE_CORRUPT, &call, "slab"), MORTISE_DROP);
    assert_int_equal(call.number, 1);
    assert_int_equal(call.error, MORTISE_CORRUPT);
    assert_ptr_equal(call.address, &call);
    assert_string_equal(call.layer, "slab");
    mortise_set_error_callback(NULL, NULL);
    assert_outcome(raise_apart(MORTISE_CORRUPT, NULL, "slab"));
    assert_int_equal(call.number, 1);
}

static void units_share_the_registry(void **state)
{
    (void)state;
    struct call call = {0, MORTISE_OK, NULL, NULL};
    other_unit_registers(record, &call);
    assert_int_equal(mortise_callback_raise(MORTISE_OVERFLOW, NULL, "here"), MORTISE_DROP);
    assert_int_equal(other_unit_raises(), MORTISE_DROP);
    assert_int_equal(call.number, 2);
    mortise_set_error_callback(NULL, NULL);
}

/* Registrations that belong together: a callback that got the other's user says so. */
static char users[2];
static int mixed;

static enum mortise_verdict first(enum mortise_error error, const void *address, const char *layer,
                                  void *user)
{
    (void)error, (void)address, (void)layer;
    if (user != &users[0])
        __atomic_store_n(&mixed, 1, __ATOMIC_RELAXED);
    return MORTISE_GO_ON;
}

static enum mortise_verdict second(enum mortise_error error, const void *address, const char *layer,
                                   void *user)
{
    (void)error, (void)address, (void)layer;
    if (user != &users[1])
        __atomic_store_n(&mixed, 1, __ATOMIC_RELAXED);
    return MORTISE_DROP;
}

static void *keep_registering(void *argument)
{
    (void)argument;
    for (int i = 0; i < 20000; i++) {
        mortise_set_error_callback(first, &users[0]);
        mortise_set_error_callback(second, &users[1]);
    }
    return NULL;
}

static void *keep_raising(void *argument)
{
    (void)argument;
    for (int i = 0; i < 50000; i++)
        mortise_callback_raise(MORTISE_OVERFLOW, NULL, "here");
    return NULL;
}

static void pairs_stay_together(void **state)
{
    (void)state;
    pthread_t threads[4];
    mortise_set_error_callback(first, &users[0]);
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, i < 2 ? keep_registering : keep_raising, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(mixed, 0);
    mortise_set_error_callback(NULL, NULL);
}

static int ending;

static void *register_until_the_end(void *argument)
{
    (void)argument;
    while (!__atomic_load_n(&ending, __ATOMIC_RELAXED))
        mortise_set_error_callback(first, &users[0]);
    return NULL;
}

/* A thread that vanishes in a fork while it registers must not lock out the child. */
static void child_registers(void **state)
{
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, register_until_the_end, NULL), 0);
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct call call = {0, MORTISE_OK, NULL, NULL};
            mortise_set_error_callback(record, &call);
            mortise_callback_raise(MORTISE_OVERFLOW, NULL, "here");
            _exit(call.number == 1 ? 0 : 1);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    __atomic_store_n(&ending, 1, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    mortise_set_error_callback(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HANDLE_TESTS,
        cmocka_unit_test(asks_the_program),
        cmocka_unit_test(units_share_the_registry),
        cmocka_unit_test(pairs_stay_together),
        cmocka_unit_test(child_registers),
    };
    return cmocka_run_group_tests_name("callback", tests, NULL, NULL);
}
