/* SPDX-License-Identifier: MIT */
/*
 * Where the text of a model comes from: the command line, the standard input, a file, or a named
 * model, that is a file NAME.mortise in the current folder, in a user's folder or in models/.
 */
#ifndef MORTISE_CLI_SOURCE_H
#define MORTISE_CLI_SOURCE_H

#include "diag.h"
#include "registry.h"

bool source_open(const char *argument, const struct registry *registry, struct source *source,
                 struct diags *diags);

/* The C name of the composition that a file holds: its own, without the suffix. */
const char *source_composition(const char *path, const char *suffix);

/* The named models of all folders but the current one, sorted by name. */
struct named_model {
    const char *name;
    const char *path;
    const char *purpose; /* its first comment that is not a licence, or "" */
};

struct named_model *source_models(const struct registry *registry, size_t *count);

#endif
