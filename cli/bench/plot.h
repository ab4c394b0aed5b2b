/* SPDX-License-Identifier: MIT */
/*
 * Figures, drawn by gnuplot as SVG for use inside a page: without a background and in the colour of
 * the page's text, so that it suits light and dark.
 */
#ifndef MORTISE_CLI_BENCH_PLOT_H
#define MORTISE_CLI_BENCH_PLOT_H

#include "statistics.h"

enum { PLOT_CASES = 10 }; /* so many stand side by side */

/* Whether gnuplot is there. */
bool plot_possible(void);

/* A measure of the cases from `first` on, at most PLOT_CASES of them that have no tail, relative to
 * the reference, with intervals. `*next` is the case to go on with. NULL: there is none left, or it
 * cannot be drawn. */
const char *plot_ratios(const struct bench *bench, enum bench_measure measure, size_t first,
                        size_t *next);

/* The tail of one operation, "alloc" or "free", and the machine's own noise. */
const char *plot_tail(const struct bench *bench, size_t on, const char *operation);

/* The colour of an allocator, the same in all figures: "#rrggbb". */
const char *plot_colour(size_t under);

#endif
