/* SPDX-License-Identifier: MIT */
#include "arguments.h"

#include <string.h>

#include "mem.h"
#include "text.h"

enum { MOST = 16 }; /* what MORTISE_MAP takes */

static const struct type {
    const char *name, *c;
} types[] = {
    {"int", "int"},      {"unsigned", "unsigned"},    {"long", "long"},  {"size", "size_t"},
    {"bool", "bool"},    {"pointer", "const void *"}, {"u8", "uint8_t"}, {"u16", "uint16_t"},
    {"u32", "uint32_t"}, {"u64", "uint64_t"},
};

/* Those of the functions themselves. */
static const char *const taken[] = {"heap", "block", "size", "align", "count"};

static const struct type *type_of(const struct value *value)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (value->kind == VALUE_NAME && value->count == 0 &&
            strcmp(value->text, types[i].name) == 0)
            return &types[i];
    return NULL;
}

static bool is_taken(const struct arg *args, size_t i)
{
    for (size_t t = 0; t < sizeof taken / sizeof taken[0]; t++)
        if (strcmp(args[i].name, taken[t]) == 0)
            return true;
    for (size_t j = 0; j < i; j++)
        if (strcmp(args[i].name, args[j].name) == 0)
            return true;
    return false;
}

static bool is_none(const struct value *value)
{
    return value->kind == VALUE_NAME && value->count == 0 && strcmp(value->text, "none") == 0;
}

const char *arguments_mistake(const struct value *value, struct span *at)
{
    *at = value->span;
    if (is_none(value))
        return NULL;
    if (value->kind != VALUE_NAME || strcmp(value->text, "list") != 0 || value->count == 0 ||
        value->count > MOST)
        return "expected none, or list(NAME=TYPE, ...) with up to 16 arguments";
    for (size_t i = 0; i < value->count; i++) {
        *at = value->args[i].span;
        if (is_taken(value->args, i))
            return "expected a name that no other argument has; heap, block, size, align and count "
                   "are taken";
        *at = value->args[i].value.span;
        if (type_of(&value->args[i].value) == NULL) {
            const char *names = NULL;
            for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
                names = text_join(names, ", ", types[t].name);
            return mem_format("expected a type: %s", names);
        }
    }
    return NULL;
}

const char *arguments_c(const struct value *value)
{
    if (is_none(value))
        return NULL;
    const char *text = NULL;
    for (size_t i = 0; i < value->count; i++)
        text = text_join(
            text, ", ",
            mem_format("(%s, %s)", type_of(&value->args[i].value)->c, value->args[i].name));
    return text;
}
