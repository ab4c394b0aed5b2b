/* SPDX-License-Identifier: MIT */
/*
 * All runs of a comparison, in an order in which no allocator is favoured: case by case, round by
 * round, and in each round every allocator once, in an order drawn anew.
 */
#ifndef MORTISE_CLI_BENCH_TURNS_H
#define MORTISE_CLI_BENCH_TURNS_H

#include "measure.h"

/* Makes the runs that the comparison lacks. False when they could not be kept, or when the user
 * has interrupted them, which is no entry in `diags`. */
bool bench_take_turns(struct bench *bench, const struct bench_lab *lab, bool quiet,
                      struct diags *diags);

#endif
