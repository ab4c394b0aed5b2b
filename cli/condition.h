/* SPDX-License-Identifier: MIT */
/*
 * The condition of an #if, as far as the macros in it are known.
 */
#ifndef MORTISE_CLI_CONDITION_H
#define MORTISE_CLI_CONDITION_H

#include "macro.h"

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

/* `text` is what follows the #if, without comments, on one line. */
enum truth condition_eval(const char *text, const struct macros *macros);

/* What is known besides where the condition holds, or does not: of the forms `defined X` and
 * `!defined X`, X. */
void condition_assume(const char *text, bool holds, struct macros *macros);

#endif
