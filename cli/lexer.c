/* SPDX-License-Identifier: MIT */
#include "lexer.h"

#include "text.h"

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t skip_space(const struct source *source, size_t at)
{
    while (at < source->length) {
        if (source->text[at] == '#') {
            while (at < source->length && source->text[at] != '\n')
                at++;
        } else if (text_is_space(source->text[at])) {
            at++;
        } else {
            break;
        }
    }
    return at;
}

static enum token_kind single(char c)
{
    switch (c) {
    case '(':
        return TOKEN_OPEN;
    case ')':
        return TOKEN_CLOSE;
    case ',':
        return TOKEN_COMMA;
    case '=':
        return TOKEN_EQUALS;
    case '[':
        return TOKEN_LOW;
    case ']':
        return TOKEN_HIGH;
    default:
        return TOKEN_UNKNOWN;
    }
}

/* All bytes of one character of UTF-8 are one unknown token, so that it is named whole. */
static size_t character_length(const struct source *source, size_t at)
{
    size_t end = at + 1;
    if ((source->text[at] & 0xc0) == 0xc0)
        while (end < source->length && end < at + 4 && (source->text[end] & 0xc0) == 0x80)
            end++;
    return end - at;
}

struct token lexer_next(const struct source *source, size_t from)
{
    const size_t at = skip_space(source, from);
    if (at == source->length)
        return (struct token){TOKEN_END, {from, 0}};
    const char c = source->text[at];
    if (is_word_byte(c)) {
        size_t end = at + 1;
        while (end < source->length && is_word_byte(source->text[end]))
            end++;
        const bool digit = c >= '0' && c <= '9';
        return (struct token){digit ? TOKEN_NUMBER : TOKEN_NAME, {at, end - at}};
    }
    if (c == ':' && at + 1 < source->length && source->text[at + 1] == ':')
        return (struct token){TOKEN_JOIN, {at, 2}};
    return (struct token){single(c), {at, character_length(source, at)}};
}
