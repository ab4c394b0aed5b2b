/* SPDX-License-Identifier: MIT */
/*
 * A text of C, line by line, as its preprocessor sees it.
 */
#ifndef MORTISE_CLI_LINE_H
#define MORTISE_CLI_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
    const char *at;
    bool comment; /* `at` is within a comment */
};

struct line {
    const char *text; /* as written, with its newline; a directive with its continuations */
    size_t length;
    bool code;             /* more than white space and comment */
    const char *directive; /* "ifndef", "include", ...; NULL: no directive */
    const char *rest;      /* what follows it, without comments, on one line */
};

/* False at the end of the text. */
bool line_next(struct lines *lines, struct line *line);

#endif
