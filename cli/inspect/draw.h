/* SPDX-License-Identifier: MIT */
/*
 * The map of a heap as SVG, alone or in a page: the same colours and the same cells.
 */
#ifndef MORTISE_CLI_INSPECT_DRAW_H
#define MORTISE_CLI_INSPECT_DRAW_H

#include "map.h"

/* Colours by state, for light and dark: rules of CSS for the classes s0, s1, ... of fills. */
extern const char draw_colours[];

/* Width and height of what draw_map draws. */
unsigned draw_width(const struct map *map);
unsigned draw_height(const struct map *map);

/* The cells, with the addresses of rows at their left, as elements of SVG. */
void draw_map(const struct map *map, FILE *out);

/* "python3, process 17, at its end"; of what is no process: "mymalloc, as it asked" */
const char *draw_title(const struct inspect *picture);

#endif
