/* SPDX-License-Identifier: MIT */
/*
 * What there is to compare, and on what: models, other allocators of this machine, workloads, and
 * programs.
 */
#ifndef MORTISE_CLI_BENCH_FIND_H
#define MORTISE_CLI_BENCH_FIND_H

#include "../compile.h"
#include "../options.h"
#include "bench.h"

/* Takes what --allocator says: NAME of a peer or a named model, or NAME=MODEL, or NAME=FILE.so; a
 * model is built, which may take seconds. With a `count` of 0, all that bench->scale has: the peers
 * that this machine has, and named models. Peers that are missing are told on standard error, with
 * the package that brings them. */
bool bench_take_allocators(struct bench *bench, const struct options *options,
                           const char *const *texts, size_t count, struct diags *diags);

/* The library that times the requests of BENCH_TAIL; NULL after reporting why there is none. */
const char *bench_timer(const struct options *options, struct diags *diags);

/* Takes NAME of a workload or a program, or a workload with arguments, "larson threads=8". With a
 * `count` of 0, the suite of bench->scale. */
bool bench_take_cases(struct bench *bench, const char *const *texts, size_t count,
                      struct diags *diags);

/* The program with the workloads; NULL after reporting that it is not there. */
const char *bench_workload_program(struct diags *diags);

/* The folder with the scripts of real programs; NULL: it is not there. */
const char *bench_program_folder(void);

/* The script of a program in that folder; NULL: there is none of this name. */
const char *bench_program_script(const char *folder, const char *name);

/* Prints all cases, with what they are about. */
bool bench_list(struct diags *diags);

#endif
