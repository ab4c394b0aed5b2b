/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "../mem.h"
#include "inspect.h"
#include "map.h"
#include "totals.h"

enum { COLUMNS = 64, ROWS = 24, LISTED = 20 };

static void put_head(const struct inspect *picture, FILE *out)
{
    if (picture->program != NULL)
        fprintf(out, "%s: process %" PRIu64 ", ", picture->program, picture->process);
    else
        fprintf(out, "%s: ", picture->composition);
    fprintf(out, "%s\n%s\n", inspect_moment(picture), inspect_model(picture));
    if (!picture->consistent)
        fputs("not consistent: somebody was in the middle of a request\n", out);
    for (size_t i = 0; i < picture->layer_count; i++)
        if (!picture->layers[i].walks && i == 0)
            fprintf(out, "%s does not tell of its memory\n", picture->layers[i].name);
}

static double share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : 100 * (double)part / (double)whole;
}

static void put_sum(const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_sum sum = inspect_sum_of(heap);
    const uint64_t all = inspect_all(&sum);
    fprintf(out, "\n  %-10s %10s\n", "memory", inspect_bytes(all));
    for (int state = 0; state < INSPECT_STATES; state++)
        if (sum.bytes[state] != 0)
            fprintf(out, "  %-10s %10s %5.1f %%  in %" PRIu64 "\n",
                    inspect_state_name((enum inspect_state)state), inspect_bytes(sum.bytes[state]),
                    share(sum.bytes[state], all), sum.count[state]);
    fprintf(out, "  the largest free piece has %s: fragmentation %.1f %%\n",
            inspect_bytes(sum.largest_free), inspect_fragmentation(&sum));
    if (heap->reserved != 0)
        fprintf(out, "  besides, %s of addresses are taken that nobody has used\n",
                inspect_bytes(heap->reserved));
    if (heap->overlap != 0)
        fprintf(out, "  %s are told of twice: the heap is damaged, or was in motion\n",
                inspect_bytes(heap->overlap));
}

static void put_columns(const struct inspect_sum *sum, FILE *out)
{
    for (int state = 0; state < INSPECT_OPAQUE; state++)
        fprintf(out, " %10s", sum->bytes[state] != 0 ? inspect_bytes(sum->bytes[state]) : "-");
    fputc('\n', out);
}

static void put_titles(const char *title, FILE *out)
{
    fprintf(out, "\n  %-22s %6s %10s", title, "", "memory");
    for (int state = 0; state < INSPECT_OPAQUE; state++)
        fprintf(out, " %10s", inspect_state_name((enum inspect_state)state));
    fputc('\n', out);
}

static void put_layers(const struct inspect *picture, const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_rows rows = inspect_layers(picture, heap);
    put_titles("layer", out);
    for (size_t i = rows.count; i > 0; i--) {
        const struct inspect_row *row = &rows.row[i - 1];
        fprintf(out, "  %-22s %6s %10s", picture->layers[row->layer].name, "",
                inspect_bytes(inspect_all(&row->sum)));
        put_columns(&row->sum, out);
    }
}

/* "tlsf_glk pool", "slab_lk slab 64" */
static const char *name_of(const struct inspect *picture, const struct inspect_row *row)
{
    const char *layer = picture->layers[row->layer].name;
    if (row->number != 0 || strcmp(row->label, "arena") == 0 || strcmp(row->label, "order") == 0)
        return mem_format("%s %s %" PRIu64, layer, row->label, row->number);
    return mem_format("%s %s", layer, row->label);
}

static void put_more(const struct inspect_rows *rows, FILE *out)
{
    if (rows->count > LISTED)
        fprintf(out, "  and %zu more\n", rows->count - LISTED);
}

static void put_parts(const struct inspect *picture, const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_rows rows = inspect_parts(picture, heap);
    put_titles("regions", out);
    for (size_t i = 0; i < rows.count && i < LISTED; i++) {
        const struct inspect_row *row = &rows.row[i];
        fprintf(out, "  %-22s %6" PRIu64 " %10s", name_of(picture, row), row->parts,
                inspect_bytes(inspect_all(&row->sum)));
        put_columns(&row->sum, out);
    }
    put_more(&rows, out);
}

static void put_bins(const struct inspect *picture, const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_rows rows = inspect_bins(heap);
    fprintf(out, "\n  %-22s %6s %10s\n", "free, in lists", "length", "memory");
    for (size_t i = 0; i < rows.count && i < LISTED; i++)
        fprintf(out, "  %-22s %6" PRIu64 " %10s\n", name_of(picture, &rows.row[i]),
                rows.row[i].parts, inspect_bytes(rows.row[i].sum.bytes[INSPECT_FREE]));
    put_more(&rows, out);
}

static void put_caches(const struct inspect *picture, const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_rows rows = inspect_caches(heap);
    if (rows.count != 0)
        fprintf(out, "\n  %-22s %6s %10s\n", "cached, by thread", "blocks", "memory");
    for (size_t i = 0; i < rows.count && i < LISTED; i++) {
        const struct inspect_row *row = &rows.row[i];
        const char *layer = picture->layers[row->layer].name;
        fprintf(out, "  %-22s %6" PRIu64 " %10s\n",
                row->thread != 0 ? mem_format("%s %" PRIu64, layer, row->thread) : layer,
                row->parts, inspect_bytes(row->sum.bytes[INSPECT_CACHED]));
    }
    put_more(&rows, out);
}

static void put_map(const struct inspect_heap *heap, FILE *out)
{
    static const char glyphs[] = "#c.-:? "; /* by state, nothing last */
    const struct map map = map_make(heap, COLUMNS, ROWS);
    fprintf(out,
            "\n  a character is %s, by what most of it is: # allocated, c cached, . free, "
            "- top,\n  : overhead, ? opaque\n",
            inspect_bytes(map.each));
    for (size_t row = 0; row < map_rows(&map); row++) {
        char line[COLUMNS + 1] = "";
        for (size_t i = 0; i < COLUMNS && row * COLUMNS + i < map.count; i++) {
            const enum inspect_state most = map_most(&map.cell[row * COLUMNS + i]);
            line[i] = glyphs[most];
        }
        fprintf(out, "  %14" PRIx64 "  %s\n", map.cell[row * COLUMNS].address, line);
    }
    if (map.left_out != 0)
        fprintf(out, "  and %s more\n", inspect_bytes(map.left_out));
}

void inspect_text(const struct inspect *picture, FILE *out)
{
    put_head(picture, out);
    for (size_t i = 0; i < picture->heap_count; i++) {
        const struct inspect_heap *heap = &picture->heaps[i];
        if (picture->heap_count > 1)
            fprintf(out, "\nheap %" PRIu64 "%s\n", heap->serial,
                    heap->serial == 0 ? ", the default one" : "");
        put_sum(heap, out);
        put_layers(picture, heap, out);
        put_parts(picture, heap, out);
        put_bins(picture, heap, out);
        put_caches(picture, heap, out);
        put_map(heap, out);
    }
    if (picture->heap_count == 0)
        fputs("\n  it has no heap yet\n", out);
}
