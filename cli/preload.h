/* SPDX-License-Identifier: MIT */
/*
 * A program on the allocator of a model: LD_PRELOAD.
 */
#ifndef MORTISE_CLI_PRELOAD_H
#define MORTISE_CLI_PRELOAD_H

#include "job.h"

/* The library of the model of a job, for LD_PRELOAD; built once. NULL: it is none that could take
 * malloc's place, or something is wrong with it. */
const char *preload_library(struct job *job);

/* Builds the model of a job, once, and has all programs that are started from now on run on it. */
bool preload_model(struct job *job);

#endif
