/* SPDX-License-Identifier: MIT */
/*
 * Sums over a picture.
 */
#ifndef MORTISE_CLI_INSPECT_TOTALS_H
#define MORTISE_CLI_INSPECT_TOTALS_H

#include "inspect.h"

struct inspect_sum {
    uint64_t bytes[INSPECT_STATES];
    uint64_t count[INSPECT_STATES];
    uint64_t largest_free;
};

/* Of what is sorted by it: `layer` and a word with a number. */
struct inspect_row {
    size_t layer;
    const char *label;
    uint64_t number;
    uint64_t thread; /* of caches */
    uint64_t parts;  /* how many there are: regions, pieces */
    struct inspect_sum sum;
};

struct inspect_rows {
    struct inspect_row *row;
    size_t count;
};

const char *inspect_state_name(enum inspect_state state);

/* "brk_heap::tlsf_glk" */
const char *inspect_model(const struct inspect *picture);

/* "at its end" */
const char *inspect_moment(const struct inspect *picture);

/* "12.3 KB" */
const char *inspect_bytes(uint64_t bytes);

uint64_t inspect_all(const struct inspect_sum *sum);

/* Of 100: how much of the memory that is free for whoever asks is not in the largest piece. */
double inspect_fragmentation(const struct inspect_sum *sum);

struct inspect_sum inspect_sum_of(const struct inspect_heap *heap);

/* One row a layer: what is its own of the whole. */
struct inspect_rows inspect_layers(const struct inspect *picture, const struct inspect_heap *heap);

/* One row for each kind of region: pools, slabs of a size, arenas. By memory, the most first. */
struct inspect_rows inspect_parts(const struct inspect *picture, const struct inspect_heap *heap);

/* One row for each list of free pieces. In the order of layer, word and number. */
struct inspect_rows inspect_bins(const struct inspect_heap *heap);

/* One row for each thread and layer that keeps blocks for it. */
struct inspect_rows inspect_caches(const struct inspect_heap *heap);

#endif
