/* SPDX-License-Identifier: MIT */
/*
 * Checks a parsed model against the registry: words, their order, parameters, policies, types and
 * ranges. Fills in what each name means.
 */
#ifndef MORTISE_CLI_RESOLVE_H
#define MORTISE_CLI_RESOLVE_H

#include "model.h"
#include "registry.h"

/* Reports every mistake, one message each; false when there was one. */
bool resolve(struct model *model, const struct registry *registry, struct diags *diags);

#endif
