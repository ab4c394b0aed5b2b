/* SPDX-License-Identifier: MIT */
/*
 * The name of a built allocator in the cache.
 */
#ifndef MORTISE_CLI_CACHE_KEY_H
#define MORTISE_CLI_CACHE_KEY_H

#include "compile.h"

/* 64 hexadecimal digits; NULL after reporting why there is no key. */
const char *cache_key(const struct model *model, const struct registry *registry,
                      const struct compiler *compiler, struct diags *diags);

/* Whether the key changes with this file, given without symbolic links. */
bool cache_key_holds(const char *path, const struct registry *registry);

#endif
