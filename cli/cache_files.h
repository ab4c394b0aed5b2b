/* SPDX-License-Identifier: MIT */
/*
 * The files that a library in the cache was built of and that its name does not stand for: headers
 * of the system, and those that --cflags or a header of the user leads to. They are listed behind
 * the end of the library, where no loader looks, so that there is one file and one rename.
 */
#ifndef MORTISE_CLI_CACHE_FILES_H
#define MORTISE_CLI_CACHE_FILES_H

#include "compile.h"

/* Lists behind the library what the compiler has read, as it wrote to the folder of the build;
 * false with errno. */
bool cache_files_add(const char *library, const struct work *work, const struct registry *registry);

/* Whether there is such a list, and all in it is as it was. */
bool cache_files_same(const char *library);

#endif
