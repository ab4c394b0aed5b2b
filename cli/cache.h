/* SPDX-License-Identifier: MIT */
/*
 * Allocators that were built before, named by the SHA-256 of everything that went into them: the
 * generated C, the compiler and its flags, and all headers that it may have read. An entry is
 * complete from the moment it exists, whoever else builds the same one.
 */
#ifndef MORTISE_CLI_CACHE_H
#define MORTISE_CLI_CACHE_H

#include "compile.h"

/* Sets *path to the shared library of a resolved model, built if need be; with `anew` always. */
bool cache_get(const struct model *model, const struct registry *registry,
               const struct compiler *compiler, bool anew, const char **path, struct diags *diags);

#endif
