/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <string.h>

#include "lexer.h"
#include "mem.h"
#include "text.h"

struct parser {
    const struct source *source;
    struct diags *diags;
    struct token token;
    unsigned depth;
};

static const struct {
    const char *name;
    unsigned shift;
} units[] = {
    {"KB", 10}, {"KiB", 10}, {"MB", 20}, {"MiB", 20},
    {"GB", 30}, {"GiB", 30}, {"TB", 40}, {"TiB", 40},
};

static bool same(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(s, word, n) == 0;
}

enum size_status model_size(const char *s, size_t n, uint64_t *size)
{
    if (same(s, n, "SIZE_MAX")) {
        *size = UINT64_MAX;
        return SIZE_OK;
    }
    uint64_t number = 0;
    size_t i = 0;
    bool overflow = false;
    for (; i < n && s[i] >= '0' && s[i] <= '9'; i++) {
        const unsigned digit = (unsigned)(s[i] - '0');
        overflow = overflow || number > (UINT64_MAX - digit) / 10;
        number = number * 10 + digit;
    }
    if (i == 0)
        return SIZE_NOT_A_NUMBER;
    unsigned shift = 0;
    bool known = i == n;
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++)
        if (same(s + i, n - i, units[u].name)) {
            shift = units[u].shift;
            known = true;
        }
    if (!known)
        return SIZE_BAD_UNIT;
    if (overflow || number > UINT64_MAX >> shift)
        return SIZE_TOO_LARGE;
    *size = number << shift;
    return SIZE_OK;
}

static void advance(struct parser *parser)
{
    parser->token = lexer_next(parser->source, parser->token.span.at + parser->token.span.length);
}

static const char *token_text(const struct parser *parser)
{
    return parser->source->text + parser->token.span.at;
}

/* What a lone colon, or the full-width one of a Chinese keyboard, was meant to be. */
static bool is_colon(const char *s, size_t n)
{
    return same(s, n, ":") || same(s, n, "\xef\xbc\x9a");
}

/* Reports that something else was expected here. Always false, for `return`. */
static bool expected(struct parser *parser, const char *what)
{
    const struct span span = parser->token.span;
    if (parser->token.kind == TOKEN_END) {
        diag_at(parser->diags, span.at, 0, "expected %s, found the end of the model", what);
        return false;
    }
    struct diag *diag = diag_at(parser->diags, span.at, span.length, "expected %s, found '%s'",
                                what, text_quote(token_text(parser), span.length));
    if (is_colon(token_text(parser), span.length))
        diag->suggestion = "::";
    else if (parser->token.kind == TOKEN_UNKNOWN)
        diag->help = "a model is made of names, numbers and :: ( ) = , [ ]";
    return false;
}

static bool take_name(struct parser *parser, const char *what, struct span *span, const char **name)
{
    if (parser->token.kind != TOKEN_NAME)
        return expected(parser, what);
    *span = parser->token.span;
    if (span->length > NAME_MAX_LENGTH) {
        diag_at(parser->diags, span->at, span->length, "this name is longer than %d bytes",
                NAME_MAX_LENGTH);
        return false;
    }
    *name = mem_text(token_text(parser), span->length);
    advance(parser);
    return true;
}

static bool deeper(struct parser *parser)
{
    if (parser->depth == MODEL_DEPTH) {
        diag_at(parser->diags, parser->token.span.at, 1, "nested deeper than %d levels",
                MODEL_DEPTH);
        return false;
    }
    parser->depth++;
    advance(parser);
    return true;
}

static bool parse_args(struct parser *parser, struct arg **args, size_t *count);
static bool parse_value(struct parser *parser, struct value *value);

static bool parse_range(struct parser *parser, struct value *value)
{
    const size_t begin = parser->token.span.at;
    value->kind = VALUE_RANGE;
    value->low = mem_get(sizeof *value->low);
    value->high = mem_get(sizeof *value->high);
    if (!deeper(parser) || !parse_value(parser, value->low))
        return false;
    if (parser->token.kind != TOKEN_COMMA)
        return expected(parser, "',' and the high end of the range");
    advance(parser);
    if (!parse_value(parser, value->high))
        return false;
    if (parser->token.kind != TOKEN_HIGH)
        return expected(parser, "']'");
    value->span = (struct span){begin, parser->token.span.at + 1 - begin};
    parser->depth--;
    advance(parser);
    return true;
}

static bool parse_number(struct parser *parser, struct value *value)
{
    const struct span span = parser->token.span;
    const char *s = token_text(parser);
    value->kind = VALUE_NUMBER;
    value->span = span;
    const enum size_status status = model_size(s, span.length, &value->number);
    if (status == SIZE_TOO_LARGE) {
        diag_at(parser->diags, span.at, span.length, "'%s' is larger than SIZE_MAX",
                text_quote(s, span.length));
        return false;
    }
    if (status == SIZE_BAD_UNIT) {
        const size_t digits = strspn(mem_text(s, span.length), "0123456789");
        struct nearest nearest = {mem_text(s + digits, span.length - digits), NULL, 0};
        for (size_t u = 0; u < sizeof units / sizeof units[0]; u++)
            nearest_offer(&nearest, units[u].name);
        struct diag *diag =
            diag_at(parser->diags, span.at + digits, span.length - digits, "unknown unit '%s'",
                    text_quote(s + digits, span.length - digits));
        diag->suggestion = nearest.best;
        diag->help = "units are KB, MB, GB and TB, powers of two";
        return false;
    }
    value->unit = !(s[span.length - 1] >= '0' && s[span.length - 1] <= '9');
    value->text = mem_text(s, span.length);
    advance(parser);
    return true;
}

static bool parse_value(struct parser *parser, struct value *value)
{
    if (parser->token.kind == TOKEN_LOW)
        return parse_range(parser, value);
    if (parser->token.kind == TOKEN_NUMBER ||
        (parser->token.kind == TOKEN_NAME &&
         same(token_text(parser), parser->token.span.length, "SIZE_MAX")))
        return parse_number(parser, value);
    value->kind = VALUE_NAME;
    return take_name(parser, "a value: a number, a name or a range like [0,64KB]", &value->span,
                     &value->text) &&
           parse_args(parser, &value->args, &value->count);
}

static bool parse_arg(struct parser *parser, struct arg *arg)
{
    if (!take_name(parser, "the name of a parameter", &arg->span, &arg->name))
        return false;
    if (parser->token.kind != TOKEN_EQUALS)
        return expected(parser, mem_format("'=' and a value for '%s'", arg->name));
    advance(parser);
    return parse_value(parser, &arg->value);
}

static bool parse_args(struct parser *parser, struct arg **args, size_t *count)
{
    if (parser->token.kind != TOKEN_OPEN)
        return true;
    if (!deeper(parser))
        return false;
    for (;;) {
        if (*count == MODEL_PARAMETERS) {
            diag_at(parser->diags, parser->token.span.at, parser->token.span.length,
                    "more than %d parameters", MODEL_PARAMETERS);
            return false;
        }
        *args = mem_more(*args, *count, sizeof **args);
        if (!parse_arg(parser, &(*args)[*count]))
            return false;
        ++*count;
        if (parser->token.kind != TOKEN_COMMA)
            break;
        advance(parser);
    }
    if (parser->token.kind != TOKEN_CLOSE)
        return expected(parser, "',' or ')'");
    parser->depth--;
    advance(parser);
    return true;
}

static bool parse_use(struct parser *parser, struct model *model)
{
    if (model->count == MODEL_WORDS && parser->token.kind == TOKEN_NAME) {
        diag_at(parser->diags, parser->token.span.at, parser->token.span.length,
                "a model has at most %d layers and a socket", MODEL_LAYERS);
        return false;
    }
    struct use *use = &model->uses[model->count];
    const char *what = model->count == 0 ? "the name of a system layer" : "a word after '::'";
    if (!take_name(parser, what, &use->span, &use->name))
        return false;
    model->count++;
    return parse_args(parser, &use->args, &use->count);
}

bool model_parse(const struct source *source, struct model *model, struct diags *diags)
{
    struct parser parser = {source, diags, lexer_next(source, 0), 0};
    memset(model, 0, sizeof *model);
    model->source = source;
    if (parser.token.kind == TOKEN_END) {
        diag_add(diags, "%s%sthe model is empty", source->file == NULL ? "" : source->file,
                 source->file == NULL ? "" : ": ")
            ->help = "a model is words joined by '::', from the system layer to the socket";
        return false;
    }
    for (;;) {
        if (!parse_use(&parser, model))
            return false;
        if (parser.token.kind == TOKEN_END)
            return true;
        if (parser.token.kind != TOKEN_JOIN)
            return expected(&parser, model->uses[model->count - 1].count == 0
                                         ? "'::' or '('"
                                         : "'::' and the next word");
        advance(&parser);
    }
}

struct arg *model_arg(const struct use *use, const char *name)
{
    for (size_t i = 0; i < use->count; i++)
        if (strcmp(use->args[i].name, name) == 0)
            return &use->args[i];
    return NULL;
}
