/* SPDX-License-Identifier: MIT */
#include "totals.h"

#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../text.h"

const char *inspect_state_name(enum inspect_state state)
{
    static const char *const names[INSPECT_STATES] = {"allocated", "cached",   "free",
                                                      "top",       "overhead", "opaque"};
    return names[state];
}

const char *inspect_model(const struct inspect *picture)
{
    const char *model = NULL;
    for (size_t i = 0; i < picture->layer_count; i++)
        model = text_join(model, "::", picture->layers[i].name);
    return model != NULL ? model : "?";
}

const char *inspect_moment(const struct inspect *picture)
{
    return strcmp(picture->moment, "end") == 0    ? "at its end"
           : strcmp(picture->moment, "live") == 0 ? "while it ran"
                                                  : "as it asked";
}

const char *inspect_bytes(uint64_t bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    double value = (double)bytes;
    for (; value >= 1024 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1024;
    return mem_format(unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

uint64_t inspect_all(const struct inspect_sum *sum)
{
    uint64_t all = 0;
    for (int state = 0; state < INSPECT_STATES; state++)
        all += sum->bytes[state];
    return all;
}

double inspect_fragmentation(const struct inspect_sum *sum)
{
    const uint64_t free = sum->bytes[INSPECT_FREE] + sum->bytes[INSPECT_TOP];
    return free == 0 ? 0 : 100 * (1 - (double)sum->largest_free / (double)free);
}

static void add(struct inspect_sum *sum, const struct inspect_span *span)
{
    const uint64_t bytes = span->end - span->address;
    sum->bytes[span->state] += bytes;
    sum->count[span->state]++;
    if ((span->state == INSPECT_FREE || span->state == INSPECT_TOP) && bytes > sum->largest_free)
        sum->largest_free = bytes;
}

struct inspect_sum inspect_sum_of(const struct inspect_heap *heap)
{
    struct inspect_sum sum = {0};
    for (size_t i = 0; i < heap->span_count; i++)
        add(&sum, &heap->spans[i]);
    return sum;
}

struct inspect_rows inspect_layers(const struct inspect *picture, const struct inspect_heap *heap)
{
    struct inspect_rows rows = {mem_get((picture->layer_count + 1) * sizeof *rows.row),
                                picture->layer_count};
    for (size_t i = 0; i < rows.count; i++)
        rows.row[i].layer = i;
    for (size_t i = 0; i < heap->piece_count; i++)
        if (heap->pieces[i].region)
            rows.row[heap->pieces[i].layer].parts += heap->pieces[i].count;
    for (size_t i = 0; i < heap->span_count; i++)
        add(&rows.row[heap->pieces[heap->spans[i].piece].layer].sum, &heap->spans[i]);
    return rows;
}

/* ---- rows by word and number ---- */

/* Open addressing: rows that are found by what they are of. */
struct finder {
    struct inspect_rows rows;
    size_t *slot; /* index of a row and 1, 0: none */
    size_t slots; /* a power of two */
};

static uint64_t key_of(const struct inspect_row *row)
{
    uint64_t key = row->layer + 1;
    for (const char *at = row->label; *at != '\0'; at++)
        key = (key ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    key = (key ^ row->number) * UINT64_C(0x9e3779b97f4a7c15);
    key = (key ^ row->thread) * UINT64_C(0x9e3779b97f4a7c15);
    return key ^ key >> 29;
}

static bool is_same(const struct inspect_row *a, const struct inspect_row *b)
{
    return a->layer == b->layer && a->number == b->number && a->thread == b->thread &&
           strcmp(a->label, b->label) == 0;
}

static void place(struct finder *finder, size_t index)
{
    size_t at = key_of(&finder->rows.row[index]) & (finder->slots - 1);
    while (finder->slot[at] != 0)
        at = (at + 1) & (finder->slots - 1);
    finder->slot[at] = index + 1;
}

static void widen(struct finder *finder)
{
    finder->slots = finder->slots == 0 ? 64 : 2 * finder->slots;
    finder->slot = mem_get(finder->slots * sizeof *finder->slot);
    for (size_t i = 0; i < finder->rows.count; i++)
        place(finder, i);
}

/* The row that is of the same as `like`, which is made if need be. */
static struct inspect_row *find(struct finder *finder, const struct inspect_row *like)
{
    if (2 * finder->rows.count >= finder->slots)
        widen(finder);
    for (size_t at = key_of(like) & (finder->slots - 1); finder->slot[at] != 0;
         at = (at + 1) & (finder->slots - 1))
        if (is_same(&finder->rows.row[finder->slot[at] - 1], like))
            return &finder->rows.row[finder->slot[at] - 1];
    struct inspect_rows *rows = &finder->rows;
    rows->row = mem_more(rows->row, rows->count, sizeof *rows->row);
    rows->row[rows->count] = *like;
    place(finder, rows->count);
    return &rows->row[rows->count++];
}

static int by_name(const void *left, const void *right)
{
    const struct inspect_row *a = left, *b = right;
    if (a->layer != b->layer)
        return a->layer < b->layer ? -1 : 1;
    const int order = strcmp(a->label, b->label);
    if (order != 0)
        return order;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->thread < b->thread ? -1 : a->thread > b->thread;
}

static int by_memory(const void *left, const void *right)
{
    const struct inspect_row *a = left, *b = right;
    const uint64_t mine = inspect_all(&a->sum), others = inspect_all(&b->sum);
    return mine != others ? (mine > others ? -1 : 1) : by_name(left, right);
}

static int region_by_address(const void *left, const void *right)
{
    const struct inspect_piece *a = *(const struct inspect_piece *const *)left;
    const struct inspect_piece *b = *(const struct inspect_piece *const *)right;
    return a->address < b->address ? -1 : a->address > b->address;
}

/* The spans in the regions of a layer. */
static void add_parts(struct finder *finder, const struct inspect_heap *heap, size_t layer)
{
    const struct inspect_piece **region =
        mem_get((heap->piece_count + 1) * sizeof(const struct inspect_piece *));
    size_t count = 0, span = 0;
    for (size_t i = 0; i < heap->piece_count; i++)
        if (heap->pieces[i].region && heap->pieces[i].layer == layer)
            region[count++] = &heap->pieces[i];
    if (count > 0)
        qsort(region, count, sizeof(const struct inspect_piece *), region_by_address);
    uint64_t done = 0;
    for (size_t i = 0; i < count; i++) {
        const struct inspect_row like = {
            .layer = layer, .label = region[i]->label, .number = region[i]->number};
        const uint64_t end =
            region[i]->address + region[i]->stride * (region[i]->count - 1) + region[i]->size;
        struct inspect_row *row = find(finder, &like);
        if (end <= done)
            continue; /* told before */
        row->parts += region[i]->count;
        while (span < heap->span_count && heap->spans[span].address < region[i]->address)
            span++;
        for (; span < heap->span_count && heap->spans[span].address < end; span++)
            add(&row->sum, &heap->spans[span]);
        done = end;
    }
}

struct inspect_rows inspect_parts(const struct inspect *picture, const struct inspect_heap *heap)
{
    struct finder finder = {{NULL, 0}, NULL, 0};
    for (size_t layer = 0; layer < picture->layer_count; layer++)
        add_parts(&finder, heap, layer);
    if (finder.rows.count > 0)
        qsort(finder.rows.row, finder.rows.count, sizeof *finder.rows.row, by_memory);
    return finder.rows;
}

/* Rows of the pieces in one state; those of caches by thread, without a number. */
static struct inspect_rows rows_of(const struct inspect_heap *heap, enum inspect_state state)
{
    struct finder finder = {{NULL, 0}, NULL, 0};
    for (size_t i = 0; i < heap->span_count; i++) {
        const struct inspect_piece *piece = &heap->pieces[heap->spans[i].piece];
        if (heap->spans[i].state != state)
            continue;
        struct inspect_row like = {.layer = piece->layer, .label = piece->label};
        if (state == INSPECT_CACHED)
            like.thread = heap->threads[piece->thread].thread;
        else
            like.number = piece->number;
        struct inspect_row *row = find(&finder, &like);
        add(&row->sum, &heap->spans[i]);
        row->parts++;
    }
    if (finder.rows.count > 0)
        qsort(finder.rows.row, finder.rows.count, sizeof *finder.rows.row, by_name);
    return finder.rows;
}

struct inspect_rows inspect_bins(const struct inspect_heap *heap)
{
    return rows_of(heap, INSPECT_FREE);
}

struct inspect_rows inspect_caches(const struct inspect_heap *heap)
{
    return rows_of(heap, INSPECT_CACHED);
}
