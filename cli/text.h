/* SPDX-License-Identifier: MIT */
/*
 * Small questions about text: which name is nearest, how a foreign byte is shown, where a command
 * line splits into words.
 */
#ifndef MORTISE_CLI_TEXT_H
#define MORTISE_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The longest name of the model language. */
#define NAME_MAX_LENGTH 64

bool text_is_name(const char *s, size_t n);
bool text_is_space(char c);

/* Keeps the candidate that is nearest to a misspelt word; start with {word, NULL, 0}. */
struct nearest {
    const char *word;
    const char *best;
    unsigned distance;
};

void nearest_offer(struct nearest *nearest, const char *candidate);

/* n bytes of s for a message: printable, in ASCII, at most 40 of them. */
const char *text_quote(const char *s, size_t n);

/* s in printable ASCII, whole: valid in JSON whatever the bytes were. */
const char *text_escape(const char *s);

/* s for HTML and SVG, without what these would take for their own. */
const char *text_html(const char *s);

const char *text_upper(const char *s);

/* s as one word of a shell's command line, in quotes if it needs them. */
const char *text_shell(const char *s);

/* Splits like a shell does: white space, '…', "…" and backslash. The result ends with NULL.
 * Returns NULL when a quote is left open. */
const char **text_split(const char *line, size_t *count);

/* Adds text to a list with a separator in between; a NULL list is an empty one. */
const char *text_join(const char *list, const char *separator, const char *text);

#endif
