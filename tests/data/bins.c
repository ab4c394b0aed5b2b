/* SPDX-License-Identifier: MIT */
/*
 * The bins of ptmalloc: chunks serve in the documented order, by hand and against a naive model on
 * random traces; tags and lists agree after every step; what is overwritten is noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <mortise/data/bins_area.h>
#include <mortise/data/bins_heap.h>

#include "bins_model.h"

enum { AREA = 1 << 20 };

static struct mortise_bins bins;
static char memory[4 * AREA] __attribute__((aligned(65536)));
static struct mortise_bins_rules rules = {true, true, 128};
static char *first; /* the first chunk */

static void begin(size_t fast_most, size_t flag)
{
    memset(&bins, 0, sizeof bins);
    memset(&model, 0, sizeof model);
    memset(memory, 0, sizeof memory);
    bins.flag = flag;
    rules.fast_most = model.fast_most = fast_most;
    model.last_remainder = TOP;
    mortise_bins_add(&bins, memory, AREA, true, true, 0, 0);
    first = memory + sizeof(struct mortise_heap_info);
    model.size = AREA - sizeof(struct mortise_heap_info);
}

static void *get(size_t size)
{
    return mortise_bins_alloc(&bins, mortise_chunk_for(size), rules).payload;
}

static void put(void *payload)
{
    assert_int_equal(mortise_bins_judge(&bins, mortise_chunk_of(payload), rules), MORTISE_OK);
    mortise_bins_free(&bins, payload, rules);
}

static struct mortise_chunk *chunk_at(size_t offset)
{
    return (struct mortise_chunk *)(void *)(first + offset);
}

/* ---- integrity ---- */

static void check_list(const struct mortise_chunk *head, const struct list *list)
{
    const struct mortise_chunk *chunk = head;
    for (int i = 0; i < list->count; i++) {
        chunk = chunk->fd;
        assert_ptr_equal(chunk, chunk_at((size_t)list->chunk[i]));
        assert_ptr_equal(chunk->bk->fd, chunk);
    }
    assert_ptr_equal(chunk->fd, head);
    assert_ptr_equal(head->bk, chunk);
}

/* The first of each size, and nobody else, is in the ring of sizes. */
static void check_ring(const struct mortise_chunk *head)
{
    const struct mortise_chunk *last = NULL;
    for (const struct mortise_chunk *chunk = head->fd; chunk != head; chunk = chunk->fd) {
        if (last != NULL && mortise_chunk_size(last) == mortise_chunk_size(chunk)) {
            assert_null(chunk->fd_nextsize);
            continue;
        }
        assert_non_null(chunk->fd_nextsize);
        if (last != NULL)
            assert_ptr_equal(last->fd_nextsize, chunk);
        if (last != NULL)
            assert_ptr_equal(chunk->bk_nextsize, last);
        last = chunk;
    }
    if (last != NULL)
        assert_ptr_equal(last->fd_nextsize, head->fd);
}

static void check_tags(void)
{
    bool prev_free = false;
    size_t offset = 0, used = 0;
    for (; offset < model.top; offset += *length_at(offset)) {
        struct mortise_chunk *chunk = chunk_at(offset);
        enum state state = *state_at(offset);
        assert_true(state == USED || state == FAST || state == FREE);
        assert_int_equal(mortise_chunk_size(chunk), *length_at(offset));
        assert_int_equal(mortise_chunk_prev_in_use(chunk), !prev_free);
        assert_int_equal((mortise_chunk_word(chunk) & MORTISE_CHUNK_FREE) != 0, state != USED);
        assert_int_equal(mortise_chunk_word(chunk) & MORTISE_CHUNK_OTHER_ARENA, bins.flag);
        assert_false(prev_free && state == FREE);
        prev_free = state == FREE;
        if (prev_free)
            assert_int_equal(mortise_chunk_next(chunk)->prev_size, *length_at(offset));
        used += state == USED ? *length_at(offset) : 0;
    }
    assert_int_equal(offset, model.top);
    assert_false(prev_free);
    assert_ptr_equal(bins.top, chunk_at(model.top));
    assert_int_equal(mortise_chunk_size(bins.top), model.size - model.top);
    assert_int_equal(bins.used, used);
    for (const char *zero = (char *)bins.fresh; zero < memory + AREA; zero += 64)
        assert_int_equal(*zero, 0);
}

static void check(void)
{
    check_tags();
    for (int i = UNSORTED; i < LISTS; i++) {
        check_list(&bins.bin[i], &model.bin[i]);
        if (model.bin[i].count > 0 && i != UNSORTED)
            assert_true((bins.map[i / 32] >> i % 32 & 1) != 0);
        if (i >= 64)
            check_ring(&bins.bin[i]);
    }
    size_t in_fast = 0;
    for (int i = 0; i < FASTS; i++) {
        struct mortise_chunk *chunk = bins.fast[i];
        for (int j = 0; j < model.fast[i].count; j++, in_fast++) {
            assert_ptr_equal(chunk, chunk_at((size_t)model.fast[i].chunk[j]));
            chunk = mortise_bins_follow(chunk, rules);
        }
        assert_null(chunk);
    }
    assert_int_equal(bins.fast_chunks, in_fast);
    assert_null(bins.corrupt);
}

/* ---- by hand ---- */

static void sizes_have_the_bins_of_64_bits(void **state)
{
    (void)state;
    static const struct {
        size_t first, last;
        unsigned bin;
    } ranges[] = {{32, 32, 2},           {1008, 1008, 63},      {1024, 1072, 64},
                  {1088, 1136, 65},      {3072, 3120, 96},      {3136, 3568, 97},
                  {3584, 4080, 98},      {10240, 10736, 111},   {10752, 12272, 112},
                  {12288, 16368, 113},   {36864, 40944, 119},   {40960, 65520, 120},
                  {65536, 98288, 121},   {131072, 163824, 123}, {163840, 262128, 124},
                  {262144, 524272, 125}, {524288, 1 << 30, 126}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        assert_int_equal(mortise_chunk_bin(ranges[i].first), ranges[i].bin);
        assert_int_equal(mortise_chunk_bin(ranges[i].last), ranges[i].bin);
    }
    for (size_t size = 32; size < 600000; size += 16)
        assert_int_equal(mortise_chunk_bin(size), bin_of(size));
    assert_int_equal(mortise_chunk_for(0), 32);
    assert_int_equal(mortise_chunk_for(24), 32);
    assert_int_equal(mortise_chunk_for(25), 48);
    assert_int_equal(mortise_chunk_for(1000), 1008);
    assert_int_equal(mortise_chunk_for(SIZE_MAX), 0);
}

static void a_fast_bin_serves_the_last_and_a_small_bin_the_oldest(void **state)
{
    (void)state;
    begin(128, 0);
    void *fast[3], *small[3];
    for (int i = 0; i < 3; i++) {
        fast[i] = get(100);
        small[i] = get(500);
        get(200); /* between them, so that nothing is joined */
    }
    for (int i = 0; i < 3; i++) {
        put(fast[i]);
        put(small[i]);
    }
    assert_ptr_equal(get(100), fast[2]);
    assert_ptr_equal(get(100), fast[1]);
    void *larger = get(600); /* sorts the small ones into their bin, oldest first */
    for (int i = 0; i < 3; i++)
        assert_true(larger != small[i]);
    for (int i = 0; i < 3; i++)
        assert_ptr_equal(get(500), small[i]);
}

static void the_unsorted_bin_serves_exact_sizes_from_the_oldest_on(void **state)
{
    (void)state;
    begin(0, 0);
    void *block[4];
    static const size_t sizes[] = {800, 600, 800, 600};
    for (int i = 0; i < 4; i++) {
        block[i] = get(sizes[i]);
        get(24);
    }
    for (int i = 0; i < 4; i++)
        put(block[i]);
    assert_ptr_equal(get(600), block[1]);
    assert_int_equal(mortise_chunk_bin(mortise_chunk_for(800)), 51);
    assert_ptr_equal(bins.bin[51].bk, mortise_chunk_of(block[0])); /* was passed, so is sorted */
    assert_ptr_equal(get(800), block[0]);
    assert_ptr_equal(get(800), block[2]);
}

static void requests_in_a_row_are_cut_from_the_last_remainder(void **state)
{
    (void)state;
    begin(0, 0);
    char *large = (char *)get(4000);
    get(24);
    put(large);
    char *a = (char *)get(100); /* by the map, from the large bin */
    char *b = (char *)get(200);
    char *c = (char *)get(300);
    assert_ptr_equal(a, large);
    assert_ptr_equal(b, a + mortise_chunk_for(100));
    assert_ptr_equal(c, b + mortise_chunk_for(200));
    assert_ptr_equal(bins.last_remainder, mortise_chunk_of(c + mortise_chunk_for(300)));
}

static void a_large_bin_serves_the_best_fit(void **state)
{
    (void)state;
    begin(0, 0);
    static const size_t sizes[] = {4032, 3800, 3900, 3800, 3700, 3800};
    void *block[6];
    for (int i = 0; i < 6; i++) {
        block[i] = get(sizes[i]);
        get(24);
    }
    for (int i = 0; i < 6; i++)
        put(block[i]);
    /* The first that was sorted stays first of its size; behind it comes the latest. */
    assert_ptr_equal(get(3770), block[5]);
    assert_ptr_equal(get(3770), block[3]);
    assert_ptr_equal(get(3770), block[1]);
    assert_ptr_equal(get(3770), block[2]);
}

static void what_is_fast_is_joined_when_nothing_else_serves(void **state)
{
    (void)state;
    begin(128, 0);
    enum { COUNT = 64 };
    void *block[COUNT];
    for (int i = 0; i < COUNT; i++)
        block[i] = get(120);
    get(24);
    for (int i = 0; i < COUNT; i++)
        put(block[i]);
    assert_int_equal(bins.fast_chunks, COUNT);
    char *before = (char *)bins.top;
    assert_ptr_equal(get(COUNT * 128 - 8), block[0]); /* a large request joins them first */
    assert_ptr_equal(bins.top, before);
    assert_int_equal(bins.fast_chunks, 0);
}

/* ---- random traces ---- */

static uint64_t chance(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static size_t some_size(uint64_t *seed)
{
    static const size_t most[] = {48, 130, 130, 900, 3000, 12000, 70000};
    return (size_t)(chance(seed) % most[chance(seed) % 7]);
}

static void trace(uint64_t seed, size_t fast_most, size_t flag)
{
    enum { BLOCKS = 300, STEPS = 6000 };
    static int block[BLOCKS]; /* offset + 1, 0: none */
    size_t refused = 0;
    begin(fast_most, flag);
    memset(block, 0, sizeof block);
    for (int step = 0; step < STEPS; step++) {
        int *slot = &block[chance(&seed) % BLOCKS];
        if (*slot != 0) {
            put(mortise_chunk_payload(chunk_at((size_t)*slot - 1)));
            model_free((size_t)*slot - 1);
            *slot = 0;
        } else {
            size_t size = some_size(&seed);
            struct mortise_cut cut = mortise_bins_alloc(&bins, mortise_chunk_for(size), rules);
            int expected = model_alloc(mortise_chunk_for(size));
            if (expected == TOP) {
                assert_null(cut.payload);
                refused++;
                continue;
            }
            assert_ptr_equal(cut.payload, mortise_chunk_payload(chunk_at((size_t)expected)));
            assert_true(cut.usable >= size && cut.dirty <= cut.usable);
            for (size_t i = cut.dirty; i < cut.usable; i++)
                assert_int_equal(((char *)cut.payload)[i], 0);
            memset(cut.payload, 0xA5, cut.usable);
            *slot = expected + 1;
        }
        check();
    }
    assert_true(refused > 0); /* full at times, which is when all is consolidated */
}

static void random_traces_are_served_as_documented(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        trace(seed, 128, 0);
        trace(seed + 100, 0, MORTISE_CHUNK_OTHER_ARENA);
    }
    rules.hidden = false;
    trace(77, 160, 0);
    rules.hidden = true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_the_bins_of_64_bits),
        cmocka_unit_test(a_fast_bin_serves_the_last_and_a_small_bin_the_oldest),
        cmocka_unit_test(the_unsorted_bin_serves_exact_sizes_from_the_oldest_on),
        cmocka_unit_test(requests_in_a_row_are_cut_from_the_last_remainder),
        cmocka_unit_test(a_large_bin_serves_the_best_fit),
        cmocka_unit_test(what_is_fast_is_joined_when_nothing_else_serves),
        cmocka_unit_test(random_traces_are_served_as_documented),
    };
    return cmocka_run_group_tests_name("bins", tests, NULL, NULL);
}
