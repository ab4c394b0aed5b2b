/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "../mem.h"
#include "../text.h"
#include "draw.h"
#include "inspect.h"
#include "totals.h"

/* A map for a desk and one for a pocket. */
enum { WIDE = 96, WIDE_ROWS = 56, NARROW = 40, NARROW_ROWS = 72, LISTED = 40 };

/* Tables are wider than a phone: they scroll by themselves, the page does not. */
static const char style[] =
    ":root{color-scheme:light dark;--text:#1a1a1a;--page:#fff;--line:#c8c8c8;--quiet:#59636e}\n"
    "@media(prefers-color-scheme:dark){:root{--text:#e6e6e6;--page:#161616;--line:#444;"
    "--quiet:#9da7b1}}\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);"
    "max-width:64rem;margin:0 auto;padding:1rem}\n"
    "h1{line-height:1.2;margin-bottom:.2rem}h2{margin-top:2.5rem}code{overflow-wrap:anywhere}\n"
    ".wide{overflow-x:auto;margin:1rem 0}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.875rem}\n"
    "th,td{padding:.2rem .6rem;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid var(--line)}\n"
    "th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:var(--page)}\n"
    ".quiet{color:var(--quiet)}.failed{color:#d7301f}\n"
    ".bar{display:flex;height:1.5rem;border-radius:.2rem;overflow:hidden}\n"
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;list-style:none}\n"
    ".legend b{display:inline-block;width:.8rem;height:.8rem;margin-right:.4rem;"
    "border-radius:.15rem}\n"
    "svg{width:100%;height:auto;display:block}.narrow{display:none}\n"
    "@media(max-width:40rem){.map.desk{display:none}.narrow{display:block}}\n"
    ".at{font:10px ui-monospace,monospace;fill:var(--quiet)}\n";

static void put_bar(const struct inspect_sum *sum, FILE *out)
{
    fputs("<div class=\"bar\">", out);
    for (int state = 0; state < INSPECT_STATES; state++)
        if (sum->bytes[state] != 0)
            fprintf(out, "<div class=\"s%d\" style=\"flex:%" PRIu64 " 0 0\" title=\"%s\"></div>",
                    state, sum->bytes[state], inspect_state_name((enum inspect_state)state));
    fputs("</div>\n", out);
}

static void put_sum(const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_sum sum = inspect_sum_of(heap);
    const uint64_t all = inspect_all(&sum);
    put_bar(&sum, out);
    fputs("<ul class=\"legend\">", out);
    for (int state = 0; state < INSPECT_STATES; state++)
        if (sum.bytes[state] != 0)
            fprintf(out, "<li><b class=\"s%d\"></b>%s %s <span class=\"quiet\">%.1f %%</span></li>",
                    state, inspect_state_name((enum inspect_state)state),
                    inspect_bytes(sum.bytes[state]), 100 * (double)sum.bytes[state] / (double)all);
    fprintf(out,
            "</ul>\n<p>%s of memory. %" PRIu64 " pieces are allocated. The largest free piece has "
            "%s: fragmentation is %.1f&nbsp;%%.</p>\n",
            inspect_bytes(all), sum.count[INSPECT_ALLOCATED], inspect_bytes(sum.largest_free),
            inspect_fragmentation(&sum));
    if (heap->reserved != 0)
        fprintf(out, "<p>Besides, %s of addresses are taken that nobody has used.</p>\n",
                inspect_bytes(heap->reserved));
    if (heap->overlap != 0)
        fprintf(out,
                "<p class=\"failed\">%s are told of twice: the heap is damaged, or was in "
                "motion.</p>\n",
                inspect_bytes(heap->overlap));
}

static void put_map(const struct inspect_heap *heap, const char *class, size_t columns, size_t rows,
                    FILE *out)
{
    const struct map map = map_make(heap, columns, rows);
    fprintf(out,
            "<figure class=\"map %s\" style=\"margin:0\"><figcaption class=\"quiet\">A cell is %s; "
            "rows go on in the order of addresses, with a gap where memory does not touch."
            "</figcaption>\n<svg viewBox=\"0 0 %u %u\" role=\"img\" "
            "aria-label=\"map of the heap\">\n",
            class, inspect_bytes(map.each), draw_width(&map), draw_height(&map));
    draw_map(&map, out);
    fputs("</svg>\n", out);
    if (map.left_out != 0)
        fprintf(out, "<p>And %s more.</p>\n", inspect_bytes(map.left_out));
    fputs("</figure>\n", out);
}

static void put_head(const char *title, const char *of, const char *count, FILE *out)
{
    fprintf(out, "<h2>%s</h2>\n<div class=\"wide\"><table>\n<tr><th>%s</th>", title, of);
    if (count != NULL)
        fprintf(out, "<th>%s</th>", count);
    fputs("<th>memory</th>", out);
}

/* Few heaps have anything opaque. */
static int columns_of(const struct inspect_heap *heap)
{
    const struct inspect_sum sum = inspect_sum_of(heap);
    return sum.bytes[INSPECT_OPAQUE] != 0 ? INSPECT_STATES : INSPECT_OPAQUE;
}

static void put_states(int states, FILE *out)
{
    for (int state = 0; state < states; state++)
        fprintf(out, "<th>%s</th>", inspect_state_name((enum inspect_state)state));
    fputs("</tr>\n", out);
}

static void put_cells(const struct inspect_sum *sum, int states, FILE *out)
{
    fprintf(out, "<td>%s</td>", inspect_bytes(inspect_all(sum)));
    for (int state = 0; state < states; state++)
        fprintf(out, "<td>%s</td>",
                sum->bytes[state] != 0 ? inspect_bytes(sum->bytes[state]) : "&ndash;");
    fputs("</tr>\n", out);
}

static void put_close(const struct inspect_rows *rows, FILE *out)
{
    fputs("</table></div>\n", out);
    if (rows->count > LISTED)
        fprintf(out, "<p class=\"quiet\">And %zu more.</p>\n", rows->count - LISTED);
}

static void put_layers(const struct inspect *picture, const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_rows rows = inspect_layers(picture, heap);
    put_head("Layers", "from the user side", NULL, out);
    put_states(columns_of(heap), out);
    for (size_t i = rows.count; i > 0; i--) {
        fprintf(out, "<tr><td>%s%s</td>", text_html(picture->layers[i - 1].name),
                picture->layers[i - 1].walks ? ""
                                             : " <span class=\"quiet\">(shows nothing)</span>");
        put_cells(&rows.row[i - 1].sum, columns_of(heap), out);
    }
    fputs("</table></div>\n", out);
}

static void put_name(const struct inspect *picture, const struct inspect_row *row, FILE *out)
{
    fprintf(out, "<tr><td>%s <span class=\"quiet\">%s</span>",
            text_html(picture->layers[row->layer].name), text_html(row->label));
    if (row->number != 0 || strcmp(row->label, "arena") == 0 || strcmp(row->label, "order") == 0)
        fprintf(out, " %" PRIu64, row->number);
    fprintf(out, "</td><td>%" PRIu64 "</td>", row->parts);
}

static void put_parts(const struct inspect *picture, const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_rows rows = inspect_parts(picture, heap);
    put_head("Regions", "of a layer", "count", out);
    put_states(columns_of(heap), out);
    for (size_t i = 0; i < rows.count && i < LISTED; i++) {
        put_name(picture, &rows.row[i], out);
        put_cells(&rows.row[i].sum, columns_of(heap), out);
    }
    put_close(&rows, out);
}

static void put_bins(const struct inspect *picture, const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_rows rows = inspect_bins(heap);
    if (rows.count == 0)
        return;
    put_head("Free pieces", "in a list", "length", out);
    fputs("</tr>\n", out);
    for (size_t i = 0; i < rows.count && i < LISTED; i++) {
        put_name(picture, &rows.row[i], out);
        fprintf(out, "<td>%s</td></tr>\n", inspect_bytes(rows.row[i].sum.bytes[INSPECT_FREE]));
    }
    put_close(&rows, out);
}

static void put_caches(const struct inspect *picture, const struct inspect_heap *heap, FILE *out)
{
    const struct inspect_rows rows = inspect_caches(heap);
    if (rows.count == 0)
        return;
    put_head("Caches", "of a thread", "blocks", out);
    fputs("</tr>\n", out);
    for (size_t i = 0; i < rows.count && i < LISTED; i++) {
        const struct inspect_row *row = &rows.row[i];
        fprintf(out, "<tr><td>%s", text_html(picture->layers[row->layer].name));
        if (row->thread != 0)
            fprintf(out, " <span class=\"quiet\">thread</span> %" PRIu64, row->thread);
        fprintf(out, "</td><td>%" PRIu64 "</td><td>%s</td></tr>\n", row->parts,
                inspect_bytes(row->sum.bytes[INSPECT_CACHED]));
    }
    put_close(&rows, out);
}

void inspect_html(const struct inspect *picture, FILE *out)
{
    const char *title = text_html(draw_title(picture));
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<title>%s</title>\n<style>\n%s%s</style>\n</head>\n<body>\n<h1>%s</h1>\n"
            "<p><code>%s</code></p>\n",
            title, style, draw_colours, title, text_html(inspect_model(picture)));
    if (!picture->consistent)
        fputs("<p class=\"failed\">Not consistent: somebody was in the middle of a request.</p>\n",
              out);
    for (size_t i = 0; i < picture->heap_count; i++) {
        const struct inspect_heap *heap = &picture->heaps[i];
        if (picture->heap_count > 1)
            fprintf(out, "<h2>Heap %" PRIu64 "</h2>\n", heap->serial);
        put_sum(heap, out);
        put_map(heap, "desk", WIDE, WIDE_ROWS, out);
        put_map(heap, "narrow", NARROW, NARROW_ROWS, out);
        put_layers(picture, heap, out);
        put_parts(picture, heap, out);
        put_bins(picture, heap, out);
        put_caches(picture, heap, out);
    }
    if (picture->heap_count == 0)
        fputs("<p>It has no heap yet.</p>\n", out);
    fputs("</body>\n</html>\n", out);
}
