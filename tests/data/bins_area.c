/* SPDX-License-Identifier: MIT */
/*
 * What the bins of ptmalloc do beside serving: blocks grow and shrink, areas come and go, misuse is
 * noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <mortise/data/bins_area.h>
#include <mortise/data/bins_heap.h>

enum { AREA = 1 << 20, UNSORTED = MORTISE_BINS_UNSORTED };

static struct mortise_bins bins;
static char memory[4 * AREA] __attribute__((aligned(65536)));
static struct mortise_bins_rules rules = {true, true, 128};
static char *first; /* the first chunk */

static void begin(size_t fast_most)
{
    memset(&bins, 0, sizeof bins);
    memset(memory, 0, sizeof memory);
    rules.fast_most = fast_most;
    mortise_bins_add(&bins, memory, AREA, true, true, 0, 0);
    first = memory + sizeof(struct mortise_heap_info);
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

static void blocks_grow_into_what_is_free_behind_them(void **state)
{
    (void)state;
    begin(0);
    char *a = (char *)get(1000), *b = (char *)get(1000), *c = (char *)get(1000);
    assert_false(mortise_bins_resize(&bins, a, mortise_chunk_for(1500), rules));
    put(b);
    assert_true(mortise_bins_resize(&bins, a, mortise_chunk_for(1500), rules));
    assert_int_equal(mortise_chunk_usable(a), 1512);
    assert_true(mortise_bins_resize(&bins, a, mortise_chunk_for(2000), rules));
    assert_int_equal(mortise_chunk_usable(a), 2008); /* all of it: what is left is no chunk */
    assert_false(mortise_bins_resize(&bins, a, mortise_chunk_for(2100), rules));
    assert_true(mortise_bins_resize(&bins, a, mortise_chunk_for(100), rules));
    assert_ptr_equal(get(1800), a + 112);
    assert_true(mortise_bins_resize(&bins, c, mortise_chunk_for(50000), rules)); /* into the top */
    assert_int_equal(mortise_chunk_usable(c), 50008);
    assert_int_equal(bins.used, 112 + 1808 + 50016);
}

static void aligned_blocks_leave_nothing_behind(void **state)
{
    (void)state;
    begin(128);
    for (size_t align = 32; align <= 65536; align *= 2) {
        for (size_t size = 1; size < 3000; size += 500) {
            void *pad = get(40 + size % 48);
            size_t need = mortise_chunk_for(size);
            struct mortise_cut cut = mortise_bins_alloc_aligned(&bins, need, align, rules);
            assert_non_null(cut.payload);
            assert_int_equal((uintptr_t)cut.payload % align, 0);
            assert_true(cut.usable >= size && cut.usable < size + 64);
            memset(cut.payload, 0xA5, cut.usable);
            put(cut.payload);
            put(pad);
        }
    }
    mortise_bins_consolidate(&bins, rules);
    assert_ptr_equal(bins.top, first);
    assert_int_equal(bins.used, 0);
}

static void areas_follow_each_other_and_go(void **state)
{
    (void)state;
    begin(0);
    char *large = (char *)get(AREA - 1000); /* leaves a little of the top */
    assert_non_null(large);
    assert_null(get(3000));
    mortise_bins_add(&bins, memory + 2 * AREA, AREA, true, true, 0, 0);
    char *next = (char *)get(3000);
    assert_true(next > memory + 2 * AREA);
    char *rest = (char *)get(500); /* what was the top is in a bin */
    assert_true(rest > large && rest < memory + AREA);
    assert_false(mortise_bins_is_area_free(&bins));
    put(next);
    assert_true(mortise_bins_is_area_free(&bins));
    put(rest);
    assert_true(mortise_bins_room_before(&bins) < 1000);
    put(large);
    assert_int_equal(mortise_bins_room_before(&bins), AREA - sizeof(struct mortise_heap_info));
    assert_ptr_equal(mortise_bins_drop_area(&bins, true), memory + 2 * AREA);
    assert_ptr_equal(bins.top, first);
    assert_int_equal(mortise_chunk_size(bins.top), AREA - sizeof(struct mortise_heap_info));
    assert_int_equal(bins.held, AREA);
    assert_false(mortise_bins_is_area_free(&bins)); /* it is the first */
}

/* The top is as small as it can be when the next area comes. */
static void a_small_top_is_fence_as_a_whole(void **state)
{
    (void)state;
    for (size_t left = 32; left <= 64; left += 16) {
        begin(0);
        size_t most = AREA - sizeof(struct mortise_heap_info);
        char *large = (char *)get(most - left - 8);
        assert_int_equal(mortise_chunk_size(bins.top), left);
        mortise_bins_add(&bins, memory + 2 * AREA, AREA, true, true, 0, 0);
        put(large); /* must not run into what lies behind the area */
        char *next = (char *)get(AREA / 2);
        assert_ptr_equal(next, large);
        put(next);
        assert_ptr_equal(mortise_bins_drop_area(&bins, true), memory + 2 * AREA);
        assert_ptr_equal(bins.top, first);
        assert_int_equal(mortise_chunk_size(bins.top), most);
    }
}

static void the_end_of_the_top_can_go_and_come_back(void **state)
{
    (void)state;
    begin(0);
    char *a = (char *)get(100000);
    memset(a, 1, 100000);
    assert_int_equal(mortise_bins_excess(&bins, AREA), 0);
    size_t excess = mortise_bins_excess(&bins, 200000);
    assert_true(excess > 0 && excess % 65536 == 0);
    char *end = (char *)mortise_bins_cut_end(&bins, excess);
    assert_ptr_equal(end, memory + AREA - excess);
    assert_true(mortise_chunk_size(bins.top) >= 200000);
    mortise_bins_add(&bins, end, excess, true, true, 0, 0);
    assert_int_equal(mortise_chunk_size(bins.top) + 100016 + 48, AREA);
    assert_true(bins.fresh < (uintptr_t)a + 100100); /* all behind the block is still fresh */
    put(a);
    memset(a, 1, AREA / 2);
    bins.fresh = (uintptr_t)a + AREA / 2;
    excess = mortise_bins_excess(&bins, 0);
    end = (char *)mortise_bins_cut_end(&bins, excess);
    assert_true(bins.fresh <= (uintptr_t)end);
}

/* ---- misuse ---- */

static enum mortise_error judged(void *payload)
{
    return mortise_bins_judge(&bins, mortise_chunk_of(payload), rules);
}

static void a_second_free_is_noticed_wherever_the_chunk_is(void **state)
{
    (void)state;
    begin(128);
    char *fast = (char *)get(100), *other = (char *)get(100);
    put(fast);
    put(other); /* the original looks at the last one of a fast bin only */
    assert_int_equal(judged(fast), MORTISE_DOUBLE_FREE);
    char *block[3] = {(char *)get(600), (char *)get(600), (char *)get(600)};
    get(24);
    put(block[0]);
    assert_int_equal(judged(block[0]), MORTISE_DOUBLE_FREE);
    put(block[2]);
    put(block[1]); /* joins all three */
    for (int i = 0; i < 3; i++)
        assert_int_equal(judged(block[i]), MORTISE_DOUBLE_FREE);
    char *last = (char *)get(50000);
    put(last);
    assert_ptr_equal(bins.top, mortise_chunk_of(last));
    assert_int_equal(judged(last), MORTISE_DOUBLE_FREE);
}

static void overwritten_tags_are_noticed(void **state)
{
    (void)state;
    begin(0);
    char *a = (char *)get(600), *b = (char *)get(600);
    char *guard = (char *)get(24);
    struct mortise_chunk *chunk = mortise_chunk_of(b);
    size_t word = chunk->size_flags;
    static const size_t bad[] = {0, 17, 2, 4, 1 << 24};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        chunk->size_flags = bad[i] < 16 && bad[i] != 0 ? word | bad[i] : bad[i];
        assert_int_equal(judged(b), MORTISE_CORRUPT);
    }
    chunk->size_flags = word;
    put(b);
    chunk->fd = mortise_chunk_of(guard); /* whoever writes to a freed block */
    put(a);                              /* would be joined with it */
    assert_ptr_equal(bins.corrupt, chunk);
    bins.corrupt = NULL;
    begin(0);
    a = (char *)get(600);
    get(24);
    put(a);
    mortise_chunk_next(mortise_chunk_of(a))->prev_size = 48;
    assert_true(get(600) != a);
    assert_ptr_equal(bins.corrupt, mortise_chunk_of(a));
    assert_ptr_equal(bins.bin[UNSORTED].fd, &bins.bin[UNSORTED]); /* given up */
}

static void a_hidden_link_cannot_be_written_by_guessing(void **state)
{
    (void)state;
    begin(128);
    get(5000); /* so that the bits of the address that mix in are not those of an aligned one */
    char *a = (char *)get(100), *b = (char *)get(100);
    put(a);
    put(b);
    mortise_chunk_of(b)->fd = mortise_chunk_of(a); /* the address itself, as without hiding */
    assert_ptr_equal(get(100), b);
    assert_ptr_equal(bins.corrupt, mortise_chunk_of(b));
    assert_true(get(100) != a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_grow_into_what_is_free_behind_them),
        cmocka_unit_test(aligned_blocks_leave_nothing_behind),
        cmocka_unit_test(areas_follow_each_other_and_go),
        cmocka_unit_test(a_small_top_is_fence_as_a_whole),
        cmocka_unit_test(the_end_of_the_top_can_go_and_come_back),
        cmocka_unit_test(a_second_free_is_noticed_wherever_the_chunk_is),
        cmocka_unit_test(overwritten_tags_are_noticed),
        cmocka_unit_test(a_hidden_link_cannot_be_written_by_guessing),
    };
    return cmocka_run_group_tests_name("bins_area", tests, NULL, NULL);
}
