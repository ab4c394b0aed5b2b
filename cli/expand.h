/* SPDX-License-Identifier: MIT */
/*
 * What the preprocessor makes of a model, for a person to read: the system's headers are includes
 * again, and each piece tells which file it comes from.
 */
#ifndef MORTISE_CLI_EXPAND_H
#define MORTISE_CLI_EXPAND_H

#include "model.h"
#include "registry.h"

/* `text` is the output of cc -E -dI. `only` is the number of a word of the model, whose own file is
 * wanted, or -1: everything. */
const char *expand_text(const char *text, const struct registry *registry, int only);

#endif
