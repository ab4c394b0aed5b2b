/* SPDX-License-Identifier: MIT */
/*
 * brk_heap beside libc's malloc, which moves the program break too: nobody gets what the other has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#define COMPOSITION beside
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_POOL_SIZE 65536
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(beside, brk_heap, tlsf_glk)
#define CUSTOM_SOCKET_PREFIX pool
#include <mortise/socket/custom_socket.h>

enum { BLOCKS = 20000, WORDS = 1024 };

struct owner {
    size_t *block[BLOCKS];
    void *(*get)(size_t size);
    size_t mark;
};

static void *fill(void *argument)
{
    struct owner *owner = (struct owner *)argument;
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t *block = (size_t *)owner->get(WORDS * sizeof *block);
        if (block != NULL)
            block[0] = block[WORDS - 1] = owner->mark + i;
        owner->block[i] = block;
    }
    return NULL;
}

static void check_owner(const struct owner *owner)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_non_null(owner->block[i]);
        assert_int_equal(owner->block[i][0], owner->mark + i);
        assert_int_equal(owner->block[i][WORDS - 1], owner->mark + i);
    }
}

static void *get_of_pool(size_t size)
{
    return pool_malloc(size);
}

/* libc's malloc uses the break on the first thread only. */
static void libcs_malloc_grows_at_the_same_time(void **state)
{
    (void)state;
    static struct owner ours = {{NULL}, get_of_pool, 1000000};
    static struct owner libcs = {{NULL}, malloc, 2000000};
    pthread_t thread;
    (void)mallopt(M_TOP_PAD, 0); /* often; a sanitizer's malloc knows no such thing */
    assert_int_equal(pthread_create(&thread, NULL, fill, &ours), 0);
    fill(&libcs);
    pthread_join(thread, NULL);
    check_owner(&ours);
    check_owner(&libcs);
    for (size_t i = 0; i < BLOCKS; i++) {
        pool_free(ours.block[i]);
        free(libcs.block[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(libcs_malloc_grows_at_the_same_time)};
    return cmocka_run_group_tests_name("brk_heap", tests, NULL, NULL);
}
