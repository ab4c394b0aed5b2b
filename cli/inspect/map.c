/* SPDX-License-Identifier: MIT */
#include "map.h"

#include "../mem.h"

enum { EACH_LEAST = 16, ROWS_MORE = 8 /* times as many rows as asked for are the most */ };

/* Where the stretch ends that begins with a span: the index behind its last one. */
static size_t stretch_end(const struct inspect_heap *heap, size_t first)
{
    size_t i = first + 1;
    while (i < heap->span_count && heap->spans[i].address == heap->spans[i - 1].end)
        i++;
    return i;
}

/* Cells that all stretches take, each with the one behind it. */
static uint64_t cells_at(const struct inspect_heap *heap, uint64_t each)
{
    uint64_t cells = 0;
    for (size_t i = 0; i < heap->span_count;) {
        const size_t end = stretch_end(heap, i);
        cells += (heap->spans[end - 1].end - heap->spans[i].address + each - 1) / each + 1;
        i = end;
    }
    return cells;
}

/* Takes note of a span in the cells of its stretch, which begins with cell `first`. */
static void fill(struct map *map, size_t first, size_t most, uint64_t begin,
                 const struct inspect_span *span)
{
    for (uint64_t at = span->address; at < span->end;) {
        const uint64_t number = (at - begin) / map->each;
        uint64_t end = begin + (number + 1) * map->each;
        if (end > span->end)
            end = span->end;
        if (first + number >= most) {
            map->left_out += span->end - at;
            return;
        }
        map->cell[first + number].bytes[span->state] += end - at;
        at = end;
    }
}

struct map map_make(const struct inspect_heap *heap, size_t columns, size_t rows)
{
    struct map map = {.each = EACH_LEAST, .columns = columns};
    const size_t most = columns * rows * ROWS_MORE;
    uint64_t cells = cells_at(heap, map.each), before = 0;
    /* Larger cells are no help once each stretch has one. */
    for (; cells > columns * rows && cells != before && map.each < (uint64_t)1 << 56;) {
        before = cells;
        map.each *= 2;
        cells = cells_at(heap, map.each);
    }
    map.cell = mem_get((most + 1) * sizeof *map.cell);
    for (size_t i = 0; i < heap->span_count;) {
        const size_t end = stretch_end(heap, i), first = map.count;
        const uint64_t begin = heap->spans[i].address;
        const uint64_t wanted = (heap->spans[end - 1].end - begin + map.each - 1) / map.each;
        for (; i < end; i++)
            fill(&map, first, most, begin, &heap->spans[i]);
        for (uint64_t at = 0; at <= wanted && map.count < most; at++) {
            map.cell[map.count].address = begin + at * map.each;
            map.cell[map.count++].gap = at == wanted;
        }
    }
    if (map.count > 0 && map.cell[map.count - 1].gap)
        map.count--;
    return map;
}

size_t map_rows(const struct map *map)
{
    return (map->count + map->columns - 1) / map->columns;
}

enum inspect_state map_most(const struct map_cell *cell)
{
    enum inspect_state most = INSPECT_STATES;
    uint64_t bytes = 0;
    for (int state = 0; state < INSPECT_STATES; state++)
        if (cell->bytes[state] > bytes) {
            most = (enum inspect_state)state;
            bytes = cell->bytes[state];
        }
    return most;
}
