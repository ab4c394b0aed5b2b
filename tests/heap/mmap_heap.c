/* SPDX-License-Identifier: MIT */
/*
 * What the parameters of mmap_heap do: regions from ranges, ranges of threads, huge pages, objects
 * that are kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "touch.h"

#define COMPOSITION own
#define LAYER mmap_heap
#define MMAP_HEAP_FAA_HEAP_GROWTH 1
#define MMAP_HEAP_THREADLOCAL_HEAP_SIZE 2097152
#define MMAP_HEAP_HUGE_PAGE 1
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(own, mmap_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

/* Threads' ranges without the large ones. */
#define COMPOSITION apart
#define LAYER mmap_heap
#define MMAP_HEAP_THREADLOCAL_HEAP_SIZE 2097152
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(apart, mmap_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

/* Objects straight from mmap_heap. */
#define COMPOSITION direct
#define LAYER mmap_heap
#define MMAP_HEAP_KEEP 16777216
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 262144
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(direct, mmap_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define G MORTISE_GRANULE
#define MB ((size_t)1 << 20)

enum { OWN = 2 << 20, PIECES = 10 };

/* A region as a layer gets it on this thread. */
static char *region(struct own_heap *heap, size_t size)
{
    return (char *)own_system_region(heap, own_attach(heap, own_here(heap)), size);
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

/* ---- ranges of threads ---- */

static pthread_barrier_t both;

static void *take_pieces(void *argument)
{
    char **pieces = (char **)argument;
    for (int i = 0; i < PIECES; i++) {
        pieces[i] = region(&own_default, G);
        pthread_barrier_wait(&both); /* so that they would be mixed */
    }
    return NULL;
}

static void threads_do_not_meet(void **state)
{
    (void)state;
    static char *pieces[2][PIECES];
    pthread_t thread[2];
    pthread_barrier_init(&both, NULL, 2);
    for (int i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, take_pieces, pieces[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    pthread_barrier_destroy(&both);
    for (int i = 0; i < 2; i++)
        for (int j = 1; j < PIECES; j++)
            assert_ptr_equal(pieces[i][j], pieces[i][0] + (size_t)j * G);
    assert_true(labs((long)(pieces[0][0] - pieces[1][0])) >= (long)(PIECES * G));
}

static void *take_one(void *argument)
{
    *(char **)argument = region(&own_default, G);
    return NULL;
}

static void the_rest_goes_to_the_next_thread(void **state)
{
    (void)state;
    char *piece[5];
    for (int i = 0; i < 5; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, take_one, &piece[i]);
        pthread_join(thread, NULL);
        if (i != 0)
            assert_ptr_equal(piece[i], piece[i - 1] + G);
    }
}

/* When a request does not fit, the larger rest of two stays. */
static void the_larger_rest_stays(void **state)
{
    (void)state;
    struct own_heap *heap = own_heap_create();
    char *first = region(heap, G); /* 31 granules are left */
    char *large = region(heap, OWN);
    assert_true(large >= first + OWN || large < first);
    assert_ptr_equal(region(heap, G), first + G);
    char *most = region(heap, 30 * G); /* 30 - 30: it fits exactly */
    assert_ptr_equal(most, first + 2 * G);
    char *second = region(heap, 20 * G); /* 12 are left */
    char *third = region(heap, 14 * G);  /* 18 are left of the new ones, so these stay */
    assert_ptr_equal(region(heap, G), third + 14 * G);
    assert_true(second != third);
    own_heap_destroy(heap);
}

static void *use_heap(void *argument)
{
    struct own_heap *heap = (struct own_heap *)argument;
    for (size_t i = 1; i < 30; i++)
        touch(own_malloc(heap, i * 30000), i * 30000);
    return NULL;
}

static void *use_apart(void *argument)
{
    struct apart_heap *heap = (struct apart_heap *)argument;
    for (size_t i = 1; i < 30; i++)
        touch(apart_malloc(heap, i * 30000), i * 30000);
    return NULL;
}

static void run_in_threads(void *(*work)(void *), void *heap)
{
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, work, heap);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
}

/* Also what threads have taken and not used goes with a heap. */
static void a_heap_leaves_nothing(void **state)
{
    (void)state;
    size_t room = 0;
    for (int i = 0; i < 30; i++) {
        struct own_heap *heap = own_heap_create();
        run_in_threads(use_heap, heap);
        (void)region(heap, G);
        own_heap_destroy(heap);
        struct apart_heap *other = apart_heap_create();
        run_in_threads(use_apart, other);
        (void)apart_trim(other, 0);
        apart_heap_destroy(other);
        if (i == 10)
            room = addresses();
    }
#if !MORTISE_ASAN && !MORTISE_TSAN
    assert_true(addresses() <= room + MB);
#endif
    (void)room;
}

/* ---- huge pages ---- */

/* Does the mapping at an address ask for huge pages? */
static bool wants_huge(const void *address)
{
    char line[512];
    bool here = false, wants = false;
    FILE *file = fopen("/proc/self/smaps", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            here = (uintptr_t)address >= from && (uintptr_t)address < to;
        if (here && strncmp(line, "VmFlags:", 8) == 0)
            wants = strstr(line, " hg") != NULL;
    }
    fclose(file);
    return wants;
}

static void a_small_heap_asks_for_no_huge_pages(void **state)
{
    (void)state;
    if (access("/sys/kernel/mm/transparent_hugepage/enabled", R_OK) != 0)
        skip();
    struct own_heap *heap = own_heap_create();
    char *first = region(heap, MB);
    assert_false(wants_huge(first));
    char *then[16];
    for (int i = 0; i < 16; i++)
        then[i] = region(heap, MB);
    assert_false(wants_huge(first));
    for (int i = 0; i < 4; i++) /* less than 8 MB, whichever of them a huge page begins in */
        assert_false(wants_huge(then[i]));
    for (int i = 10; i < 14; i++) /* 8 MB were in use, and a huge page is complete */
        assert_true(wants_huge(then[i]));
    own_heap_destroy(heap);
}

/* ---- objects that are kept ---- */

static size_t system_bytes(struct direct_heap *heap)
{
    return direct_stats(heap).system;
}

static char *object(struct direct_heap *heap, size_t size)
{
    char *block = (char *)direct_malloc(heap, size);
    assert_non_null(block);
    assert_true(direct_usable_size(heap, block) >= size);
    memset(block, 1, direct_usable_size(heap, block));
    return block;
}

static void a_freed_object_comes_again(void **state)
{
    (void)state;
    struct direct_heap *heap = direct_heap_create();
    direct_free(heap, direct_malloc(heap, 100));
    size_t before = system_bytes(heap);
    char *first = object(heap, 4 * MB);
    direct_free(heap, first);
    assert_int_equal(system_bytes(heap), before + 4 * MB);
    assert_int_equal(direct_stats(heap).direct, 0);
    assert_true(direct_stats(heap).free >= 4 * MB);
    assert_ptr_equal(object(heap, 4 * MB - MB / 2), first); /* as it is */
    assert_int_equal(direct_usable_size(heap, first), 4 * MB);
    assert_int_equal(direct_stats(heap).direct, 4 * MB);
    direct_free(heap, first);
    char *zero = (char *)direct_calloc(heap, 1, 4 * MB);
    assert_ptr_equal(zero, first);
    assert_true(zero[0] == 0 && memcmp(zero, zero + 1, 4 * MB - 1) == 0);
    direct_free(heap, zero);
    for (size_t half = 4; half <= 14; half++) { /* 2 to 7 MB */
        char *next = object(heap, half * MB / 2);
        assert_true(system_bytes(heap) <= before + half * MB * 5 / 8);
        direct_free(heap, next);
    }
    assert_true(direct_trim(heap, 0) >= 7 * MB);
    assert_true(system_bytes(heap) <= before);
    direct_heap_destroy(heap);
}

static void no_more_is_kept_than_that(void **state)
{
    (void)state;
    struct direct_heap *heap = direct_heap_create();
    char *block[40];
    for (size_t i = 0; i < 40; i++)
        block[i] = object(heap, (i + 1) * MB / 2);
    for (size_t i = 0; i < 40; i++)
        direct_free(heap, block[i]);
    assert_true(direct_stats(heap).free <= 16 * MB + MB); /* and tlsf_glk's own */
    assert_true(direct_stats(heap).free >= 8 * MB);       /* the last ones */
    direct_heap_destroy(heap);
}

/* What is kept does not stand in the way of what is needed, be it of another kind. */
static void what_is_kept_is_there_when_needed(void **state)
{
    (void)state;
#if !MORTISE_ASAN && !MORTISE_TSAN
    pid_t child = fork();
    if (child == 0) {
        struct direct_heap *heap = &direct_default;
        char *one = object(heap, 8 * MB), *two = object(heap, 8 * MB);
        direct_free(heap, one);
        direct_free(heap, two);
        struct rlimit limit;
        limit.rlim_cur = limit.rlim_max = addresses() + MB;
        int done = setrlimit(RLIMIT_AS, &limit);
        size_t sum = 0;
        while (sum < 12 * MB && direct_malloc(heap, 50000) != NULL)
            sum += 50000;
        _exit(done != 0 || sum < 12 * MB);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
#endif
}

/* ---- addresses that change hands ---- */

static struct direct_heap *shared_heap;
static char *lower, *upper; /* side by side */
static int step;

static void begin_and_wait_for(int wanted)
{
    direct_free(shared_heap, direct_malloc(shared_heap, MB)); /* what only a first request does */
    __atomic_add_fetch(&step, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&step, __ATOMIC_RELAXED) < wanted)
        sched_yield();
}

static void *leave(void *argument)
{
    begin_and_wait_for(2);
    memset(upper, 1, MB);
    char *moved = (char *)direct_realloc(shared_heap, upper, 64 * MB);
    __atomic_store_n(&step, 3, __ATOMIC_RELAXED); /* orders nothing, as far as anybody can see */
    return moved == upper ? argument : NULL;
}

static void *spread(void *argument)
{
    begin_and_wait_for(3);
    char *grown = (char *)direct_realloc(shared_heap, lower, 2 * MB);
    memset(grown, 2, 2 * MB);
    return grown == lower ? NULL : argument;
}

/* One thread's block moves away, another's grows to where it was: no race, also for a sanitizer. */
static void a_block_grows_where_another_was(void **state)
{
    (void)state;
    enum { MANY = 32 };
    char *block[MANY];
    pthread_t one, other;
    void *stayed, *moved;
    shared_heap = direct_heap_create();
    for (int i = 0; i < MANY; i++)
        assert_non_null(block[i] = (char *)direct_malloc(shared_heap, MB));
    for (int i = 0; i < MANY; i++)
        for (int j = 0; j < MANY && lower == NULL; j++)
            if (block[i] + MB == block[j]) {
                lower = block[i];
                upper = block[j];
            }
    if (lower == NULL)
        skip();
    assert_int_equal(pthread_create(&one, NULL, leave, block), 0);
    assert_int_equal(pthread_create(&other, NULL, spread, block), 0);
    pthread_join(one, &stayed);
    pthread_join(other, &moved);
    direct_heap_destroy(shared_heap);
    if (stayed != NULL || moved != NULL)
        skip(); /* the kernel wanted it otherwise */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_meet),
        cmocka_unit_test(the_rest_goes_to_the_next_thread),
        cmocka_unit_test(the_larger_rest_stays),
        cmocka_unit_test(a_heap_leaves_nothing),
        cmocka_unit_test(a_small_heap_asks_for_no_huge_pages),
        cmocka_unit_test(a_freed_object_comes_again),
        cmocka_unit_test(no_more_is_kept_than_that),
        cmocka_unit_test(what_is_kept_is_there_when_needed),
        cmocka_unit_test(a_block_grows_where_another_was),
    };
    return cmocka_run_group_tests_name("mmap_heap", tests, NULL, NULL);
}
