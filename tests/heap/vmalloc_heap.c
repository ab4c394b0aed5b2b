/* SPDX-License-Identifier: MIT */
/*
 * heap/vmalloc_heap.h: what it takes and what it gives back, call by call, from a vmalloc that
 * refuses when told, answers in both ways in which one may refuse, begins anywhere and is not zero;
 * objects of all sizes and alignments; heaps that end; and states of threads in such memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define COMPOSITION large
#define LAYER vmalloc_heap
#define VMALLOC_HEAP_FREESTANDING 0
#define VMALLOC_HEAP_REGION_SIZE 262144
#include <mortise/heap/vmalloc_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC spinlock
#define TLSF_GLK_SIZE_HANDLE 0, 1024
#define TLSF_GLK_POOL_SIZE 65536
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(large, vmalloc_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

/* Layers with large states of threads, which lie in regions. */
#define COMPOSITION states
#define LAYER vmalloc_heap
#define VMALLOC_HEAP_FREESTANDING 0
#include <mortise/heap/vmalloc_heap.h>
#define LAYER slab_lk
#define SLAB_LK_SYNC spinlock
#include <mortise/layer/slab_lk.h>
#define LAYER thread_cache
#include <mortise/layer/thread_cache.h>
#define LAYER thread_cache_2
#include <mortise/layer/thread_cache.h>
LAYER_COMPOSE(states, vmalloc_heap, slab_lk, thread_cache, thread_cache_2)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "../layer/noted.h"

enum { PAGE = 4096, KB = 1024, MB = 1024 * KB };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t mapped, calls, lives, refuse_at; /* refuse_at: the number of the first call refused */

void *vmalloc(void *addr, size_t length)
{
    assert_null(addr);
    assert_int_equal(length % PAGE, 0);
    assert_true(length != 0);
    pthread_mutex_lock(&lock);
    calls++;
    bool refused = refuse_at != 0 && calls >= refuse_at;
    mapped += refused ? 0 : length;
    lives += !refused;
    pthread_mutex_unlock(&lock);
    if (refused)
        return calls % 2 == 0 ? NULL : MAP_FAILED;
    char *base = (char *)mmap(NULL, length + PAGE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(base != MAP_FAILED);
    memset(base, 0xa5, length < 2 * MB ? length : PAGE);
    return base;
}

void vmfree(void *addr, size_t length)
{
    assert_int_equal((uintptr_t)addr % PAGE, 0);
    assert_int_equal(length % PAGE, 0);
    pthread_mutex_lock(&lock);
    mapped -= length;
    lives--;
    pthread_mutex_unlock(&lock);
    assert_int_equal(munmap(addr, length + PAGE), 0);
}

static void an_object_has_its_pages(void **state)
{
    (void)state;
    struct large_heap *heap = large_heap_create();
    assert_non_null(heap);
    for (size_t size = 1025; size < 20 * MB; size = size * 5 / 4) {
        size_t before = mapped;
        char *block = (char *)large_malloc(heap, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 16, 0);
        assert_true(large_usable_size(heap, block) >= size);
        assert_true(size <= 128 * KB || mapped - before <= size + PAGE + 64 * KB + 2 * 16 * KB);
        memset(block, 1, size);
        memset(block + size / 2, 2, size - size / 2);
        assert_int_equal(block[0], 1);
        large_free(heap, block);
        assert_true(size <= 128 * KB || mapped <= before + 3 * 16 * KB); /* records stay */
    }
    large_heap_destroy(heap);
}

static void any_alignment(void **state)
{
    (void)state;
    struct large_heap *heap = large_heap_create();
    assert_non_null(heap);
    for (size_t align = 16; align <= 4 * MB; align *= 2) {
        for (size_t size = 100; size < 2 * MB; size *= 7) {
            char *block = (char *)large_aligned_alloc(heap, align, size);
            assert_non_null(block);
            assert_int_equal((uintptr_t)block % align, 0);
            memset(block, 3, size);
            large_free(heap, block);
        }
    }
    assert_null(large_malloc(heap, SIZE_MAX - 100));
    assert_null(large_malloc(heap, SIZE_MAX / 2));
    assert_null(large_aligned_alloc(heap, SIZE_MAX / 2 + 1, 10));
    large_heap_destroy(heap);
}

enum { MANY = 600 };
static void *block[MANY];

/* All but one empty chunk goes back, and that by trim; what is left is records. */
static void what_runs_empty_goes_back(void **state)
{
    (void)state;
    struct large_heap *heap = large_heap_create();
    assert_non_null(heap);
    size_t records = 0;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < MANY; i++) {
            assert_non_null(block[i] = large_malloc(heap, 60000));
            memset(block[i], (int)i, 60000);
        }
        assert_true(mapped >= (size_t)MANY * 64 * KB);
        assert_true(mapped <= (size_t)MANY * 64 * KB * 3 / 2 + MB);
        for (size_t i = 0; i < MANY; i++) { /* not in the order of allocation */
            size_t at = i * 7 % MANY;
            assert_int_equal(((unsigned char *)block[at])[59999], (unsigned char)at);
            large_free(heap, block[at]);
        }
        assert_true(mapped <= 256 * KB + 128 * KB);
        assert_true(large_trim(heap, 0) >= 192 * KB);
        assert_true(round == 0 || mapped == records);
        records = mapped;
    }
    assert_true(records <= 128 * KB);
    large_heap_destroy(heap);
}

static void the_end_of_a_heap_gives_all_back(void **state)
{
    (void)state;
    size_t before = lives, bytes = mapped;
    for (int round = 0; round < 20; round++) {
        struct large_heap *heap = large_heap_create();
        assert_non_null(heap);
        for (size_t size = 1; size < 3 * MB; size = size * 3 / 2 + 1)
            assert_non_null(large_malloc(heap, size));
        large_heap_destroy(heap);
        assert_int_equal(lives, before);
        assert_int_equal(mapped, bytes);
    }
}

/* Each call is refused once, alone and with all after it: nothing is lost. */
static void refusals(void **state)
{
    (void)state;
    size_t before = lives;
    for (size_t at = 1; at < 60; at++) {
        struct large_heap *heap = large_heap_create();
        assert_non_null(heap);
        refuse_at = calls + at;
        size_t got = 0;
        for (size_t i = 0; i < 40; i++) {
            errno = 0;
            block[i] = large_malloc(heap, i % 4 == 0 ? 200 * KB : i % 4 == 1 ? 2 * MB : 1000 + i);
            assert_true(block[i] != NULL || errno == ENOMEM);
            got += block[i] != NULL;
        }
        assert_true(got < 40 || at > 20);
        refuse_at = 0;
        for (size_t i = 0; i < 40; i++)
            large_free(heap, block[i]);
        void *now = large_malloc(heap, 300 * KB);
        assert_non_null(now);
        large_free(heap, now);
        large_heap_destroy(heap);
        assert_int_equal(lives, before);
    }
}

static void misuse_is_noticed(void **state)
{
    (void)state;
    struct large_heap *heap = large_heap_create();
    assert_non_null(heap);
    static const size_t sizes[] = {70 * KB, 100 * KB, 5 * MB};
    for (size_t i = 0; i < 3; i++) {
        char *one = (char *)large_malloc(heap, sizes[i]), *two = (char *)large_malloc(heap, 5000);
        assert_non_null(one);
        reported = MORTISE_OK;
        large_free(heap, one + 64 * KB);
        assert_int_equal(reported, MORTISE_FOREIGN_POINTER);
        reported = MORTISE_OK;
        large_free(heap, one + 16);
        assert_int_equal(reported, MORTISE_FOREIGN_POINTER);
        reported = MORTISE_OK;
        large_free(heap, one);
        assert_int_equal(reported, MORTISE_OK);
        large_free(heap, one);
        assert_int_equal(reported, MORTISE_FOREIGN_POINTER);
        large_free(heap, two);
    }
    large_heap_destroy(heap);
}

/* Each has a state in a region, which begins as zeros whatever the region was. */
static void *user(void *argument)
{
    pthread_barrier_t *start = (pthread_barrier_t *)argument;
    pthread_barrier_wait(start);
    void *mine[200];
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < 200; i++) {
            mine[i] = states_malloc(&states_default, i * 11);
            if (mine[i] == NULL)
                return argument;
            memset(mine[i], round, i * 11);
        }
        for (size_t i = 0; i < 200; i++)
            states_free(&states_default, mine[i]);
    }
    pthread_barrier_wait(start); /* nobody's state goes to another */
    return NULL;
}

static void states_of_threads_begin_as_zeros(void **state)
{
    (void)state;
    enum { THREADS = 12 };
    pthread_t thread[THREADS];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, user, &start), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(thread[i], &failed), 0);
        assert_null(failed);
    }
    pthread_barrier_destroy(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_has_its_pages),
        cmocka_unit_test(any_alignment),
        cmocka_unit_test(what_runs_empty_goes_back),
        cmocka_unit_test(the_end_of_a_heap_gives_all_back),
        cmocka_unit_test(refusals),
        cmocka_unit_test(misuse_is_noticed),
        cmocka_unit_test(states_of_threads_begin_as_zeros),
    };
    mortise_set_error_callback(note, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
