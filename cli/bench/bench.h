/* SPDX-License-Identifier: MIT */
/*
 * A comparison of allocators: which ones, on which cases, and what each run of it gave. It lies in
 * a folder, as
 *
 *     bench.json   everything that was decided before the first run, and the machine
 *     runs.jsonl   one line of JSON for each run, in the order in which they were made
 *     runs.csv     the same as a table
 *
 * so that it can be gone on with after an interruption, and reported at any time.
 */
#ifndef MORTISE_CLI_BENCH_BENCH_H
#define MORTISE_CLI_BENCH_BENCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../diag.h"

/* How large the work is. */
enum bench_scale { BENCH_USUAL, BENCH_QUICK, BENCH_PAPER, BENCH_SCALES };

struct bench_allocator {
    const char *name;
    const char *path;  /* of the library to preload; NULL: the malloc that programs have anyway */
    const char *about; /* its model, or what its file is called */
};

enum bench_kind {
    BENCH_WORKLOAD, /* of mortise-workload */
    BENCH_PROGRAM,  /* a real program, run by a script */
    BENCH_TAIL      /* a workload whose requests are timed one by one */
};

struct bench_case {
    enum bench_kind kind;
    const char *name; /* of the workload, with its arguments, or of the script */
};

/* Rounds are counted from 1. */
enum { BENCH_WARM_UP = 0, BENCH_IDLE = -1, BENCH_MOST_ROUNDS = 1000 };

struct bench_run {
    size_t on;        /* case */
    size_t under;     /* allocator */
    int round;        /* BENCH_IDLE: the process rested a second before it ended */
    const char *fate; /* "ok", or what went wrong */
    double wall_s, user_s, sys_s;
    double peak_kb;
    double minor_faults, major_faults;
    json_t *figures; /* what else the case tells: names and numbers; an object */
};

struct bench {
    const char *folder;
    enum bench_scale scale;
    int rounds;
    unsigned limit_s; /* for one run */
    uint64_t seed;    /* of the order in which allocators take their turns */
    size_t reference; /* which allocator the others are compared with */
    json_t *machine;
    struct bench_allocator *allocators;
    size_t allocator_count;
    struct bench_case *cases;
    size_t case_count;
    struct bench_run *runs;
    size_t run_count;
};

/* "usual", "quick", "paper". */
const char *bench_scale_name(enum bench_scale scale);

/* Index of the allocator of this name, or allocator_count. */
size_t bench_allocator_find(const struct bench *bench, const char *name);

/* The first run of that case, allocator and round; NULL: there was none. */
const struct bench_run *bench_run_find(const struct bench *bench, size_t on, size_t under,
                                       int round);

bool bench_run_good(const struct bench_run *run);

/* A new folder with its bench.json; reports a folder that exists already. */
bool bench_store_begin(const struct bench *bench, struct diags *diags);

/* Reads bench.json and runs.jsonl of `folder`. */
bool bench_store_load(struct bench *bench, const char *folder, struct diags *diags);

/* Before runs are added to a loaded comparison: drops what one that was cut off has left behind. */
bool bench_store_resume(const struct bench *bench, struct diags *diags);

/* Keeps a run, in memory and in the folder. */
bool bench_store_add(struct bench *bench, const struct bench_run *run, struct diags *diags);

/* Writes runs.csv. */
bool bench_store_table(const struct bench *bench, struct diags *diags);

#endif
