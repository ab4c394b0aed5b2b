/* SPDX-License-Identifier: MIT */
#include "draw.h"

#include <inttypes.h>
#include <string.h>

#include "../mem.h"
#include "totals.h"

/* In pixels. */
enum { CELL = 9, HEIGHT = 16, ROW = 21, LABEL = 100, BASE = 13 };

const char draw_colours[] =
    ".s0{fill:#2b83ba;background:#2b83ba}.s1{fill:#fd8d3c;background:#fd8d3c}"
    ".s2{fill:#41ae76;background:#41ae76}.s3{fill:#a9b4bd;background:#a9b4bd}"
    ".s4{fill:#8856a7;background:#8856a7}.s5{fill:#b8860b;background:#b8860b}\n"
    "@media(prefers-color-scheme:dark){.s3{fill:#56616b;background:#56616b}}\n";

unsigned draw_width(const struct map *map)
{
    return LABEL + CELL * (unsigned)map->columns;
}

unsigned draw_height(const struct map *map)
{
    return ROW * (unsigned)map_rows(map);
}

const char *draw_title(const struct inspect *picture)
{
    if (picture->program == NULL)
        return mem_format("%s, %s", picture->composition, inspect_moment(picture));
    const char *name = strrchr(picture->program, '/');
    return mem_format("%s, process %" PRIu64 ", %s", name != NULL ? name + 1 : picture->program,
                      picture->process, inspect_moment(picture));
}

/* A cell's share of a state in pixels, tenths of them: from the bottom, in the order of states. */
struct bar {
    unsigned low, high;
};

static struct bar bar_of(const struct map *map, const struct map_cell *cell, int state)
{
    uint64_t below = 0;
    for (int i = 0; i < state; i++)
        below += cell->bytes[i];
    const double scale = 10.0 * HEIGHT / (double)map->each;
    const struct bar bar = {(unsigned)((double)below * scale + 0.5),
                            (unsigned)((double)(below + cell->bytes[state]) * scale + 0.5)};
    return bar;
}

/* Cells beside each other that are alike are one. */
static void draw_state(const struct map *map, int state, FILE *out)
{
    bool any = false;
    for (size_t i = 0; i < map->count;) {
        const struct bar bar = bar_of(map, &map->cell[i], state);
        size_t end = i + 1;
        while (end < map->count && end % map->columns != 0) {
            const struct bar next = bar_of(map, &map->cell[end], state);
            if (next.low != bar.low || next.high != bar.high)
                break;
            end++;
        }
        if (bar.high > bar.low) {
            const unsigned x = LABEL + CELL * (unsigned)(i % map->columns);
            const size_t top = ROW * (i / map->columns);
            const double y = (double)top + HEIGHT - bar.high / 10.0;
            fprintf(out, "%sM%u %.1fh%uv%.1fh-%uz", any ? "" : "<path d=\"", x, y,
                    CELL * (unsigned)(end - i), (bar.high - bar.low) / 10.0,
                    CELL * (unsigned)(end - i));
            any = true;
        }
        i = end;
    }
    if (any)
        fprintf(out, "\" class=\"s%d\"><title>%s</title></path>\n", state,
                inspect_state_name((enum inspect_state)state));
}

/* Beside each row the address at which it begins. */
static void draw_addresses(const struct map *map, FILE *out)
{
    for (size_t row = 0; row < map_rows(map); row++)
        fprintf(out,
                "<text class=\"at\" x=\"%d\" y=\"%u\" text-anchor=\"end\">%" PRIx64 "</text>\n",
                LABEL - 8, ROW * (unsigned)row + BASE, map->cell[row * map->columns].address);
}

void draw_map(const struct map *map, FILE *out)
{
    draw_addresses(map, out);
    for (int state = 0; state < INSPECT_STATES; state++)
        draw_state(map, state, out);
}
