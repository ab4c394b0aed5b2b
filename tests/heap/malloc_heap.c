/* SPDX-License-Identifier: MIT */
/*
 * What only malloc_heap does: it serves what the malloc of this program serves, before it has found
 * that too, and lets other layers cut up regions of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMPOSITION plain
#define LAYER malloc_heap
#include <mortise/heap/malloc_heap.h>
#define LAYER count
#include <mortise/layer/count.h>
LAYER_COMPOSE(plain, malloc_heap, count)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION cut
#define LAYER malloc_heap
#include <mortise/heap/malloc_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
LAYER_COMPOSE(cut, malloc_heap, slab_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

/* Not known to the compiler, which would warn of what is to happen. */
static void *volatile nothing;
static volatile size_t much = SIZE_MAX - 100;

static int reports;

static enum mortise_verdict note(enum mortise_error error, const void *address, const char *layer,
                                 void *user)
{
    (void)error, (void)address, (void)layer, (void)user;
    reports++;
    return MORTISE_GO_ON;
}

static bool all_zero(const unsigned char *block, size_t size)
{
    while (size > 0 && block[size - 1] == 0)
        size--;
    return size == 0;
}

static void blocks_are_those_of_malloc(void **state)
{
    (void)state;
    unsigned long allocs = plain_default.count.allocs;
    void *block = plain_malloc(&plain_default, 1000);
    assert_non_null(block);
    assert_int_equal(plain_usable_size(&plain_default, block), malloc_usable_size(block));
    free(block); /* of libc */
    plain_free(&plain_default, malloc(500));
    assert_int_equal(plain_default.count.allocs, allocs + 1);
    assert_int_equal(mortise_next.state, MORTISE_NEXT_FOUND);
}

static void every_request_is_served(void **state)
{
    (void)state;
    for (size_t size = 0; size < 3000000; size = size * 2 + 1) {
        for (size_t align = 16; align <= 65536; align *= 4) {
            char *block = (char *)plain_aligned_alloc(&plain_default, align, size);
            assert_non_null(block);
            assert_int_equal((uintptr_t)block % align, 0);
            assert_true(plain_usable_size(&plain_default, block) >= size);
            memset(block, 1, size);
            block = (char *)plain_realloc(&plain_default, block, size * 2 + 100);
            assert_non_null(block);
            assert_true(size == 0 || (block[0] == 1 && block[size - 1] == 1));
            plain_free(&plain_default, block);
        }
        unsigned char *zero = (unsigned char *)plain_calloc(&plain_default, 1, size);
        assert_true(all_zero(zero, size));
        plain_free(&plain_default, zero);
    }
    void *one = plain_malloc(&plain_default, 0), *other = plain_malloc(&plain_default, 0);
    assert_ptr_not_equal(one, other);
    assert_non_null(one);
    plain_free(&plain_default, one);
    plain_free(&plain_default, other);
    plain_free(&plain_default, nothing);
    assert_int_equal(plain_usable_size(&plain_default, nothing), 0);
    (void)plain_trim(&plain_default, 0);
}

static void errno_stays_unless_memory_is_out(void **state)
{
    (void)state;
    errno = 5;
    void *block = plain_malloc(&plain_default, 100);
    block = plain_realloc(&plain_default, block, 300000);
    plain_free(&plain_default, block);
    assert_int_equal(errno, 5);
    if (MORTISE_ASAN || MORTISE_TSAN) /* which end the program */
        return;
    assert_null(plain_malloc(&plain_default, much));
    assert_int_equal(errno, ENOMEM);
    errno = 5;
    assert_null(plain_calloc(&plain_default, much / 2, 3));
    assert_int_equal(errno, ENOMEM);
}

/* As if dlsym, which finds the functions, allocated. */
static void requests_are_served_while_malloc_is_sought(void **state)
{
    (void)state;
    mortise_next.state = MORTISE_NEXT_BEING_FOUND;
    plain_free(&plain_default, nothing);
    char *early[10];
    for (size_t i = 0; i < 10; i++) {
        early[i] = (char *)plain_calloc(&plain_default, 1, i * 100 + 1);
        assert_non_null(early[i]);
        assert_true(all_zero((unsigned char *)early[i], i * 100 + 1));
        assert_true(mortise_reserve_has(early[i]));
        memset(early[i], (int)i + 1, i * 100 + 1);
    }
    early[0] = (char *)plain_realloc(&plain_default, early[0], 5000);
    assert_int_equal(early[0][0], 1);
    plain_free(&plain_default, early[1]);
    mortise_next.state = MORTISE_NEXT_UNKNOWN;
    void *later = plain_malloc(&plain_default, 100);
    assert_false(mortise_reserve_covers(later));
    assert_int_equal(mortise_next.state, MORTISE_NEXT_FOUND);
    plain_free(&plain_default, later);
    assert_int_equal(plain_usable_size(&plain_default, early[5]), 501);
    early[5] = (char *)plain_realloc(&plain_default, early[5], 6000); /* moves over */
    assert_false(mortise_reserve_covers(early[5]));
    assert_int_equal(early[5][500], 6);
    for (size_t i = 0; i < 10; i++)
        if (i != 1)
            plain_free(&plain_default, early[i]);
    assert_int_equal(mortise_reserve.state, 0); /* all of it is free again */
    assert_int_equal(reports, 0);
    plain_free(&plain_default, mortise_reserve.base + 32); /* no block there */
    assert_int_equal(reports, 1);
    reports = 0;
}

static void without_a_malloc_memory_is_out(void **state)
{
    (void)state;
    mortise_next.state = MORTISE_NEXT_NONE;
    errno = 0;
    assert_null(plain_malloc(&plain_default, 100));
    assert_int_equal(errno, ENOMEM);
    plain_free(&plain_default, nothing);
    mortise_next.state = MORTISE_NEXT_UNKNOWN;
    plain_free(&plain_default, nothing); /* which seeks nothing */
    assert_int_equal(mortise_next.state, MORTISE_NEXT_UNKNOWN);
    void *block = plain_malloc(&plain_default, 100);
    assert_int_equal(mortise_next.state, MORTISE_NEXT_FOUND);
    assert_non_null(block);
    plain_free(&plain_default, block);
}

static void there_is_one_heap(void **state)
{
    (void)state;
    assert_null(plain_heap_create());
}

static void other_layers_cut_up_regions(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    static unsigned char *block[MANY];
    for (size_t i = 0; i < MANY; i++) {
        size_t size = i * 131 % 40000;
        block[i] = (unsigned char *)cut_malloc(&cut_default, size);
        assert_non_null(block[i]);
        memset(block[i], (int)(i % 256), size);
        /* Slabs have what they handle, and the malloc beneath has the rest. */
        struct cut_mctx ctx = cut_mctx_make(MORTISE_OBJECT, block[i], 0, 1);
        cut_enter_whose(&ctx, &cut_default, cut_here(&cut_default));
        unsigned owner = size <= 32768 ? cut_at_slab_lk_number() : cut_at_malloc_heap_number();
        assert_int_equal(mortise_owner_of(ctx.owned), owner);
    }
    for (size_t i = 0; i < MANY; i++) {
        size_t size = i * 131 % 40000;
        assert_true(size == 0 || block[i][size - 1] == i % 256);
        cut_free(&cut_default, block[i]);
    }
    (void)cut_trim(&cut_default, 0);
    void *foreign = malloc(100); /* no slab claims it */
    cut_free(&cut_default, foreign);
}

static bool over;

static void *allocate(void *argument)
{
    (void)argument;
    while (!MORTISE_LOAD_RELAXED(&over))
        for (size_t i = 0; i < 100; i++)
            plain_free(&plain_default, plain_malloc(&plain_default, i * 100));
    return NULL;
}

/* AddressSanitizer's malloc does not hold its locks over a fork. */
static void children_go_on(void **state)
{
    (void)state;
#if MORTISE_ASAN
    skip();
#endif
    pthread_t thread;
    over = false;
    pthread_create(&thread, NULL, allocate, NULL);
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(300);
            for (size_t j = 0; j < 100; j++)
                plain_free(&plain_default, plain_malloc(&plain_default, j * 1000));
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    MORTISE_STORE_RELAXED(&over, true);
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_those_of_malloc),
        cmocka_unit_test(every_request_is_served),
        cmocka_unit_test(errno_stays_unless_memory_is_out),
        cmocka_unit_test(requests_are_served_while_malloc_is_sought),
        cmocka_unit_test(without_a_malloc_memory_is_out),
        cmocka_unit_test(there_is_one_heap),
        cmocka_unit_test(other_layers_cut_up_regions),
        cmocka_unit_test(children_go_on),
    };
    mortise_set_error_callback(note, NULL);
    return cmocka_run_group_tests_name("malloc_heap", tests, NULL, NULL);
}
