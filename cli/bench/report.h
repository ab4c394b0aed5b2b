/* SPDX-License-Identifier: MIT */
/*
 * A comparison for people: tables as text, and one page of HTML with tables and figures.
 */
#ifndef MORTISE_CLI_BENCH_REPORT_H
#define MORTISE_CLI_BENCH_REPORT_H

#include <stdio.h>

#include "bench.h"

void bench_report_text(const struct bench *bench, FILE *out);

/* Writes FILE; its figures need gnuplot, without which they are left out, and said to be. */
bool bench_report_page(const struct bench *bench, const char *path, struct diags *diags);

#endif
