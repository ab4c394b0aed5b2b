/* SPDX-License-Identifier: MIT */
/*
 * The conditions around a line: which of them is decided, and what is known of macros between them.
 */
#ifndef MORTISE_CLI_AMALGAM_IF_H
#define MORTISE_CLI_AMALGAM_IF_H

#include <stdbool.h>
#include <stddef.h>

#include "line.h"
#include "macro.h"

struct branch;

struct conditions {
    struct macros macros; /* as known at this line */
    struct branch *open;  /* the #if that the line is in, NULL: none */
    bool live;            /* the line may be compiled */
};

/* Follows an #if, #ifdef, #ifndef, #elif, #else or #endif; false for any other line. *text is what
 * to put in its place, "" where the condition is decided. */
bool conditions_follow(struct conditions *conditions, const struct line *line, const char **text);

#endif
