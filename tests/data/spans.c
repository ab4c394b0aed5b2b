/* SPDX-License-Identifier: MIT */
/*
 * Spans: on random traces, what serves is what the definition of address-ordered best fit says, as
 * a naive model finds it that knows of each unit only whether it is in use; headers agree with it
 * after every step; what is said to be zero is zero; marks tell what was freed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <mortise/data/spans.h>

enum {
    CHUNK = 16384,
    CHUNKS = 3,
    UNIT = MORTISE_SPAN_UNIT,
    UNITS = CHUNK / UNIT,
    ALL = CHUNKS * UNITS,
    BLOCKS = 150
};

static char memory[CHUNKS * CHUNK] __attribute__((aligned(16384)));
static struct mortise_spans spans;
static uint32_t seed;

/* Of each unit, and in front of each span that is in use, so that they are told apart. */
enum unit { WALL, FREE, USED, FIRST };
static enum unit unit[ALL];

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

static size_t unit_of(const void *address)
{
    return (size_t)((const char *)address - memory) / UNIT;
}

static int begin(void **state)
{
    (void)state;
    memset(&spans, 0, sizeof spans);
    memset(memory, 0, sizeof memory);
    memset(unit, 0, sizeof unit);
    for (size_t i = 0; i < CHUNKS; i++) {
        bool zeroed = i != 1;
        if (!zeroed)
            memset(memory + i * CHUNK, 0x5a, CHUNK);
        mortise_spans_add(&spans, mortise_spans_begin(memory + i * CHUNK, CHUNK, zeroed, i));
        for (size_t j = i * UNITS + 1; j < (i + 1) * UNITS - 1; j++)
            unit[j] = FREE;
    }
    return 0;
}

static size_t run_end(size_t at)
{
    while (unit[at] == FREE) /* a wall is at the end */
        at++;
    return at;
}

/* The unit at which a span should begin, ALL: nowhere. */
static size_t should_serve(size_t size, size_t align)
{
    size_t room = mortise_span_room(size, align) / UNIT, best = ALL, best_length = ALL + 1;
    for (size_t at = 1; at < ALL; at++) {
        size_t length = run_end(at) - at;
        if (length == 0)
            continue;
        if (length >= room && length < best_length) {
            best = at;
            best_length = length;
        }
        at += length;
    }
    if (best == ALL || align <= UNIT || ((best + 1) * UNIT) % align == 0)
        return best;
    size_t at = best + 2; /* what is left in front is a span */
    while (((at + 1) * UNIT) % align != 0)
        at++;
    return at;
}

static void check_all(void)
{
    size_t used = 0, free_spans = 0;
    for (size_t i = 0; i < CHUNKS; i++) {
        struct mortise_span *prev = NULL, *span = mortise_span_at(memory, i * CHUNK + UNIT);
        for (; span->size != 0; prev = span, span = mortise_span_next(span)) {
            size_t at = unit_of(span), end = at + span->size / UNIT;
            assert_ptr_equal(span->prev, prev);
            if (mortise_span_is_used(span)) {
                assert_int_equal(unit[at], FIRST);
                for (size_t j = at + 1; j < end; j++)
                    assert_int_equal(unit[j], USED);
                used += span->size;
                continue;
            }
            assert_true(mortise_span_is_freed(span));
            assert_int_equal(run_end(at), end);
            assert_true(span->written <= span->size && span->written >= MORTISE_SPAN_LEAST);
            for (size_t j = span->written; j < span->size; j++)
                assert_int_equal(((const char *)span)[j], 0);
            free_spans++;
        }
        assert_ptr_equal(span, memory + (i + 1) * CHUNK - UNIT);
        assert_ptr_equal(span->prev, prev);
    }
    assert_int_equal(spans.used, used);
    assert_int_equal(spans.free_spans, free_spans);
    const struct mortise_span *last = NULL;
    for (struct mortise_rb_node *node = mortise_rb_end(&spans.by_size, 0); node != NULL;
         node = mortise_rb_beside(node, 1)) {
        const struct mortise_span *span = mortise_span_of_node(node);
        assert_true(last == NULL || last->size < span->size ||
                    (last->size == span->size && last < span));
        last = span;
        free_spans--;
    }
    assert_int_equal(free_spans, 0);
}

static void set_units(const struct mortise_span *span, enum unit first, enum unit rest)
{
    for (size_t i = 0; i < span->size / UNIT; i++)
        unit[unit_of(span) + i] = i == 0 ? first : rest;
}

static struct mortise_span *get(size_t request, size_t align)
{
    size_t size = mortise_span_for(request), expected = should_serve(size, align);
    struct mortise_span *span = mortise_spans_take(&spans, size, align);
    if (expected == ALL) {
        assert_null(span);
        return NULL;
    }
    assert_non_null(span);
    assert_int_equal(unit_of(span), expected);
    assert_true(span->size == size || span->size == size + UNIT); /* less is no span */
    assert_true(request <= span->size - MORTISE_SPAN_HEAD);
    assert_int_equal((uintptr_t)mortise_span_payload(span) % align, 0);
    for (size_t j = span->written; j < span->size; j++) /* what calloc relies on */
        assert_int_equal(((const char *)span)[j], 0);
    set_units(span, FIRST, USED);
    memset(mortise_span_payload(span), 0xff, span->size - MORTISE_SPAN_HEAD);
    return span;
}

static void put(struct mortise_span *span)
{
    assert_true(mortise_span_is_used(span));
    set_units(span, FREE, FREE);
    mortise_spans_give(&spans, span);
    assert_true(mortise_span_is_freed(span));
}

static void resize(struct mortise_span *span, size_t request)
{
    size_t size = mortise_span_for(request), had = span->size;
    size_t room = (run_end(unit_of(span) + had / UNIT) - unit_of(span)) * UNIT;
    assert_int_equal(mortise_spans_resize(&spans, span, size), size <= room);
    if (size > room) {
        assert_int_equal(span->size, had);
        return;
    }
    assert_true(span->size >= size && span->size - size <= UNIT);
    for (size_t at = unit_of(span); at < unit_of(span) + had / UNIT; at++)
        unit[at] = FREE;
    set_units(span, FIRST, USED);
    memset(mortise_span_payload(span), 0xff, span->size - MORTISE_SPAN_HEAD);
}

static void random_traces(void **state)
{
    static struct mortise_span *block[BLOCKS];
    for (uint32_t trace = 0; trace < 20; trace++) {
        begin(state);
        seed = trace * 100003;
        memset(block, 0, sizeof block);
        uint32_t most = 100 + random_below(2000);
        for (int step = 0; step < 2000; step++) {
            struct mortise_span **one = &block[random_below(BLOCKS)];
            if (*one == NULL)
                *one = get(random_below(most), (size_t)16 << (random_below(8) * !random_below(3)));
            else if (random_below(4) != 0)
                put(*one), *one = NULL;
            else
                resize(*one, random_below(2 * most));
            check_all();
        }
    }
}

static void by_hand(void **state)
{
    (void)state;
    struct mortise_span *block[7];
    for (size_t i = 0; i < 7; i++)
        block[i] = get(i & 1 ? 10 : 200 + 100 * i, 16); /* walls between 200, 400, 600, 800 */
    put(block[4]);
    put(block[0]);
    put(block[2]);
    assert_ptr_equal(get(300, 16), block[2]); /* the smallest that is large enough */
    assert_ptr_equal(get(40, 16), mortise_span_next(block[2])); /* so is what that left */
    assert_ptr_equal(get(100, 16), block[0]);
    assert_ptr_equal(get(500, 16), block[4]);
    assert_ptr_equal(get(900, 16), mortise_span_next(block[6]));
    check_all();
}

/* A chunk that is empty is told; a second free is, also of what lies within a larger free span. */
static void empty_chunks_and_marks(void **state)
{
    (void)state;
    struct mortise_span *a = get(1000, 16), *b = get(1000, 16), *c = get(1000, 16);
    put(a);
    put(c);
    put(b);
    assert_true(mortise_span_is_chunk(a));
    assert_true(mortise_span_is_freed(a) && mortise_span_is_freed(b) && mortise_span_is_freed(c));
    assert_false(mortise_span_is_freed(mortise_span_at(b, UNIT)));
    assert_false(mortise_span_is_used(mortise_span_at(b, UNIT)));
    assert_ptr_equal(mortise_spans_remove(&spans, a), memory);
    assert_int_equal(spans.held, 2 * CHUNK);
    mortise_spans_add(&spans, mortise_spans_begin(memory, CHUNK, false, 0));
    assert_ptr_equal(spans.empty, a);
    assert_ptr_equal(get(1000, 16), a);
    assert_null(spans.empty);
    check_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(by_hand, begin),
        cmocka_unit_test_setup(empty_chunks_and_marks, begin),
        cmocka_unit_test_setup(random_traces, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
