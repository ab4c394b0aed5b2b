/* SPDX-License-Identifier: MIT */
/*
 * The manual of a word, made from its head comment.
 */
#ifndef MORTISE_CLI_DOC_H
#define MORTISE_CLI_DOC_H

#include <jansson.h>
#include <stdbool.h>

#include "registry.h"

/* `again`: another manual was printed before this one. */
void doc_print(const struct registry *registry, const struct word *word, bool again);

json_t *doc_json(const struct registry *registry, const struct word *word);

#endif
