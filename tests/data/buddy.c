/* SPDX-License-Identifier: MIT */
/*
 * Binary buddies against a model that knows only which unit belongs to which block: random traces,
 * every invariant after each step, the verdicts on misuse, and regions that come and go.
 *
 * The memory itself is never there: a structure that touched it would crash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <mortise/data/buddy_tasks.h>

#include "buddy_model.h"

static void random_traces_keep_the_invariants(void **state)
{
    for (uint64_t seed = 0; seed < 30; seed++) {
        uint64_t at = seed * 1000;
        for (int i = 0; i < REGIONS; i++)
            enter(i, false);
        for (int i = 0; i < 1500; i++) {
            random_step(&at, false);
            check();
        }
        give_all(false);
        check();
        assert_int_equal(buddy.free_units, buddy.units);
        end(state);
        begin(state);
    }
}

static void regions_come_and_go(void **state)
{
    (void)state;
    uint64_t seed = 77;
    unsigned left = 0;
    for (int i = 0; i < 20000; i++) {
        int number = (int)below(&seed, REGIONS);
        if (!shadows[number].entered && below(&seed, 8) == 0)
            enter(number, false);
        size_t before = buddy.units;
        random_step(&seed, true);
        if (i % 500 == 0)
            give_all(true);
        left += buddy.units < before;
        if (i % 16 == 0)
            check();
    }
    assert_true(left > 20);
    give_all(true);
    struct mortise_buddy_move task = {&buddy, NULL};
    mortise_buddy_do_leave(&task);
    assert_non_null(task.region);
    assert_null(buddy.regions);
    assert_int_equal(buddy.units + buddy.free_units + buddy.free_blocks + buddy.orders, 0);
    for (int i = 0; i < REGIONS; i++) /* ready to be used again */
        for (uint32_t j = 0; j < lengths[i]; j++)
            assert_int_equal(shadows[i].region->unit[j].state, MORTISE_BUDDY_INSIDE);
}

/* Of two empty regions the lower one stays, whichever runs empty first. */
static void one_empty_region_stays(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        enter(0, false);
        enter(3, false);
        assert_true(take(0, 368, 1));
        assert_true(take(1, 368, 1));
        bool low_first = blocks[0].shadow == &shadows[0] ? round == 0 : round == 1;
        assert_null(give(low_first ? 0 : 1, true));
        assert_ptr_equal(give(low_first ? 1 : 0, true), shadows[3].region);
        assert_ptr_equal(buddy.kept, shadows[0].region);
        check();
        assert_true(take(0, 512, 1));
        assert_null(buddy.kept);
        assert_null(give(0, true));
        struct mortise_buddy_move task = {&buddy, NULL};
        mortise_buddy_do_leave(&task);
        assert_ptr_equal(task.region, shadows[0].region);
        assert_null(buddy.kept);
        shadows[0].entered = false;
        check();
    }
}

static enum mortise_error verdict(int number, uint32_t index, size_t offset)
{
    struct mortise_buddy_free task = {&buddy,
                                      shadows[number].region,
                                      base_of(number) + (size_t)index * UNIT + offset,
                                      MORTISE_BUDDY_OBJECT,
                                      false,
                                      false,
                                      false,
                                      MORTISE_OK,
                                      NULL};
    mortise_buddy_do_free(&task);
    return task.error;
}

static void misuse_is_told_apart(void **state)
{
    (void)state;
    enter(0, false);
    assert_true(take(0, 8, 1));
    assert_true(take(1, 8, 1));
    assert_true(take(2, 8, 1));
    uint32_t first = blocks[0].index;
    assert_int_equal(verdict(0, first, 16), MORTISE_FOREIGN_POINTER);
    assert_int_equal(verdict(0, first + 1, 0), MORTISE_FOREIGN_POINTER);
    assert_int_equal(verdict(0, 500, 0), MORTISE_FOREIGN_POINTER); /* never handed out */
    assert_int_equal(verdict(0, 512, 0), MORTISE_FOREIGN_POINTER); /* behind the region */
    (void)give(0, false);
    assert_int_equal(verdict(0, first, 0), MORTISE_DOUBLE_FREE);
    uint32_t second = blocks[1].index;
    (void)give(1, false);
    assert_int_equal(verdict(0, second, 0), MORTISE_DOUBLE_FREE); /* inside of a larger one now */
    assert_int_equal(verdict(0, second, 8), MORTISE_DOUBLE_FREE); /* what lay in it is free, too */
    blocks[2].unit->state = MORTISE_BUDDY_REGION;
    assert_int_equal(verdict(0, blocks[2].index, 0), MORTISE_FOREIGN_POINTER);
    blocks[2].unit->state = MORTISE_BUDDY_OBJECT;
    (void)give(2, false);
    check();
}

static void fresh_units_are_zero_until_used(void **state)
{
    (void)state;
    enter(0, true);
    struct mortise_buddy_wish wish = {16, 1, MORTISE_BUDDY_OBJECT};
    struct mortise_buddy_take task = {&buddy, wish, NULL, NULL, false};
    mortise_buddy_do_take(&task);
    assert_true(task.zeroed);
    struct mortise_buddy_unit *first = task.unit;
    mortise_buddy_do_take(&task);
    assert_true(task.zeroed);
    mortise_buddy_give(&buddy, first, false);
    mortise_buddy_do_take(&task);
    assert_ptr_equal(task.unit, first);
    assert_false(task.zeroed);
    struct mortise_buddy_resize grow = {&buddy, &shadows[0].region->unit[16], 64, false};
    mortise_buddy_do_resize(&grow);
    assert_true(grow.done);
    grow.length = 1;
    mortise_buddy_do_resize(&grow);
    mortise_buddy_do_take(&task);
    assert_false(task.zeroed); /* the larger block had been there */
}

/* A region comes back as it was handed out; nobody frees it as an object, or a part of it. */
static void regions_come_back_whole(void **state)
{
    (void)state;
    struct mortise_buddy_wish wish = {16, 16, MORTISE_BUDDY_REGION};
    struct mortise_buddy_take task = {&buddy, wish, NULL, NULL, false};
    enter(0, false);
    mortise_buddy_do_take(&task);
    struct mortise_buddy_unit *other = task.unit;
    mortise_buddy_do_take(&task);
    struct mortise_buddy_region *region = shadows[0].region;
    uint32_t first = mortise_buddy_index(task.unit);
    assert_int_equal(verdict(0, first, 0), MORTISE_FOREIGN_POINTER);
    struct mortise_buddy_free back = {&buddy,
                                      region,
                                      base_of(0) + (size_t)first * UNIT + UNIT,
                                      MORTISE_BUDDY_REGION,
                                      true,
                                      false,
                                      false,
                                      MORTISE_OK,
                                      NULL};
    mortise_buddy_do_free(&back);
    assert_int_equal(back.error, MORTISE_FOREIGN_POINTER);
    back.ptr = mortise_buddy_address(task.unit);
    mortise_buddy_do_free(&back);
    assert_int_equal(back.error, MORTISE_OK);
    assert_int_equal(region->free_units, 512 - 16);
    mortise_buddy_do_free(&back);
    assert_int_equal(back.error, MORTISE_DOUBLE_FREE);
    back.ptr = mortise_buddy_address(other);
    mortise_buddy_do_free(&back);
    assert_ptr_equal(buddy.kept, region);
    check();
}

/* What is lent out to lose its pages was in use before, and comes back to where it was. */
static void lending_takes_what_was_touched(void **state)
{
    (void)state;
    enter(0, false);
    assert_true(take(0, 40, 1));
    assert_true(take(1, 8, 1));
    (void)give(0, false);
    size_t lent = 0;
    for (unsigned order = MORTISE_BUDDY_ORDERS; order-- > 0;) {
        struct mortise_buddy_lend task = {&buddy, order, NULL, NULL};
        mortise_buddy_do_lend(&task);
        for (const struct mortise_buddy_unit *unit = task.chain; unit != NULL; unit = unit->next) {
            assert_int_equal(unit->length, (uint32_t)1 << order);
            assert_true(mortise_buddy_index(unit) < 64);
            lent += unit->length;
        }
        check_lists();
        mortise_buddy_do_return(&task);
        assert_null(task.empty);
        check();
    }
    assert_true(lent >= 40);
    (void)give(1, false);
    assert_true(mortise_buddy_is_empty(shadows[0].region));
}

/* What has no pages is told apart from what has some, is lent no more, and used again last. */
static void bare_blocks_are_used_last(void **state)
{
    (void)state;
    enter(0, true);
    assert_int_equal(buddy.bare_units, 512); /* it was never used */
    assert_true(take(0, 64, 1));
    assert_true(take(1, 64, 1));
    assert_true(take(2, 64, 1));
    assert_true(take(3, 64, 1));
    (void)give(0, false);
    (void)give(2, false);
    struct mortise_buddy_lend task = {&buddy, 6, NULL, NULL};
    mortise_buddy_do_lend(&task);
    struct mortise_buddy_unit *bare = task.chain, *other = bare->next;
    assert_non_null(other);
    bare->bare = true;
    memset(&shadows[0].pages[mortise_buddy_index(bare)], 0, 64 * sizeof(bool));
    mortise_buddy_do_return(&task);
    assert_int_equal(buddy.bare_units, 256 + 64);
    check();
    task.chain = NULL;
    mortise_buddy_do_lend(&task);
    assert_ptr_equal(task.chain, other);
    assert_null(other->next);
    mortise_buddy_do_return(&task);
    assert_true(take(0, 64, 1));
    assert_ptr_equal(blocks[0].unit, other);
    assert_true(take(2, 32, 1));
    assert_ptr_equal(blocks[2].unit, bare);
    assert_int_equal(buddy.bare_units, 256 + 32); /* the other half */
    check();
    (void)give(2, false);
    assert_int_equal(buddy.bare_units, 256 + 32); /* still */
    check();
    (void)take(2, 64, 1);
    resize(2, 16);
    assert_int_equal(buddy.bare_units, 256); /* the end of what was used has pages */
    resize(2, 40);
    assert_int_equal(buddy.bare_units, 256);
    (void)give(2, false);
    for (int i = 0; i < 4; i++)
        if (blocks[i].unit != NULL)
            (void)give(i, false);
}

/* A region that runs empty while a part of it is lent stays as the empty one, or goes then. */
static void lending_hides_no_empty_region(void **state)
{
    (void)state;
    enter(0, false);
    enter(3, false);
    for (int i = 0; i < 4; i++)
        assert_true(take(i, 256, 1));
    for (int i = 0; i < 4; i++)
        (void)give(i, false);
    assert_true(take(0, 16, 1));
    (void)give(0, true); /* now one of them is kept */
    assert_non_null(buddy.kept);
    size_t empty = 0;
    for (unsigned order = MORTISE_BUDDY_ORDERS; order-- > 0;) {
        struct mortise_buddy_lend task = {&buddy, order, NULL, NULL};
        mortise_buddy_do_lend(&task);
        assert_true(buddy.kept == NULL || mortise_buddy_is_empty(buddy.kept));
        check_lists();
        mortise_buddy_do_return(&task);
        for (; task.empty != NULL; task.empty = task.empty->next, empty++)
            shadow_of(task.empty)->entered = false;
        check();
    }
    assert_int_equal(empty, 1);
    assert_non_null(buddy.kept);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(random_traces_keep_the_invariants),
        TEST(regions_come_and_go),
        TEST(one_empty_region_stays),
        TEST(misuse_is_told_apart),
        TEST(fresh_units_are_zero_until_used),
        TEST(regions_come_back_whole),
        TEST(lending_takes_what_was_touched),
        TEST(bare_blocks_are_used_last),
        TEST(lending_hides_no_empty_region),
    };
    return cmocka_run_group_tests_name("buddy", tests, NULL, NULL);
}
