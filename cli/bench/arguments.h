/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a workload, "larson threads=8", before anything is run with them.
 */
#ifndef MORTISE_CLI_BENCH_ARGUMENTS_H
#define MORTISE_CLI_BENCH_ARGUMENTS_H

#include "../diag.h"

/* Whether what follows the name in `text` suits the parameters of the workload, as
 * `mortise-workload --list` tells of them: NAME=USUAL/QUICK/PAPER/LEAST/MOST/MEANING;... */
bool bench_arguments_fit(const char *text, const char *parameters, struct diags *diags);

#endif
