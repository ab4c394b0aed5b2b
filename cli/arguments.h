/* SPDX-License-Identifier: MIT */
/*
 * The arguments that a socket's functions take besides malloc's: none, or list(NAME=TYPE, ...).
 */
#ifndef MORTISE_CLI_ARGUMENTS_H
#define MORTISE_CLI_ARGUMENTS_H

#include "model.h"

/* The place of the first mistake and what was expected there, or NULL if there is none. */
const char *arguments_mistake(const struct value *value, struct span *at);

/* As MCTX_ARGUMENTS says it, or NULL for none. */
const char *arguments_c(const struct value *value);

#endif
