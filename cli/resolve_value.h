/* SPDX-License-Identifier: MIT */
/*
 * Checks the parameters of one word, and those of its policies.
 */
#ifndef MORTISE_CLI_RESOLVE_VALUE_H
#define MORTISE_CLI_RESOLVE_VALUE_H

#include "model.h"
#include "registry.h"

/* The parameters that a model gives to `word`. */
void resolve_args(const struct registry *registry, const struct word *word, struct arg *args,
                  size_t count, struct diags *diags);

/* Reports that the header of a word cannot be used. */
void resolve_head_problem(const struct word *word, struct diags *diags);

#endif
