/* SPDX-License-Identifier: MIT */
/*
 * The map of areas: addresses of all kinds, ranges over the border of two areas, areas whose
 * numbers want the same place, lack of room, and threads that need the same area at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include <mortise/data/area_map.h>

#define G MORTISE_GRANULE
#define AREA (G * mortise_area_granules)

static struct mortise_area_map map;
static int mine, other;

static int empty(void **state)
{
    (void)state;
    mortise_area_map_destroy(&map);
    return 0;
}

static uint64_t get(uintptr_t address)
{
    return mortise_area_map_get(&map, (void *)address);
}

static bool keep(uintptr_t base, size_t granules, void *record)
{
    return mortise_area_map_keep(&map, (void *)base, granules * G, record);
}

static void set(uintptr_t base, size_t granules, uint64_t owned)
{
    mortise_area_map_set(&map, (void *)base, granules * G, owned);
}

static void knows_nothing_at_first(void **state)
{
    (void)state;
    assert_int_equal(get(0), 0);
    assert_int_equal(get(UINTPTR_MAX), 0);
    assert_int_equal(get((uintptr_t)&mine), 0);
    for (unsigned bit = 0; bit < sizeof(uintptr_t) * CHAR_BIT; bit++)
        assert_int_equal(get((uintptr_t)1 << bit), 0);
}

static void a_range_may_cross_areas(void **state)
{
    (void)state;
    const uintptr_t base = 7 * AREA - 3 * G;
    assert_true(keep(base, 6, &mine));
    set(base, 6, 42);
    set(base + 2 * G, 2, 43);
    assert_int_equal(get(base - 1), 0);
    assert_int_equal(get(base), 42);
    assert_int_equal(get(base + 2 * G - 1), 42);
    assert_int_equal(get(base + 2 * G), 43);
    assert_int_equal(get(base + 4 * G - 1), 43);
    assert_int_equal(get(base + 6 * G - 1), 42);
    assert_int_equal(get(base + 6 * G), 0);
    assert_ptr_equal(mortise_area_map_record(&map, (void *)(base + 5 * G + 17)), &mine);
    mortise_area_map_forget(&map, (void *)(base + G), 100 * G);
    assert_int_equal(get(base), 42);
    assert_int_equal(get(base + G), 0);
    assert_null(mortise_area_map_record(&map, (void *)(base + G)));
}

/* The numbers of areas come round again after mortise_area_places. */
static void areas_that_want_one_place(void **state)
{
    (void)state;
    const uintptr_t round = AREA * mortise_area_places;
    for (uintptr_t i = 0; i < mortise_area_probes; i++) {
        assert_true(keep(5 * AREA + i * round, 1, &mine));
        set(5 * AREA + i * round, 1, 100 + i);
    }
    assert_false(keep(5 * AREA + mortise_area_probes * round, 1, &mine));
    assert_int_equal(get(5 * AREA + mortise_area_probes * round), 0);
    for (uintptr_t i = 0; i < mortise_area_probes; i++)
        assert_int_equal(get(5 * AREA + i * round), 100 + i);
    assert_true(keep(6 * AREA, 1, &mine)); /* its place is taken, and some behind it are free */
    set(6 * AREA, 1, 6);
    assert_int_equal(get(6 * AREA), 6);
    assert_int_equal(get(5 * AREA), 100);
}

static size_t seen, seen_mine;
static uintptr_t last;

static void count(void *argument, void *base, void *record)
{
    assert_ptr_equal(argument, &seen);
    assert_true((uintptr_t)base > last);
    last = (uintptr_t)base;
    seen++;
    seen_mine += record == &mine;
}

static void a_walk_sees_each_granule_with_a_record(void **state)
{
    (void)state;
    assert_true(keep(3 * AREA - G, 2, &mine));
    assert_true(keep(9 * AREA, 3, &other));
    mortise_area_map_walk(&map, count, &seen);
    assert_int_equal(seen, 5);
    assert_int_equal(seen_mine, 2);
    assert_int_equal(last, 9 * AREA + 2 * G);
}

enum { THREADS = 4, ROUNDS = 200 };
static pthread_barrier_t start;

static void *keeper(void *argument)
{
    const uintptr_t number = (uintptr_t)argument;
    for (uintptr_t round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&start);
        const uintptr_t base = (round + 1) * AREA + number * G;
        if (!keep(base, 1, &mine))
            return &other;
        set(base, 1, number + 1);
        if (get(base) != number + 1)
            return &other;
    }
    return NULL;
}

static void threads_make_an_area_at_once(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    pthread_barrier_init(&start, NULL, THREADS);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, keeper, (void *)i), 0);
    for (uintptr_t i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(thread[i], &failed), 0);
        assert_null(failed);
    }
    for (uintptr_t round = 0; round < ROUNDS; round++)
        for (uintptr_t i = 0; i < THREADS; i++)
            assert_int_equal(get((round + 1) * AREA + i * G), i + 1);
    pthread_barrier_destroy(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(knows_nothing_at_first, empty),
        cmocka_unit_test_teardown(a_range_may_cross_areas, empty),
        cmocka_unit_test_teardown(areas_that_want_one_place, empty),
        cmocka_unit_test_teardown(a_walk_sees_each_granule_with_a_record, empty),
        cmocka_unit_test_teardown(threads_make_an_area_at_once, empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
