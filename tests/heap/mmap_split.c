/* SPDX-License-Identifier: MIT */
/*
 * A system that refuses to unmap what lies in the middle of a mapping, as Linux does at its limit
 * on the mappings of a process: such memory loses its pages, serves the next requests, and goes
 * with trim, or with the heap, once the system takes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "touch.h"

enum refusal { NONE, ALL, SOME };

static enum refusal refuses;
static unsigned asked;
static __thread bool giving; /* else a mapping is looked for: that needs no split */

static int try_munmap(void *base, size_t size)
{
    unsigned turn = __atomic_fetch_add(&asked, 1, __ATOMIC_RELAXED);
    enum refusal now = __atomic_load_n(&refuses, __ATOMIC_RELAXED);
    bool refused = giving && (now == ALL || (now == SOME && turn % 3 != 0));
    return refused ? -1 : munmap(base, size);
}

#define munmap try_munmap
#define COMPOSITION plain
#define LAYER mmap_heap
#define MMAP_HEAP_KEEP 0
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 32768
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(plain, mmap_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION own
#define LAYER mmap_heap
#define MMAP_HEAP_THREADLOCAL_HEAP_SIZE 2097152
#define MMAP_HEAP_FAA_HEAP_GROWTH 1
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 262144
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(own, mmap_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION rooms
#define LAYER brk_mmap_heap
#include <mortise/heap/brk_mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 32768
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(rooms, brk_mmap_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>
#undef munmap

#define G MORTISE_GRANULE
#define MB ((size_t)1 << 20)

static void set_refusal(enum refusal now)
{
    __atomic_store_n(&refuses, now, __ATOMIC_RELAXED);
}

#define GIVE(name)                                                                                 \
    static void give_##name(struct name##_heap *heap, void *block)                                 \
    {                                                                                              \
        giving = true;                                                                             \
        name##_free(heap, block);                                                                  \
        giving = false;                                                                            \
    }
GIVE(plain)
GIVE(own)
GIVE(rooms)

static size_t trim_plain(struct plain_heap *heap)
{
    giving = true;
    size_t bytes = plain_trim(heap, 0);
    giving = false;
    return bytes;
}

static size_t addresses(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%lu", &pages) != 1)
        abort();
    fclose(file);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static bool is_zero(const char *block, size_t size)
{
    return block[0] == 0 && memcmp(block, block + 1, size - 1) == 0;
}

static void what_is_refused_serves_again(void **state)
{
    (void)state;
    struct plain_heap *heap = plain_heap_create();
    char *block = (char *)plain_malloc(heap, 16 * G);
    memset(block, 1, 16 * G);
    size_t system = plain_stats(heap).system;
    set_refusal(ALL);
    give_plain(heap, block);
    assert_int_equal(plain_stats(heap).system, system);
    assert_int_equal(plain_stats(heap).direct, 0);
    assert_true(plain_stats(heap).free >= 16 * G);
    char *again = (char *)plain_calloc(heap, 1, 16 * G);
    assert_ptr_equal(again, block);
    assert_true(is_zero(again, 16 * G));
    assert_int_equal(plain_stats(heap).system, system);
    assert_int_equal(plain_stats(heap).direct, 16 * G);
    memset(again, 2, 16 * G);
    give_plain(heap, again);

    char *part[4];
    for (size_t i = 0; i < 4; i++) { /* in parts of 2, 3, 4 and 5 granules */
        part[i] = (char *)plain_malloc(heap, (i + 2) * G);
        assert_true(part[i] >= block && part[i] + (i + 2) * G <= block + 16 * G);
        assert_true(is_zero(part[i], (i + 2) * G));
        assert_int_equal(plain_usable_size(heap, part[i]), (i + 2) * G);
        memset(part[i], 3, (i + 2) * G);
    }
    assert_int_equal(plain_stats(heap).system, system);
    char *beyond = (char *)plain_malloc(heap, 16 * G); /* for which there is no room left */
    assert_true(beyond + 16 * G <= block || beyond >= block + 16 * G);
    give_plain(heap, beyond);
    for (int i = 0; i < 4; i++)
        give_plain(heap, part[i]);
    assert_int_equal(plain_stats(heap).direct, 0);
    (void)trim_plain(heap);
    assert_int_equal(plain_stats(heap).system, system + 16 * G);
    set_refusal(NONE);
    assert_true(trim_plain(heap) >= 32 * G);
    assert_true(plain_stats(heap).system <= system - 16 * G);
    plain_heap_destroy(heap);
}

/* Pieces that are a little too small are passed over, and are not lost by that. */
static void a_larger_one_is_found(void **state)
{
    (void)state;
    struct plain_heap *heap = plain_heap_create();
    char *block[12];
    for (size_t i = 0; i < 12; i++)
        block[i] = (char *)plain_malloc(heap, (i == 0 ? 31 : 17) * G);
    size_t system = plain_stats(heap).system;
    set_refusal(ALL);
    for (int i = 0; i < 12; i++)
        give_plain(heap, block[i]);
    for (int i = 0; i < 12; i++)
        assert_non_null(plain_malloc(heap, 17 * G));
    assert_int_equal(plain_stats(heap).system, system);
    set_refusal(NONE);
    plain_heap_destroy(heap);
}

static void regions_serve_again(void **state)
{
    (void)state;
    struct rooms_heap *heap = rooms_heap_create();
    char *block = (char *)rooms_malloc(heap, 3 * G);
    memset(block, 1, 3 * G);
    size_t system = rooms_stats(heap).system;
    set_refusal(ALL);
    give_rooms(heap, block);
    char *region = (char *)rooms_system_region(heap, (struct rooms_local *)&rooms_nobody, 3 * G);
    assert_ptr_equal(region, block);
    assert_true(is_zero(region, 3 * G));
    assert_int_equal(rooms_stats(heap).system, system);
    block = (char *)rooms_malloc(heap, 5 * G);
    give_rooms(heap, block);
    set_refusal(NONE);
    assert_true(rooms_trim(heap, 0) >= 5 * G);
    assert_true(rooms_stats(heap).system <= system);
    rooms_heap_destroy(heap);
}

/* ---- threads ---- */

static void *use_plain(void *argument)
{
    struct plain_heap *heap = (struct plain_heap *)argument;
    char *block[16] = {NULL};
    size_t size[16] = {0};
    unsigned seed = (unsigned)((uintptr_t)block / 64);
    const int steps = getenv("MORTISE_TEST_ROUNDS") != NULL ? 400 : 200;
    for (int i = 0; i < steps; i++) {
        int at = rand_r(&seed) % 16;
        if (block[at] != NULL) {
            for (size_t on = 0; on < size[at]; on += 4096)
                assert_true(block[at][on] == (char)at);
            give_plain(heap, block[at]);
        }
        size[at] = (size_t)(rand_r(&seed) % 9 + 1) * G;
        block[at] = (char *)plain_calloc(heap, 1, size[at]);
        assert_non_null(block[at]);
        for (size_t on = 0; on < size[at]; on += 4096) {
            assert_true(block[at][on] == 0);
            block[at][on] = (char)at;
        }
        if (i % 50 == 0)
            (void)trim_plain(heap);
    }
    return NULL;
}

static void *use_own(void *argument)
{
    struct own_heap *heap = (struct own_heap *)argument;
    for (size_t i = 1; i < 100; i++) {
        size_t size = i * 31337 % (3 * MB);
        char *block = (char *)own_malloc(heap, size);
        assert_non_null(block);
        touch(block, size);
        give_own(heap, block);
    }
    return NULL;
}

static void in_threads(void *(*body)(void *), void *argument)
{
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, body, argument), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
}

static void threads_share_it(void **state)
{
    (void)state;
    size_t room = 0;
    for (int i = 0; i < 4; i++) {
        struct plain_heap *heap = plain_heap_create();
        struct own_heap *other = own_heap_create();
        set_refusal(SOME);
        in_threads(use_plain, heap);
        in_threads(use_own, other);
        set_refusal(NONE); /* also the heap itself would stay */
        if (i % 2 != 0) {
            (void)trim_plain(heap);
            (void)own_trim(other, 0);
        }
        plain_heap_destroy(heap);
        own_heap_destroy(other);
        if (i == 1)
            room = addresses();
    }
#if !MORTISE_ASAN && !MORTISE_TSAN
    assert_true(addresses() <= room + MB);
#endif
    (void)room;
}

/* ---- the limit itself ---- */

static void at_the_limit_addresses_serve_again(void **state)
{
    (void)state;
#if MORTISE_ASAN || MORTISE_TSAN
    skip();
#else
    enum { BLOCKS = 140000 };
    static char *block[BLOCKS];
    unsigned long most = 0;
    struct rlimit limit;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
    if (file == NULL || fscanf(file, "%lu", &most) != 1 || most > BLOCKS / 2 - 1000 ||
        getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY)
        skip();
    fclose(file);
    struct plain_heap *heap = plain_heap_create();
    for (int i = 0; i < BLOCKS; i++)
        if ((block[i] = (char *)plain_malloc(heap, G)) == NULL)
            skip(); /* a system that promises less */
    size_t all = addresses();
    for (int i = 0; i < BLOCKS; i += 2)
        give_plain(heap, block[i]);
    assert_true(heap->mmap_heap.refused.regions != 0);
    for (int i = 0; i < BLOCKS; i += 2) {
        block[i] = (char *)plain_malloc(heap, G);
        assert_non_null(block[i]);
        block[i][0] = 1;
    }
    assert_true(addresses() <= all + MB);
    assert_int_equal(heap->mmap_heap.refused.regions, 0);
    for (int i = 0; i < BLOCKS; i++)
        give_plain(heap, block[i]);
    (void)trim_plain(heap);
    assert_true(addresses() <= all - BLOCKS * G + 8 * MB);
    plain_heap_destroy(heap);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused_serves_again),
        cmocka_unit_test(a_larger_one_is_found),
        cmocka_unit_test(regions_serve_again),
        cmocka_unit_test(threads_share_it),
        cmocka_unit_test(at_the_limit_addresses_serve_again),
    };
    return cmocka_run_group_tests_name("mmap_split", tests, NULL, NULL);
}
