/* SPDX-License-Identifier: MIT */
/*
 * What every verb with a MODEL begins with: open the registry, find the text, parse it, check it.
 */
#ifndef MORTISE_CLI_JOB_H
#define MORTISE_CLI_JOB_H

#include "model.h"
#include "options.h"
#include "registry.h"

struct job {
    struct options options;
    struct registry registry;
    struct source source;
    struct model model;
    struct diags diags;
};

/* Needs job->options. False when something is wrong; it is in job->diags. */
bool job_load(struct job *job);

/* Prints the diagnostics; the exit code for them: 2. */
int job_fail(const struct job *job);

/* Has `put` print a result to the file that -o names, or to standard output; the exit code. */
int job_put(struct job *job,
            void (*put)(const void *what, const struct options *options, FILE *out),
            const void *what);

/* The exit code of a verb that has printed its result: 2 if standard output took it not. */
int job_finish_output(void);

#endif
