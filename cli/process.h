/* SPDX-License-Identifier: MIT */
/*
 * Runs other programs: without a shell, with their output captured.
 */
#ifndef MORTISE_CLI_PROCESS_H
#define MORTISE_CLI_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

struct process_result {
    int error;    /* errno when the program could not be started, else 0 */
    int status;   /* of waitpid */
    char *output; /* standard output and standard error, its first 64 KB */
    size_t length;
};

/* Runs argv[0] (a path) to its end, in the C locale. If it takes longer than two seconds and
 * `progress` is not NULL, prints that line to standard error. True when it exits with 0. */
bool process_run(const char *const *argv, const char *progress, struct process_result *result);

/* Finds a program as execvp does: an executable file on PATH; NULL when there is none. */
const char *process_find(const char *program);

#endif
