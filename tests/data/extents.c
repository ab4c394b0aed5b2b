/* SPDX-License-Identifier: MIT */
/*
 * Extents: on random traces, what serves is what the definition of address-ordered best fit says,
 * as a naive model finds it that knows of each granule only whose it is; what is said to be zero is
 * zero; what has pages is counted; regions leave and come back whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <mortise/data/extents_lend.h>

#define G MORTISE_GRANULE

/* Addresses in units of granules; nothing lies there. Two regions touch, a third is apart. */
enum { PLACES = 160, BLOCKS = 64 };

enum place { NONE, FREE, LENT, USED };

static struct {
    enum place place[PLACES];
    bool first[PLACES]; /* of a region */
    bool pages[PLACES];
    bool written[PLACES];
} model;

static struct mortise_extents extents;
static char *origin;
static struct mortise_extent records[2 * PLACES];
static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

static size_t place_of(const char *address)
{
    return (size_t)(address - origin) / G;
}

static void add_region(size_t at, size_t granules, bool zeroed)
{
    mortise_extents_add(&extents, origin + at * G, granules * G, zeroed, at + 1);
    for (size_t i = at; i < at + granules; i++) {
        model.place[i] = FREE;
        model.pages[i] = model.written[i] = !zeroed;
    }
    model.first[at] = true;
}

static int begin(void **state)
{
    (void)state;
    memset(&extents, 0, sizeof extents);
    memset(&model, 0, sizeof model);
    memset(records, 0xa5, sizeof records);
    origin = (char *)(uintptr_t)((1024 + 7) * G); /* no multiple of large alignments */
    mortise_extents_feed(&extents, records, sizeof records, &extents);
    add_region(0, 64, true);
    add_region(64, 32, false);
    add_region(120, 40, true);
    return 0;
}

/* ---- the model ---- */

/* The end of the free run that begins at a place; where a region begins, another run does. */
static size_t run_end(size_t at)
{
    size_t end = at + 1;
    while (end < PLACES && model.place[end] == FREE && !model.first[end])
        end++;
    return end;
}

static bool run_begins(size_t at)
{
    return model.place[at] == FREE && (at == 0 || model.place[at - 1] != FREE || model.first[at]);
}

/* Where a request should be served, PLACES: nowhere. The smallest run in which it fits wherever
 * that begins; of equal ones the lowest. */
static size_t should_serve(size_t granules, size_t align)
{
    size_t room = granules + align - 1, best = PLACES, best_length = SIZE_MAX;
    for (size_t at = 0; at < PLACES; at++) {
        if (!run_begins(at) || run_end(at) - at < room || run_end(at) - at >= best_length)
            continue;
        best = at;
        best_length = run_end(at) - at;
    }
    while (best < PLACES && ((uintptr_t)origin / G + best) % align != 0)
        best++;
    return best;
}

static void check_extent(const struct mortise_extent *extent, enum place place)
{
    size_t at = place_of(extent->base), end = at + extent->bytes / G;
    for (size_t i = at; i < end; i++) {
        assert_int_equal(model.place[i], place);
        if (place == USED)
            continue;
        if (model.pages[i])
            assert_true((i - at + 1) * G <= extent->dirty);
        if (model.written[i])
            assert_true((i - at + 1) * G <= extent->written);
    }
    if (place == FREE)
        assert_true(run_begins(at) && run_end(at) == end);
    assert_true(extent->dirty <= extent->written || place == USED);
    assert_true(extent->owner == &extents);
    assert_int_equal(extent->region != 0, model.first[at]);
}

static void check_all(void)
{
    static const enum place places[] = {NONE, FREE, USED, LENT};
    size_t held = 0, used = 0, dirty = 0, free_extents = 0, seen = 0;
    struct mortise_rb_node *node = mortise_rb_end(&extents.by_address, 0);
    for (; node != NULL; node = mortise_rb_beside(node, 1)) {
        const struct mortise_extent *extent = mortise_extent_of_address(node);
        check_extent(extent, places[extent->state]);
        held += extent->bytes;
        used += extent->state == MORTISE_EXTENT_USED ? extent->bytes : 0;
        dirty += extent->state != MORTISE_EXTENT_USED ? extent->dirty : 0;
        free_extents += extent->state == MORTISE_EXTENT_FREE;
        seen++;
    }
    assert_int_equal(extents.held, held);
    assert_int_equal(extents.used, used);
    assert_int_equal(extents.dirty, dirty);
    assert_int_equal(extents.free_extents, free_extents);
    assert_int_equal(extents.spares + seen, sizeof records / sizeof *records);
    const struct mortise_extent *last = NULL;
    for (node = mortise_rb_end(&extents.by_size, 0); node != NULL;
         node = mortise_rb_beside(node, 1)) {
        const struct mortise_extent *extent = mortise_extent_of_size(node);
        assert_true(last == NULL || mortise_extent_is_smaller(&last->by_size, &extent->by_size));
        last = extent;
        free_extents--;
    }
    assert_int_equal(free_extents, 0);
}

/* ---- what is done ---- */

static struct mortise_extent *get(size_t granules, size_t align)
{
    size_t expected = should_serve(granules, align);
    struct mortise_extent *extent = mortise_extents_take(&extents, granules * G, align * G);
    if (expected == PLACES) {
        assert_null(extent);
        return NULL;
    }
    assert_non_null(extent);
    assert_int_equal(place_of(extent->base), expected);
    assert_int_equal(extent->bytes, granules * G);
    for (size_t i = expected; i < expected + granules; i++) {
        if (model.written[i]) /* what calloc would rely on */
            assert_true((i - expected + 1) * G <= extent->written);
        model.place[i] = USED;
        model.pages[i] = model.written[i] = true;
    }
    return extent;
}

static void set_places(const char *base, size_t bytes, enum place place)
{
    for (size_t i = 0; i < bytes / G; i++) {
        model.place[place_of(base) + i] = place;
        if (place == USED)
            model.pages[place_of(base) + i] = model.written[place_of(base) + i] = true;
    }
}

static void put(struct mortise_extent *extent)
{
    set_places(extent->base, extent->bytes, FREE);
    mortise_extents_give(&extents, extent);
}

static void resize(struct mortise_extent *extent, size_t granules)
{
    size_t at = place_of(extent->base), had = extent->bytes / G, end = at + had;
    bool fits = granules <= had || (end < PLACES && run_begins(end) && !model.first[end] &&
                                    run_end(end) - end >= granules - had);
    assert_int_equal(mortise_extents_resize(&extents, extent, granules * G), fits);
    if (!fits)
        return;
    assert_int_equal(extent->bytes, granules * G);
    if (granules < had)
        set_places(extent->base + granules * G, (had - granules) * G, FREE);
    else
        set_places(extent->base, granules * G, USED);
}

static struct mortise_extent *lend(size_t granules)
{
    struct mortise_extent *chain = mortise_extents_lend(&extents, granules * G);
    size_t lent = 0;
    for (struct mortise_extent *extent = chain; extent != NULL; extent = extent->next) {
        set_places(extent->base, extent->bytes, LENT);
        lent += extent->lent;
    }
    assert_true(lent <= granules * G);
    return chain;
}

static void bring_back(struct mortise_extent *chain, bool purged)
{
    while (chain != NULL) {
        struct mortise_extent *extent = chain;
        chain = chain->next;
        set_places(extent->base, extent->bytes, FREE);
        for (size_t i = 0; purged && i < extent->lent / G; i++)
            model.pages[place_of(extent->base + extent->dirty) - 1 - i] = false;
        mortise_extents_return(&extents, extent, purged);
    }
}

/* ---- tests ---- */

static void by_hand(void **state)
{
    (void)state;
    struct mortise_extent *block[8];
    for (size_t i = 0; i < 8; i++)
        block[i] = get(i & 1 ? 1 : 2 + i, 1);
    assert_int_equal(place_of(block[0]->base), 64); /* the smallest region is the best fit */
    put(block[0]);                                  /* 2 */
    put(block[4]);                                  /* 6 */
    put(block[2]);                                  /* 4 */
    struct mortise_extent *again = get(2, 1);
    assert_int_equal(place_of(again->base), 64);
    put(again);
    put(block[1]); /* joins 2 + 1 + 4 */
    assert_int_equal(place_of(get(7, 1)->base), 64);
    check_all();
}

/* The first of two equal ones is the one at the lower address, whichever was freed last. */
static void equal_sizes(void **state)
{
    (void)state;
    struct mortise_extent *low = get(3, 1), *wall = get(1, 1), *high = get(3, 1), *end = get(25, 1);
    for (int round = 0; round < 2; round++) {
        put(round ? high : low);
        put(round ? low : high);
        low = get(2, 1);
        assert_int_equal(place_of(low->base), 64);
        put(low);
        low = get(3, 1), high = get(3, 1);
        assert_true(low->base < high->base);
    }
    (void)wall, (void)end;
    check_all();
}

static void random_traces(void **state)
{
    static struct mortise_extent *block[BLOCKS];
    for (uint32_t trace = 0; trace < 30; trace++) {
        begin(state);
        seed = trace * 100003;
        memset(block, 0, sizeof block);
        struct mortise_extent *lent = NULL;
        uint32_t most = 1 + random_below(12);
        for (int step = 0; step < 3000; step++) {
            struct mortise_extent **one = &block[random_below(BLOCKS)];
            if (*one == NULL)
                *one =
                    get(1 + random_below(most), (size_t)1 << (random_below(4) * !random_below(3)));
            else if (random_below(4) != 0)
                put(*one), *one = NULL;
            else
                resize(*one, 1 + random_below(2 * most));
            if (random_below(20) == 0) {
                bring_back(lent, random_below(2));
                lent = NULL;
            } else if (lent == NULL && random_below(20) == 0) {
                lent = lend(1 + random_below(40));
            }
            check_all();
        }
    }
}

static void lending_takes_what_was_asked(void **state)
{
    (void)state;
    struct mortise_extent *block = get(60, 1);
    put(block);
    size_t dirty = extents.dirty;
    assert_int_equal(dirty, (60 + 32) * G);
    struct mortise_extent *chain = lend(10);
    check_all();
    bring_back(chain, true);
    check_all();
    assert_int_equal(extents.dirty, dirty - 10 * G);
    chain = lend(1000);
    bring_back(chain, false); /* the system refused */
    assert_int_equal(extents.dirty, dirty - 10 * G);
    bring_back(lend(1000), true);
    assert_int_equal(extents.dirty, 0);
    assert_null(lend(1));
    check_all();
}

static void regions_leave_whole(void **state)
{
    (void)state;
    struct mortise_extent *block = get(40, 1); /* of the region apart */
    assert_int_equal(place_of(block->base), 120);
    struct mortise_extent *gone = mortise_extents_leave(&extents);
    size_t count = 0, bytes = 0;
    for (struct mortise_extent *extent = gone; extent != NULL; extent = extent->next) {
        assert_int_equal(extent->region_owned, place_of(extent->base) + 1);
        assert_int_equal(extent->region, extent->bytes);
        bytes += extent->bytes;
        count++;
    }
    assert_int_equal(count, 2);
    assert_int_equal(bytes, 96 * G);
    assert_int_equal(extents.held, 40 * G);
    assert_null(mortise_extents_take(&extents, G, G));
    while (gone != NULL) {
        struct mortise_extent *extent = gone;
        gone = gone->next;
        mortise_extents_add_again(&extents, extent);
    }
    check_all();
    put(block);
    check_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(by_hand, begin),
        cmocka_unit_test_setup(equal_sizes, begin),
        cmocka_unit_test_setup(random_traces, begin),
        cmocka_unit_test_setup(lending_takes_what_was_asked, begin),
        cmocka_unit_test_setup(regions_leave_whole, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
