/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../mem.h"
#include "../text.h"
#include "draw.h"
#include "inspect.h"
#include "totals.h"

/* In pixels; letters of the labels are about LETTER wide. */
enum { MARGIN = 24, COLUMNS = 96, ROWS = 56, HEAD = 110, LETTER = 8, BAR = 22 };

static const char style[] =
    "text{font:13px system-ui,sans-serif;fill:#1a1a1a}.title{font-size:18px;font-weight:600}"
    ".at{font:10px ui-monospace,monospace;fill:#59636e}.back{fill:#fff}\n"
    "@media(prefers-color-scheme:dark){text{fill:#e6e6e6}.at{fill:#9da7b1}.back{fill:#161616}}\n";

static unsigned put_text(const char *class, unsigned x, unsigned y, const char *text, FILE *out)
{
    fprintf(out, "<text%s x=\"%u\" y=\"%u\">%s</text>\n", class, x, y, text_html(text));
    return x + LETTER * (unsigned)strlen(text);
}

/* The whole in one bar, and what the colours mean. */
static void put_sum(const struct inspect_heap *heap, unsigned y, unsigned width, FILE *out)
{
    const struct inspect_sum sum = inspect_sum_of(heap);
    const double all = (double)inspect_all(&sum);
    double x = MARGIN;
    unsigned at = MARGIN;
    for (int state = 0; state < INSPECT_STATES; state++) {
        const enum inspect_state is = (enum inspect_state)state;
        if (sum.bytes[state] == 0)
            continue;
        const double part = (double)sum.bytes[state] / all;
        fprintf(out, "<rect class=\"s%d\" x=\"%.1f\" y=\"%u\" width=\"%.1f\" height=\"%d\"/>\n",
                state, x, y, part * width, BAR);
        x += part * width;
        fprintf(out, "<rect class=\"s%d\" x=\"%u\" y=\"%u\" width=\"12\" height=\"12\"/>\n", state,
                at, y + BAR + 10);
        at = put_text("", at + 18, y + BAR + 21,
                      mem_format("%s %s (%.0f %%)", inspect_state_name(is),
                                 inspect_bytes(sum.bytes[state]), 100 * part),
                      out);
    }
}

void inspect_svg(const struct inspect *picture, FILE *out)
{
    struct map *maps = mem_get((picture->heap_count + 1) * sizeof *maps);
    unsigned height = 2 * MARGIN + 40, width = 400;
    for (size_t i = 0; i < picture->heap_count; i++) {
        maps[i] = map_make(&picture->heaps[i], COLUMNS, ROWS);
        height += HEAD + draw_height(&maps[i]);
        width = draw_width(&maps[i]);
    }
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
            "viewBox=\"0 0 %u %u\">\n<style>\n%s%s</style>\n"
            "<rect class=\"back\" width=\"%u\" height=\"%u\"/>\n",
            width + 2 * MARGIN, height, width + 2 * MARGIN, height, style, draw_colours,
            width + 2 * MARGIN, height);
    put_text(" class=\"title\"", MARGIN, MARGIN + 14, draw_title(picture), out);
    put_text(
        "", MARGIN, MARGIN + 36,
        mem_format("%s%s", inspect_model(picture), picture->consistent ? "" : " (not consistent)"),
        out);
    unsigned y = MARGIN + 52;
    for (size_t i = 0; i < picture->heap_count; i++) {
        const struct inspect_sum sum = inspect_sum_of(&picture->heaps[i]);
        put_sum(&picture->heaps[i], y, width, out);
        put_text("", MARGIN, y + BAR + 50,
                 mem_format("%s of memory, fragmentation %.1f %%; a cell is %s",
                            inspect_bytes(inspect_all(&sum)), inspect_fragmentation(&sum),
                            inspect_bytes(maps[i].each)),
                 out);
        fprintf(out, "<g transform=\"translate(%d %u)\">\n", MARGIN, y + HEAD - 16);
        draw_map(&maps[i], out);
        fputs("</g>\n", out);
        y += HEAD + draw_height(&maps[i]);
    }
    fputs("</svg>\n", out);
}
