/* SPDX-License-Identifier: MIT */
/*
 * Shared libraries that the command has built: whether one is whole, and that it stays so.
 */
#ifndef MORTISE_CLI_LIBRARY_H
#define MORTISE_CLI_LIBRARY_H

#include <stdbool.h>

/* Whether the file is ELF and as long as its header says. The loader only warns about one that is
 * not, and the program would run on libc's malloc. */
bool library_is_whole(const char *path);

/* Puts a new file in the place of `path`, where after a crash of the system is the old one or all
 * of the new one; false with errno. */
bool library_replace(const char *new_file, const char *path);

#endif
