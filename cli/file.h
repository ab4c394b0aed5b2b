/* SPDX-License-Identifier: MIT */
/*
 * Whole files and folders.
 */
#ifndef MORTISE_CLI_FILE_H
#define MORTISE_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Reads at most `limit` bytes; NULL with errno when that fails. The text ends with a NUL that
 * *length does not count. A path of "-" is the standard input. */
char *file_read(const char *path, size_t limit, size_t *length);

bool file_is_folder(const char *path);
bool file_is_regular(const char *path);

/* The names in a folder, sorted, without those that begin with a dot; NULL when it cannot be
 * read. */
const char **file_list(const char *folder, size_t *count);

/* NAME when the file name is NAME followed by suffix and NAME may stand in a model; else NULL. */
const char *file_name_of(const char *file, const char *suffix);

/* An absolute path without symbolic links; NULL with errno. */
const char *file_resolve(const char *path);

/* Whether a path without symbolic links begins with that of the folder. */
bool file_is_below(const char *path, const char *folder);

/* Writes a whole new file; false with errno. */
bool file_write(const char *path, const char *text, size_t length);

/* Where temporary files go: $TMPDIR, else /tmp. */
const char *file_temporary(void);

/* A new folder in `parent`, with a name of its own; NULL with errno. */
const char *file_make_unique(const char *parent);

/* mkdir -p; false with errno. */
bool file_make_folders(const char *path);

/* rm -r. */
void file_remove_tree(const char *path);

#endif
