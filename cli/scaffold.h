/* SPDX-License-Identifier: MIT */
/*
 * The beginning of a new word: a copy of one that works, under the new name, and a test for it.
 */
#ifndef MORTISE_CLI_SCAFFOLD_H
#define MORTISE_CLI_SCAFFOLD_H

#include "registry.h"

/* The word that a new one of this kind begins as: a layer as count, a policy as the member that
 * stands in its slot by default. NULL after reporting that there is none. */
const struct word *scaffold_origin(const struct registry *registry, enum kind kind,
                                   const char *slot, struct diags *diags);

/* The header of `origin` as that of `name`. With `apart` it does not lie in Mortise's own folders,
 * so that what it includes from there is named in full. NULL with errno. */
const char *scaffold_header(const struct registry *registry, const struct word *origin,
                            const char *name, bool apart);

/* A test program for the new word: what every allocator promises, with it in the stack. `include`
 * is how a layer's header is included. */
const char *scaffold_test(const struct registry *registry, const struct word *origin,
                          const char *name, const char *include);

/* A test in C of `origin`, as one of `name`. */
const char *scaffold_member_test(const struct word *origin, const char *name, const char *text);

#endif
