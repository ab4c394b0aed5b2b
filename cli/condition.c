/* SPDX-License-Identifier: MIT */
#include "condition.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

enum { DEPTH_LIMIT = 32 };

/* A number, or one that is not known. */
struct number {
    bool known;
    int64_t value;
};

struct parser {
    const char *at;
    const struct macros *macros;
    unsigned depth; /* of macros in macros, and of parentheses */
};

static struct number parse_binary(struct parser *parser, int least);

static const struct number unknown = {false, 0};

static struct number number_of(int64_t value)
{
    return (struct number){true, value};
}

static void skip_space(struct parser *parser)
{
    parser->at += strspn(parser->at, " \t\r\n\f\v");
}

static bool take(struct parser *parser, const char *token)
{
    skip_space(parser);
    const size_t n = strlen(token);
    if (strncmp(parser->at, token, n) != 0)
        return false;
    parser->at += n;
    return true;
}

/* An identifier, or NULL. */
static const char *take_name(struct parser *parser)
{
    skip_space(parser);
    const char *begin = parser->at;
    if (!isalpha((unsigned char)*begin) && *begin != '_')
        return NULL;
    while (isalnum((unsigned char)*parser->at) || *parser->at == '_')
        parser->at++;
    return mem_text(begin, (size_t)(parser->at - begin));
}

/* Past the parentheses after the name of a macro with arguments. */
static bool skip_arguments(struct parser *parser)
{
    skip_space(parser);
    if (*parser->at != '(')
        return false;
    unsigned open = 0;
    do {
        open += *parser->at == '(';
        open -= *parser->at == ')';
        parser->at++;
    } while (open != 0 && *parser->at != '\0');
    return true;
}

static struct number parse_defined(struct parser *parser)
{
    const bool wrapped = take(parser, "(");
    const char *name = take_name(parser);
    if (wrapped)
        take(parser, ")");
    if (name == NULL)
        return unknown;
    switch (macro_find(parser->macros, name).kind) {
    case MACRO_DEFINED:
        return number_of(1);
    case MACRO_UNDEFINED:
        return number_of(0);
    default:
        return unknown;
    }
}

static struct number parse_name(struct parser *parser, const char *name)
{
    if (strcmp(name, "defined") == 0)
        return parse_defined(parser);
    const struct macro macro = macro_find(parser->macros, name);
    if (skip_arguments(parser))
        return unknown;
    if (macro.kind == MACRO_UNDEFINED)
        return number_of(0);
    if (macro.kind != MACRO_DEFINED || macro.body == NULL || parser->depth == DEPTH_LIMIT)
        return unknown;
    struct parser inner = {macro.body, parser->macros, parser->depth + 1};
    const struct number value = parse_binary(&inner, 0);
    skip_space(&inner);
    return *inner.at == '\0' ? value : unknown;
}

static struct number parse_number(struct parser *parser)
{
    char *end;
    const uint64_t value = strtoull(parser->at, &end, 0);
    if (end == parser->at) { /* a character, a string, or no expression at all: not ours to judge */
        parser->at += strlen(parser->at);
        return unknown;
    }
    parser->at = end + strspn(end, "uUlLzZ");
    return value > INT64_MAX ? unknown : number_of((int64_t)value);
}

static struct number parse_unary(struct parser *parser)
{
    skip_space(parser);
    if (parser->depth == DEPTH_LIMIT) {
        parser->at += strlen(parser->at);
        return unknown;
    }
    const char sign = *parser->at;
    if (sign != '\0' && strchr("!~-+(", sign) != NULL) {
        parser->at++;
        parser->depth++;
        struct number value = sign == '(' ? parse_binary(parser, 0) : parse_unary(parser);
        parser->depth--;
        if (sign == '(')
            take(parser, ")");
        else if (sign == '!')
            value.value = !value.value;
        else if (sign == '~')
            value.value = ~value.value;
        else if (sign == '-')
            value.value = (int64_t)(0 - (uint64_t)value.value);
        return value;
    }
    const char *name = take_name(parser);
    return name != NULL ? parse_name(parser, name) : parse_number(parser);
}

/* Longer tokens first, so that < does not take the half of <<. */
static const struct {
    const char *token;
    int level;
} operators[] = {{"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7}, {">=", 7},
                 {"<<", 8}, {">>", 8}, {"|", 3},  {"^", 4},  {"&", 5},  {"<", 7},
                 {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};

enum { OPERATOR_COUNT = sizeof operators / sizeof operators[0] };

/* One unknown side leaves && and || known where the other decides. */
static struct number logical(bool is_or, struct number a, struct number b)
{
    if ((a.known && (a.value != 0) == is_or) || (b.known && (b.value != 0) == is_or))
        return number_of(is_or);
    return a.known && b.known ? number_of(!is_or) : unknown;
}

static struct number shift_or_divide(const char *token, int64_t a, int64_t b)
{
    if (*token == '<' || *token == '>') {
        if (b < 0 || b > 62 || a < 0)
            return unknown;
        return number_of(*token == '<' ? (int64_t)((uint64_t)a << b) : a >> b);
    }
    if (b == 0 || b == -1)
        return unknown;
    return number_of(*token == '/' ? a / b : a % b);
}

static struct number apply(const char *token, struct number left, struct number right)
{
    const int64_t a = left.value;
    const int64_t b = right.value;
    if (strcmp(token, "||") == 0 || strcmp(token, "&&") == 0)
        return logical(*token == '|', left, right);
    if (!left.known || !right.known)
        return unknown;
    if (strcmp(token, "==") == 0)
        return number_of(a == b);
    if (strcmp(token, "!=") == 0)
        return number_of(a != b);
    if (strcmp(token, "<=") == 0)
        return number_of(a <= b);
    if (strcmp(token, ">=") == 0)
        return number_of(a >= b);
    if (token[1] != '\0')
        return shift_or_divide(token, a, b);
    switch (*token) {
    case '|':
        return number_of(a | b);
    case '^':
        return number_of(a ^ b);
    case '&':
        return number_of(a & b);
    case '<':
        return number_of(a < b);
    case '>':
        return number_of(a > b);
    case '+':
        return number_of((int64_t)((uint64_t)a + (uint64_t)b));
    case '-':
        return number_of((int64_t)((uint64_t)a - (uint64_t)b));
    case '*':
        return number_of((int64_t)((uint64_t)a * (uint64_t)b));
    default:
        return shift_or_divide(token, a, b);
    }
}

static struct number parse_binary(struct parser *parser, int least)
{
    struct number left = parse_unary(parser);
    for (;;) {
        skip_space(parser);
        size_t i = 0;
        while (i < OPERATOR_COUNT &&
               strncmp(parser->at, operators[i].token, strlen(operators[i].token)) != 0)
            i++;
        if (i == OPERATOR_COUNT || operators[i].level < least)
            return left;
        parser->at += strlen(operators[i].token);
        left = apply(operators[i].token, left, parse_binary(parser, operators[i].level + 1));
    }
}

enum truth condition_eval(const char *text, const struct macros *macros)
{
    struct parser parser = {text, macros, 0};
    const struct number value = parse_binary(&parser, 0);
    skip_space(&parser);
    if (!value.known || *parser.at != '\0') /* ?: and other rarities stay with the compiler */
        return TRUTH_UNKNOWN;
    return value.value != 0 ? TRUTH_YES : TRUTH_NO;
}

void condition_assume(const char *text, bool holds, struct macros *macros)
{
    struct parser parser = {text, macros, 0};
    while (take(&parser, "!"))
        holds = !holds;
    const char *word = take_name(&parser);
    if (word == NULL || strcmp(word, "defined") != 0)
        return;
    const bool wrapped = take(&parser, "(");
    const char *name = take_name(&parser);
    if (wrapped)
        take(&parser, ")");
    skip_space(&parser);
    if (name != NULL && *parser.at == '\0' && macro_find(macros, name).kind <= MACRO_UNKNOWN)
        macro_set(macros, name, holds ? MACRO_DEFINED : MACRO_UNDEFINED, NULL);
}
