/* SPDX-License-Identifier: MIT */
/*
 * A map of a heap: cells of equal size, that say how much of what is in them, in the order of
 * addresses. Stretches of memory that do not touch have a cell without anything between them.
 */
#ifndef MORTISE_CLI_INSPECT_MAP_H
#define MORTISE_CLI_INSPECT_MAP_H

#include "inspect.h"

struct map_cell {
    uint64_t address; /* of the first byte */
    uint64_t bytes[INSPECT_STATES];
    bool gap; /* nothing is here */
};

struct map {
    uint64_t each; /* bytes that a cell stands for, a power of two */
    size_t columns;
    struct map_cell *cell;
    size_t count;
    uint64_t left_out; /* bytes for which there was no room */
};

/* About `rows` rows of `columns` cells, more where memory is in many places. */
struct map map_make(const struct inspect_heap *heap, size_t columns, size_t rows);

size_t map_rows(const struct map *map);

/* The state of most of a cell; INSPECT_STATES where nothing is. */
enum inspect_state map_most(const struct map_cell *cell);

#endif
