/* SPDX-License-Identifier: MIT */
/*
 * What a picture of a heap is read as and painted to, and what becomes of text that is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "inspect/map.h"
#include "inspect/totals.h"
#include "mem.h"

#define HEAD                                                                                       \
    "mortise-heap 1\nprocess 17\nprogram /bin/a b\ncomposition c\nmoment end\nconsistent yes\n"    \
    "layer 0 mmap_heap 1 1\nlayer 1 tlsf_glk 2 1\nlayer 2 slab_lk 3 1\nlayer 3 cache 0 1\nheap "   \
    "0\n"
enum { HEAD_LINES = 11 };

static struct diags diags;

static bool read_text(struct inspect *picture, const char *text)
{
    memset(&diags, 0, sizeof diags);
    return inspect_read(picture, "it", text, strlen(text), &diags);
}

/* The pieces as a whole picture. */
static void read_pieces(struct inspect *picture, const char *pieces)
{
    size_t lines = HEAD_LINES;
    for (const char *at = pieces; *at != '\0'; at++)
        lines += *at == '\n';
    assert_true(read_text(picture, mem_format(HEAD "%send %zu\n", pieces, lines)));
    assert_int_equal(picture->heap_count, 1);
}

static void is_span(const struct inspect *picture, size_t index, uint64_t address, uint64_t size,
                    enum inspect_state state)
{
    const struct inspect_heap *heap = &picture->heaps[0];
    assert_true(index < heap->span_count);
    assert_int_equal(heap->spans[index].address, address);
    assert_int_equal(heap->spans[index].end - heap->spans[index].address, size);
    assert_int_equal(heap->spans[index].state, state);
}

static void test_head(void **state)
{
    (void)state;
    struct inspect picture;
    read_pieces(&picture, "");
    assert_int_equal(picture.process, 17);
    assert_string_equal(picture.program, "/bin/a b");
    assert_string_equal(inspect_model(&picture), "mmap_heap::tlsf_glk::slab_lk::cache");
    assert_true(picture.consistent);
    assert_int_equal(picture.heaps[0].span_count, 0);
    mem_release();
}

/* Of a heap where there are no processes. */
static void test_nobody(void **state)
{
    (void)state;
    struct inspect picture;
    assert_true(read_text(&picture, "mortise-heap 1\ncomposition c\nmoment call\nconsistent yes\n"
                                    "layer 0 vmalloc_heap 1 1\nheap 0\nend 6\n"));
    assert_null(picture.program);
    assert_string_equal(inspect_moment(&picture), "as it asked");
    mem_release();
}

/* A region, a run of blocks, and between them what is the layer's own. */
static void test_run(void **state)
{
    (void)state;
    struct inspect picture;
    read_pieces(&picture, "r 0 10000 1000 1000 1 mapping 0\na 1 10010 28 30 3 - 0\n"
                          "f 1 100a0 f58 f58 1 list f00\n");
    is_span(&picture, 0, 0x10000, 0x10, INSPECT_OWN);
    for (size_t i = 0; i < 3; i++) {
        is_span(&picture, 1 + 2 * i, 0x10010 + i * 0x30, 0x28, INSPECT_ALLOCATED);
        is_span(&picture, 2 + 2 * i, 0x10038 + i * 0x30, 8, INSPECT_OWN);
    }
    is_span(&picture, 7, 0x100a0, 0xf58, INSPECT_FREE);
    is_span(&picture, 8, 0x10ff8, 8, INSPECT_OWN);
    assert_int_equal(picture.heaps[0].span_count, 9);
    const struct inspect_rows bins = inspect_bins(&picture.heaps[0]);
    assert_int_equal(bins.count, 1);
    assert_int_equal(bins.row[0].number, 0xf00);
    mem_release();
}

/* What a layer cuts up is allocated to it only; what of it is left over is the giver's own. */
static void test_layers(void **state)
{
    (void)state;
    struct inspect picture;
    read_pieces(&picture, "r 0 10000 1000 1000 1 mapping 0\na 1 10000 808 808 1 - 0\n"
                          "f 1 10808 7f8 7f8 1 list 700\nr 2 10000 800 800 1 slab 200\n"
                          "a 2 10000 200 200 2 class 200\nt 2 10400 400 400 1 slab 200\n"
                          "state 1 99\nc 3 10200 200 200 1 class 200\n");
    is_span(&picture, 0, 0x10000, 0x200, INSPECT_ALLOCATED);
    is_span(&picture, 1, 0x10200, 0x200, INSPECT_CACHED);
    is_span(&picture, 2, 0x10400, 0x400, INSPECT_TOP);
    is_span(&picture, 3, 0x10800, 8, INSPECT_OWN);
    is_span(&picture, 4, 0x10808, 0x7f8, INSPECT_FREE);
    const struct inspect_rows caches = inspect_caches(&picture.heaps[0]);
    assert_int_equal(caches.count, 1);
    assert_int_equal(caches.row[0].thread, 99);
    const struct inspect_rows parts = inspect_parts(&picture, &picture.heaps[0]);
    assert_int_equal(parts.count, 2);
    assert_int_equal(inspect_all(&parts.row[0].sum), 0x1000);
    assert_string_equal(parts.row[1].label, "slab");
    assert_int_equal(parts.row[1].sum.bytes[INSPECT_CACHED], 0x200);
    mem_release();
}

static void test_odd_pieces(void **state)
{
    (void)state;
    struct inspect picture;
    read_pieces(&picture, "r 0 10000 1000 1000 1 mapping 0\na 1 10000 100 100 1 - 0\n"
                          "a 1 10080 100 100 1 - 0\nt 0 10800 800 800 1 reserve 0\n"
                          "r 2 10200 100 100 1 opaque 0\n");
    assert_int_equal(picture.heaps[0].overlap, 0x80);
    assert_int_equal(picture.heaps[0].reserved, 0x800);
    const struct inspect_sum sum = inspect_sum_of(&picture.heaps[0]);
    assert_int_equal(sum.bytes[INSPECT_OPAQUE], 0x100);
    assert_int_equal(inspect_all(&sum), 0x800);
    mem_release();
}

/* Every byte is in one cell, with as many cells as are wanted, or about. */
static void test_map(void **state)
{
    (void)state;
    struct inspect picture;
    read_pieces(&picture, "r 0 10000 100000 100000 1 mapping 0\na 1 10010 28 30 1000 - 0\n"
                          "r 0 7f0000000000 3000 3000 1 mapping 0\n");
    for (size_t columns = 8; columns <= 96; columns += 11) {
        const struct map map = map_make(&picture.heaps[0], columns, 20);
        uint64_t bytes = map.left_out;
        for (size_t i = 0; i < map.count; i++)
            for (int is = 0; is < INSPECT_STATES; is++)
                bytes += map.cell[i].bytes[is];
        assert_int_equal(bytes, 0x103000);
        assert_true(map.count <= columns * 20 && map.count > columns * 5);
    }
    mem_release();
}

static void test_wrong_pieces(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "a 4 10000 10 10 1 - 0\n",                      /* no such layer */
        "a 1 10000 0 10 1 - 0\n",                       /* nothing */
        "a 1 10000 10 10 0 - 0\n",                      /* none */
        "a 1 10000 10 8 2 - 0\n",                       /* in each other */
        "a 1 ffffffffffffff00 200 200 1 - 0\n",         /* nowhere */
        "a 1 10000 ffffffffffffffff 1 1 - 0\n",         /* everywhere */
        "a 1 10000 10 ffffffffffff 7fffffffffff - 0\n", /* many */
        "a 1 10000 10 10 1fffffff - 0\n",               /* more than can be shown */
        "a 1 10000 10 10 1 -\n",                        /* too few words */
        "a 1 10000 1g 10 1 - 0\n",                      /* no figure */
        "x 1 10000 10 10 1 - 0\n",                      /* no state */
        "state 1\n",
        "layer 7 x 0 1\n",
        "heap\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct inspect picture;
        assert_false(read_text(&picture, mem_format(HEAD "%send 12\n", wrong[i])));
        assert_int_equal(diags.count, 1);
        assert_non_null(strstr(diags.list[0].message, "line 12"));
        mem_release();
    }
}

static void show_all(const struct inspect *picture)
{
    FILE *out = fopen("/dev/null", "w");
    assert_non_null(out);
    inspect_text(picture, out);
    inspect_json(picture, out);
    inspect_svg(picture, out);
    inspect_html(picture, out);
    fclose(out);
}

static const char whole[] =
    HEAD "r 0 10000 1000 1000 1 mapping 0\na 1 10000 808 808 1 - 0\nf 1 10808 7f8 7f8 1 list 700\n"
         "r 2 10000 800 800 1 slab 200\na 2 10000 200 200 2 class 200\nstate 1 99\n"
         "c 3 10200 200 200 1 class 200\nt 2 10400 400 400 1 slab 200\nend 19\n";

/* Nothing but the whole is a picture. */
static void test_every_beginning(void **state)
{
    (void)state;
    struct inspect picture;
    assert_true(read_text(&picture, whole));
    show_all(&picture);
    for (size_t length = 0; length < strlen(whole); length++) {
        memset(&diags, 0, sizeof diags);
        assert_false(inspect_read(&picture, "it", mem_text(whole, length), length, &diags));
        assert_int_equal(diags.count, 1);
        mem_release();
    }
}

/* Bytes by chance in it: what is read all the same is shown. */
static void test_damaged(void **state)
{
    (void)state;
    uint64_t seed = 1;
    unsigned good = 0;
    const char *more = getenv("MORTISE_TEST_ROUNDS");
    const int rounds = 2000 * (more != NULL ? atoi(more) : 1);
    for (int round = 0; round < rounds; round++) {
        struct inspect picture;
        char *text = mem_text(whole, strlen(whole));
        for (int i = round % 4; i >= 0; i--) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            static const char bytes[] = "0123456789abcdef rtacfx\n-";
            const size_t at = (size_t)(seed >> 33) % strlen(whole);
            text[at] = bytes[(seed >> 24) % (sizeof bytes - 1)];
            if ((seed >> 20) % 8 == 0)
                text[at] = (char)(seed >> 24);
        }
        memset(&diags, 0, sizeof diags);
        if (inspect_read(&picture, "it", text, strlen(whole), &diags)) {
            good++;
            show_all(&picture);
        } else {
            assert_int_equal(diags.count, 1);
        }
        mem_release();
    }
    assert_true(good > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head),         cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_run),          cmocka_unit_test(test_layers),
        cmocka_unit_test(test_odd_pieces),   cmocka_unit_test(test_map),
        cmocka_unit_test(test_wrong_pieces), cmocka_unit_test(test_every_beginning),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
