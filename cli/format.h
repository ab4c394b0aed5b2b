/* SPDX-License-Identifier: MIT */
/*
 * Makes a file of C legible with clang-format, where that is at hand.
 */
#ifndef MORTISE_CLI_FORMAT_H
#define MORTISE_CLI_FORMAT_H

/* In place, in the style of Mortise; a text that cannot be formatted stays as it is. */
void format_file(const char *path);

#endif
