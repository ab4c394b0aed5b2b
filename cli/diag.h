/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, where in the model, and what to do about it.
 *
 *     mortise: unknown layer 'tlfs_glk'
 *       mmap_heap::tlfs_glk::malloc_socket
 *                  ^~~~~~~~
 *       did you mean 'tlsf_glk'?
 */
#ifndef MORTISE_CLI_DIAG_H
#define MORTISE_CLI_DIAG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DIAG_MAX 8

/* The text of a model, and what to call it. */
struct source {
    const char *file;        /* shown before the message; NULL for a model on the command line */
    const char *composition; /* the C name of the allocator */
    const char *text;        /* may hold any byte */
    size_t length;
};

struct diag {
    bool placed; /* at and length point into the model */
    size_t at, length;
    const char *message;
    const char *suggestion; /* the word that was probably meant, or NULL */
    const char *help;       /* the remedy, or NULL; may have several lines */
};

struct diags {
    const struct source *source;
    size_t count;
    struct diag list[DIAG_MAX + 1]; /* the last one takes what does not fit */
};

/* An error at a place of the model; the caller may fill in suggestion and help. */
__attribute__((format(printf, 4, 5))) struct diag *diag_at(struct diags *diags, size_t at,
                                                           size_t length, const char *format, ...);

/* An error that has no place in the model. */
__attribute__((format(printf, 2, 3))) struct diag *diag_add(struct diags *diags, const char *format,
                                                            ...);

void diag_print(const struct diags *diags, FILE *out);

/* [{line, column, message, suggestion, help}], counted from 1, null where there is none. */
json_t *diag_json(const struct diags *diags);

/* A JSON string of any bytes, null for NULL. */
json_t *diag_json_text(const char *text);

#endif
