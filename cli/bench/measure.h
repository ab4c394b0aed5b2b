/* SPDX-License-Identifier: MIT */
/*
 * One run: a process of its own, with an allocator preloaded, timed from its start to its end.
 */
#ifndef MORTISE_CLI_BENCH_MEASURE_H
#define MORTISE_CLI_BENCH_MEASURE_H

#include "bench.h"

struct bench_lab {
    const struct bench *bench;
    const char *workload; /* the program with the workloads, which measures too */
    const char *programs; /* the folder with the scripts of programs; may be NULL */
    const char *timer;    /* the library that times requests; NULL where no case asks for it */
    const char *scratch;  /* a folder for what runs read and write */
};

/* Makes the folder, and what programs will read; says on standard error when that takes long. */
bool bench_lab_open(struct bench_lab *lab, const struct bench *bench, struct diags *diags);
void bench_lab_close(const struct bench_lab *lab);

/* Fills in all but on, under and round, which it reads. What goes wrong is the run's fate. */
void bench_measure(const struct bench_lab *lab, struct bench_run *run);

/* Whether SIGINT, SIGTERM or SIGHUP has asked for the end; the run meanwhile has been ended. */
bool bench_interrupted(void);

#endif
