/* SPDX-License-Identifier: MIT */
/*
 * Reads what a compiler says about a model that it refuses.
 */
#ifndef MORTISE_CLI_COMPILE_ERROR_H
#define MORTISE_CLI_COMPILE_ERROR_H

#include "compile.h"
#include "process.h"

/* Reports one error: the message of a static assertion or an #error as it stands, at the word that
 * it names; of any other mistake the lines that the compiler printed. */
void compile_error(const struct compiler *compiler, const struct model *model,
                   const struct process_result *result, struct diags *diags);

/* The message of the framework in a compiler's output, or NULL. */
const char *compile_error_message(const char *output);

#endif
