/* SPDX-License-Identifier: MIT */
/*
 * heap/sheap_glk.h: a pool is used up, says so and recovers; with one placing layer and with two;
 * for the default heap and for others. And layer/aligned.h upon it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#define COMPOSITION one
#define LAYER sheap_glk
#define SHEAP_GLK_SIZE 1048576
#include <mortise/heap/sheap_glk.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER aligned
#define ALIGNED_MULTIPLE 128
#include <mortise/layer/aligned.h>
LAYER_COMPOSE(one, sheap_glk, tlsf_glk, aligned)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION two
#define LAYER sheap_glk
#define SHEAP_GLK_SIZE 2097152
#define SHEAP_GLK_SYNC mutex
#include <mortise/heap/sheap_glk.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
LAYER_COMPOSE(two, sheap_glk, tlsf_glk, slab_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

/* States of threads that are too large to lie in the heap itself, but for the first. */
#define COMPOSITION three
#define LAYER sheap_glk
#define SHEAP_GLK_SIZE 2097152
#include <mortise/heap/sheap_glk.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER thread_cache
#include <mortise/layer/thread_cache.h>
LAYER_COMPOSE(three, sheap_glk, tlsf_glk, slab_lk, thread_cache)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

static enum mortise_error last;

static enum mortise_verdict note(enum mortise_error error, const void *address, const char *layer,
                                 void *unused)
{
    (void)address, (void)layer, (void)unused;
    last = error;
    return MORTISE_GO_ON;
}

enum { MANY = 20000 };
static void *block[MANY];

/* All that fits, twice: as much as the pool is large, but for what blocks cost. */
#define EXHAUST(c, heap, size, least)                                                              \
    for (int round = 0; round < 3; round++) {                                                      \
        size_t count = 0, expected = 0;                                                            \
        errno = 0;                                                                                 \
        while (count < MANY && (block[count] = c##_malloc(heap, size)) != NULL)                    \
            memset(block[count++], round, size);                                                   \
        assert_int_equal(errno, ENOMEM);                                                           \
        assert_true(count *(size) >= (least));                                                     \
        assert_true(round == 0 || count >= expected);                                              \
        expected = count;                                                                          \
        for (size_t i = 0; i < count; i++) {                                                       \
            assert_int_equal(*(unsigned char *)block[i], round);                                   \
            c##_free(heap, block[i]);                                                              \
        }                                                                                          \
    }

static void a_pool_is_used_up_and_recovers(void **state)
{
    (void)state;
    EXHAUST(one, &one_default, 1000, 800 << 10)
    EXHAUST(two, &two_default, 200, 512 << 10)
    two_trim(&two_default, 0);
    EXHAUST(two, &two_default, 40000, 512 << 10)
    two_trim(&two_default, 0);
    EXHAUST(two, &two_default, 300, 512 << 10)
}

static void each_heap_has_its_own(void **state)
{
    (void)state;
    struct one_heap *heap = one_heap_create();
    assert_non_null(heap);
    void *mine = one_malloc(heap, 100), *other = one_malloc(&one_default, 100);
    last = MORTISE_OK;
    one_free(&one_default, mine);
    assert_int_equal(last, MORTISE_FOREIGN_POINTER);
    last = MORTISE_OK;
    one_free(heap, other);
    assert_int_equal(last, MORTISE_FOREIGN_POINTER);
    last = MORTISE_OK;
    one_free(heap, mine);
    one_free(&one_default, other);
    assert_int_equal(last, MORTISE_OK);
    EXHAUST(one, heap, 1000, 800 << 10)
    one_heap_destroy(heap);
}

static void memory_used_before_is_cleared(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        unsigned char *clear = (unsigned char *)one_calloc(&one_default, 1, 300000);
        assert_non_null(clear);
        for (size_t at = 0; at < 300000; at++)
            assert_int_equal(clear[at], 0);
        memset(clear, 7, 300000);
        one_free(&one_default, clear);
        one_trim(&one_default, 0);
    }
}

static void *allocate(void *argument)
{
    void *block = three_malloc(&three_default, 100);
    if (block != NULL)
        memset(block, 1, 100);
    three_free(&three_default, block);
    return block != NULL ? argument : NULL;
}

/* The pool was full of bytes once, and a thread's state comes to lie there. */
static void states_of_threads_begin_as_zeros(void **state)
{
    void *full = three_malloc(&three_default, 1 << 20);
    assert_non_null(full);
    memset(full, 0xa5, 1 << 20);
    three_free(&three_default, full);
    three_trim(&three_default, 0);
    pthread_t thread;
    void *done = NULL;
    assert_int_equal(pthread_create(&thread, NULL, allocate, &last), 0);
    assert_int_equal(pthread_join(thread, &done), 0);
    assert_non_null(done);
    (void)state;
}

static void sizes_and_addresses_are_multiples(void **state)
{
    (void)state;
    for (size_t size = 0; size < 2000; size += 37) {
        void *block = one_malloc(&one_default, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 128, 0);
        assert_true(one_usable_size(&one_default, block) >= (size + 127) / 128 * 128);
        block = one_realloc(&one_default, block, size + 500);
        assert_int_equal((uintptr_t)block % 128, 0);
        one_free(&one_default, block);
    }
    assert_null(one_malloc(&one_default, SIZE_MAX - 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_is_used_up_and_recovers),
        cmocka_unit_test(each_heap_has_its_own),
        cmocka_unit_test(memory_used_before_is_cleared),
        cmocka_unit_test(states_of_threads_begin_as_zeros),
        cmocka_unit_test(sizes_and_addresses_are_multiples),
    };
    mortise_set_error_callback(note, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
