/* SPDX-License-Identifier: MIT */
/*
 * The map of granules: addresses of all kinds, runs, lack of memory, and threads that need the same
 * leaf at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mortise/data/granule_map.h>

#define G MORTISE_GRANULE
#define WIDE (UINTPTR_MAX > 0xffffffff)

static struct mortise_granule_map map;

static int empty(void **state)
{
    (void)state;
    mortise_granule_map_destroy(&map);
    return 0;
}

static uint64_t get(uintptr_t address)
{
    return mortise_granule_map_get(&map, (void *)address);
}

static bool set(uintptr_t base, size_t granules, uint64_t entry)
{
    return mortise_granule_map_set(&map, (void *)base, granules * G, entry);
}

static void knows_nothing_at_first(void **state)
{
    (void)state;
    int here;
    assert_int_equal(get(0), 0);
    assert_int_equal(get(1), 0);
    assert_int_equal(get((uintptr_t)&here), 0);
    for (unsigned bit = 0; bit < sizeof(uintptr_t) * CHAR_BIT; bit++) {
        assert_int_equal(get((uintptr_t)1 << bit), 0);
        assert_int_equal(get(((uintptr_t)1 << bit) - 1), 0);
        assert_int_equal(get(~((uintptr_t)1 << bit)), 0);
    }
    assert_int_equal(get(UINTPTR_MAX), 0);
}

static void finds_every_byte_of_a_range(void **state)
{
    (void)state;
    uintptr_t base = 0x70000000;
    assert_true(set(base, 3, 0x123456789abcdef0));
    assert_int_equal(get(base - 1), 0);
    assert_int_equal(get(base), 0x123456789abcdef0);
    assert_int_equal(get(base + 1), 0x123456789abcdef0);
    assert_int_equal(get(base + 3 * G - 1), 0x123456789abcdef0);
    assert_int_equal(get(base + 3 * G), 0);
    assert_true(set(base + G, 1, 7));
    assert_int_equal(get(base + G - 1), 0x123456789abcdef0);
    assert_int_equal(get(base + G), 7);
    assert_int_equal(get(base + 2 * G), 0x123456789abcdef0);
    assert_true(set(base, 3, 0));
    assert_int_equal(get(base + G), 0);
    assert_true(set(base, 0, 1)); /* an empty range */
    assert_int_equal(get(base), 0);
}

static void spans_leaves(void **state)
{
    (void)state;
    if (!WIDE)
        skip();
    uintptr_t edge = (uintptr_t)5 << 16 << 16;
    assert_true(set(edge - 2 * G, 65536 + 4, 9));
    assert_int_equal(get(edge - 2 * G - 1), 0);
    assert_int_equal(get(edge - 2 * G), 9);
    assert_int_equal(get(edge - 1), 9);
    assert_int_equal(get(edge), 9);
    assert_int_equal(get(edge + 65536 * G), 9);
    assert_int_equal(get(edge + 65538 * G - 1), 9);
    assert_int_equal(get(edge + 65538 * G), 0);
}

static void ends_at_the_last_address(void **state)
{
    (void)state;
    uintptr_t end = WIDE ? (uintptr_t)1 << 24 << 24 : 0; /* 0 is the end of 32 bits */
    assert_true(set(end - 2 * G, 2, 4));
    assert_int_equal(get(end - 1), 4);
    assert_int_equal(get(end - 2 * G), 4);
    if (WIDE) {
        assert_false(set(end - G, 2, 5));
        assert_int_equal(get(end - 1), 4);
        assert_int_equal(get(end), 0);
        assert_false(set(end, 1, 5));
        assert_false(set(UINTPTR_MAX - (G - 1), 1, 5));
        assert_true(set(end, 1, 0)); /* is so already */
    }
    assert_true(set(end - G, 3, 0));
    assert_int_equal(get(end - 1), 0);
    assert_int_equal(get(end - 2 * G), 4);
}

struct run {
    uintptr_t base;
    size_t granules;
    uint64_t entry;
};

struct runs {
    int count;
    bool forget;
    struct run run[16];
};

static void note(void *argument, void *base, size_t size, uint64_t entry)
{
    struct runs *runs = (struct runs *)argument;
    struct run run = {(uintptr_t)base, size / G, entry};
    if (runs->count < 16)
        runs->run[runs->count] = run;
    runs->count++;
    if (runs->forget)
        mortise_granule_map_set(&map, base, size, 0);
}

static void assert_run(const struct runs *runs, int i, uintptr_t base, size_t granules,
                       uint64_t entry)
{
    assert_int_equal(runs->run[i].base, base);
    assert_int_equal(runs->run[i].granules, granules);
    assert_int_equal(runs->run[i].entry, entry);
}

static void walks_runs_in_order(void **state)
{
    (void)state;
    uintptr_t high = WIDE ? (uintptr_t)3 << 16 << 16 : (uintptr_t)0x80000000;
    struct runs runs = {0, false, {{0, 0, 0}}};
    mortise_granule_map_walk(&map, note, &runs);
    assert_int_equal(runs.count, 0);
    assert_true(set(high - 3 * G, 6, 2)); /* over the edge of a leaf */
    assert_true(set(high + 3 * G, 1, 1)); /* touches it */
    assert_true(set(high + 5 * G, 2, 1)); /* does not */
    assert_true(set(0, 1, 8));
    assert_true(set(0x50000000, 2, 6));
    assert_true(set(0x50000000 + 2 * G, 1, 6)); /* one run with the one before */
    mortise_granule_map_walk(&map, note, &runs);
    assert_int_equal(runs.count, 5);
    assert_run(&runs, 0, 0, 1, 8);
    assert_run(&runs, 1, 0x50000000, 3, 6);
    assert_run(&runs, 2, high - 3 * G, 6, 2);
    assert_run(&runs, 3, high + 3 * G, 1, 1);
    assert_run(&runs, 4, high + 5 * G, 2, 1);
    runs.count = 0;
    runs.forget = true;
    mortise_granule_map_walk(&map, note, &runs);
    assert_int_equal(runs.count, 5);
    runs.count = 0;
    mortise_granule_map_walk(&map, note, &runs);
    assert_int_equal(runs.count, 0);
}

static void walks_to_the_last_address(void **state)
{
    (void)state;
    uintptr_t end = WIDE ? (uintptr_t)1 << 24 << 24 : 0;
    struct runs runs = {0, false, {{0, 0, 0}}};
    assert_true(set(end - 2 * G, 2, 4));
    mortise_granule_map_walk(&map, note, &runs);
    assert_int_equal(runs.count, 1);
    assert_run(&runs, 0, end - 2 * G, 2, 4);
    mortise_granule_map_destroy(&map);
    runs.count = 0;
    mortise_granule_map_walk(&map, note, &runs);
    assert_int_equal(runs.count, 0);
    assert_int_equal(get(end - 1), 0);
}

/* In a child that may map no more: a range that touches one leaf of the past and one to come. */
static int refuse(uintptr_t edge)
{
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_AS, &none) != 0)
        return 1;
    if (set(edge - G, 2, 6) || get(edge - G) != 5 || get(edge) != 0)
        return 2;
    if (!set(edge - G, 1, 6) || get(edge - G) != 6)
        return 3; /* the leaf of the past needs nothing */
    if (!set(edge - G, 2, 0) || get(edge - G) != 0)
        return 4; /* neither does 0 */
    return 0;
}

static void changes_nothing_without_memory(void **state)
{
    (void)state;
    if (!WIDE)
        skip();
    uintptr_t edge = (uintptr_t)9 << 16 << 16;
    assert_true(set(edge - G, 1, 5));
    pid_t child = fork();
    if (child == 0)
        _exit(refuse(edge));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Threads meet at every leaf at once: all but one of their leaves are given back, and no entry is
 * lost. A reader follows what it can see. */
enum { SETTERS = 3, LEAVES = 40 };

static pthread_barrier_t meeting;
static uint64_t published[LEAVES];

static void *setter(void *argument)
{
    uintptr_t self = (uintptr_t)argument;
    for (uintptr_t leaf = 1; leaf <= LEAVES; leaf++) {
        pthread_barrier_wait(&meeting);
        uintptr_t base = WIDE ? leaf << 16 << 16 : leaf << 20;
        if (!set(base + self * 2 * G, 2, leaf * SETTERS + self))
            return (void *)1;
        if (self == 0) {
            published[leaf - 1] = leaf;
            if (!set(base + (2 * SETTERS) * G, 1, (uint64_t)(uintptr_t)&published[leaf - 1]))
                return (void *)1;
        }
    }
    return NULL;
}

static void *reader(void *argument)
{
    (void)argument;
    for (uintptr_t leaf = 1; leaf <= LEAVES; leaf++) {
        uintptr_t base = WIDE ? leaf << 16 << 16 : leaf << 20;
        pthread_barrier_wait(&meeting);
        uint64_t entry = get(base + (2 * SETTERS) * G);
        if (entry != 0 && *(uint64_t *)(uintptr_t)entry != leaf)
            return (void *)1;
    }
    return NULL;
}

static void threads_share_leaves(void **state)
{
    (void)state;
    pthread_t threads[SETTERS + 1];
    for (int round = 0; round < 20; round++) {
        mortise_granule_map_destroy(&map);
        pthread_barrier_init(&meeting, NULL, SETTERS + 1);
        for (uintptr_t i = 0; i <= SETTERS; i++)
            assert_int_equal(
                pthread_create(&threads[i], NULL, i < SETTERS ? setter : reader, (void *)i), 0);
        for (int i = 0; i <= SETTERS; i++) {
            void *failed;
            pthread_join(threads[i], &failed);
            assert_null(failed);
        }
        pthread_barrier_destroy(&meeting);
        for (uintptr_t leaf = 1; leaf <= LEAVES; leaf++) {
            uintptr_t base = WIDE ? leaf << 16 << 16 : leaf << 20;
            for (uintptr_t i = 0; i < SETTERS; i++) {
                assert_int_equal(get(base + i * 2 * G), leaf * SETTERS + i);
                assert_int_equal(get(base + i * 2 * G + G), leaf * SETTERS + i);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(knows_nothing_at_first, empty),
        cmocka_unit_test_setup(finds_every_byte_of_a_range, empty),
        cmocka_unit_test_setup(spans_leaves, empty),
        cmocka_unit_test_setup(ends_at_the_last_address, empty),
        cmocka_unit_test_setup(walks_runs_in_order, empty),
        cmocka_unit_test_setup(walks_to_the_last_address, empty),
        cmocka_unit_test_setup(changes_nothing_without_memory, empty),
        cmocka_unit_test_setup(threads_share_leaves, empty),
    };
    return cmocka_run_group_tests_name("granule_map", tests, NULL, NULL);
}
