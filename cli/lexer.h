/* SPDX-License-Identifier: MIT */
/*
 * The tokens of the model language.
 */
#ifndef MORTISE_CLI_LEXER_H
#define MORTISE_CLI_LEXER_H

#include "model.h"

enum token_kind {
    TOKEN_NAME,
    TOKEN_NUMBER, /* a digit and all letters and digits after it */
    TOKEN_JOIN,   /* :: */
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_EQUALS,
    TOKEN_LOW, /* [ */
    TOKEN_HIGH,
    TOKEN_END,
    TOKEN_UNKNOWN,
};

struct token {
    enum token_kind kind;
    struct span span; /* of the end: directly behind the last token */
};

/* The first token at or after `from`. */
struct token lexer_next(const struct source *source, size_t from);

#endif
