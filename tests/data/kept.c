/* SPDX-License-Identifier: MIT */
/*
 * Freed mappings that are kept: the nearest in size is taken, limits hold, and what threads put in
 * and take out at once is nobody's twice and never lost. Nothing is mapped: pieces are not touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include <mortise/data/kept.h>

#define G MORTISE_GRANULE
#define NO_LIMIT SIZE_MAX

static struct mortise_kept kept;

static struct mortise_kept_piece piece(size_t at, size_t granules)
{
    struct mortise_kept_piece made = {(char *)((at + 1) * 1024 * G), granules * G};
    return made;
}

static int empty(void **state)
{
    (void)state;
    memset(&kept, 0, sizeof kept);
    return 0;
}

static void the_nearest_is_taken(void **state)
{
    (void)state;
    static const size_t size[] = {10, 40, 20, 100};
    for (size_t i = 0; i < 4; i++)
        assert_true(mortise_kept_add(&kept, piece(i, size[i]), NO_LIMIT));
    assert_int_equal(kept.bytes, 170 * G);
    assert_int_equal(mortise_kept_pieces(&kept), 4);
    struct mortise_kept_piece found = mortise_kept_take(&kept, 28 * G);
    assert_ptr_equal(found.base, piece(2, 0).base);
    assert_int_equal(found.size, 20 * G);
    assert_int_equal(mortise_kept_take(&kept, 28 * G).size, 40 * G);
    assert_null(mortise_kept_take(&kept, 28 * G).base); /* 10 is less than half, 100 too much */
    assert_int_equal(mortise_kept_take(&kept, 20 * G).size, 10 * G);
    assert_int_equal(mortise_kept_take(&kept, 50 * G).size, 100 * G);
    assert_null(mortise_kept_take(&kept, 50 * G).base);
    assert_int_equal(kept.bytes, 0);
    assert_int_equal(mortise_kept_pieces(&kept), 0);
}

static void limits_hold(void **state)
{
    (void)state;
    assert_false(mortise_kept_add(&kept, piece(0, 11), 10 * G));
    assert_true(mortise_kept_add(&kept, piece(0, 10), 10 * G));
    assert_false(mortise_kept_add(&kept, piece(1, 1), 10 * G));
    assert_int_equal(kept.bytes, 10 * G);
    for (size_t i = 1; i < MORTISE_KEPT; i++)
        assert_true(mortise_kept_add(&kept, piece(i, i), NO_LIMIT));
    assert_false(mortise_kept_add(&kept, piece(MORTISE_KEPT, 1), NO_LIMIT));
    assert_null(mortise_kept_take(&kept, MORTISE_KEPT_LARGEST + G).base);
    assert_false(mortise_kept_add(&kept, piece(0, G), NO_LIMIT));
}

/* Those that lie longest go first, and each call finds one as long as there is one. */
static void the_oldest_goes(void **state)
{
    (void)state;
    for (size_t i = 0; i < MORTISE_KEPT; i++)
        assert_true(mortise_kept_add(&kept, piece(i, 1), NO_LIMIT));
    for (size_t i = 0; i < 100; i++) {
        assert_ptr_equal(mortise_kept_take_any(&kept).base, piece(i, 1).base);
        assert_true(mortise_kept_add(&kept, piece(i + MORTISE_KEPT, 1), NO_LIMIT));
    }
    while (kept.bytes > G)
        assert_non_null(mortise_kept_take_any(&kept).base);
    assert_non_null(mortise_kept_take_any(&kept).base);
    assert_null(mortise_kept_take_any(&kept).base);
}

enum { THREADS = 4, PIECES = 24, STEPS = 20000 };

static size_t holder[PIECES]; /* plain: whoever has the piece writes it */

static void *put_and_take(void *argument)
{
    size_t self = (size_t)(uintptr_t)argument, wrong = 0;
    struct mortise_kept_piece mine[PIECES];
    size_t count = 0;
    for (size_t at = self; at < PIECES; at += THREADS)
        mine[count++] = piece(at, 1 + at % 3);
    for (size_t step = 0; step < STEPS; step++) {
        if (count != 0 && mortise_kept_add(&kept, mine[count - 1], 40 * G))
            count--;
        if (step % 3 == 0)
            continue;
        struct mortise_kept_piece found =
            step % 2 ? mortise_kept_take(&kept, (1 + step % 3) * G) : mortise_kept_take_any(&kept);
        if (found.base == NULL)
            continue;
        size_t at = (uintptr_t)found.base / G / 1024 - 1;
        wrong += found.size != (1 + at % 3) * G;
        holder[at] = self; /* a race, if somebody else has it */
        mine[count++] = found;
        wrong += holder[at] != self;
    }
    return (void *)(uintptr_t)(wrong * 1000 + count);
}

static void threads_lose_nothing(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    size_t left = 0;
    for (size_t i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, put_and_take, (void *)(uintptr_t)i);
    for (size_t i = 0; i < THREADS; i++) {
        void *answer;
        pthread_join(thread[i], &answer);
        left += (uintptr_t)answer;
    }
    assert_int_equal(left + mortise_kept_pieces(&kept), PIECES);
    size_t bytes = 0;
    for (struct mortise_kept_piece found; (found = mortise_kept_take_any(&kept)).base != NULL;)
        bytes += found.size;
    assert_true(bytes <= 40 * G);
    assert_int_equal(kept.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_nearest_is_taken, empty),
        cmocka_unit_test_setup(limits_hold, empty),
        cmocka_unit_test_setup(the_oldest_goes, empty),
        cmocka_unit_test_setup(threads_lose_nothing, empty),
    };
    return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
