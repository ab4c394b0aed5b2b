/* SPDX-License-Identifier: MIT */
#include "macro.h"

#include <string.h>

#include "mem.h"

static struct macro *find(const struct macros *macros, const char *name)
{
    for (size_t i = 0; i < macros->count; i++)
        if (strcmp(macros->list[i].name, name) == 0)
            return &macros->list[i];
    return NULL;
}

struct macro macro_find(const struct macros *macros, const char *name)
{
    const struct macro *macro = find(macros, name);
    return macro != NULL ? *macro : (struct macro){name, MACRO_UNTOUCHED, NULL};
}

void macro_set(struct macros *macros, const char *name, enum macro_kind kind, const char *body)
{
    struct macro *macro = find(macros, name);
    if (macro == NULL) {
        macros->list = mem_more(macros->list, macros->count, sizeof *macros->list);
        macro = &macros->list[macros->count++];
    }
    *macro = (struct macro){name, kind, body};
}

struct macros macros_copy(const struct macros *macros)
{
    struct macros copy = {NULL, 0};
    for (size_t i = 0; i < macros->count; i++) {
        copy.list = mem_more(copy.list, copy.count, sizeof *copy.list);
        copy.list[copy.count++] = macros->list[i];
    }
    return copy;
}

static bool same_body(const struct macro *a, const struct macro *b)
{
    return a->body != NULL && b->body != NULL && strcmp(a->body, b->body) == 0;
}

struct macros macros_merge(const struct macros *a, const struct macros *b)
{
    struct macros merged = macros_copy(a);
    for (size_t i = 0; i < merged.count; i++) {
        struct macro *macro = &merged.list[i];
        const struct macro other = macro_find(b, macro->name);
        if (macro->kind != other.kind)
            macro->kind = MACRO_UNKNOWN;
        if (!same_body(macro, &other))
            macro->body = NULL;
    }
    for (size_t i = 0; i < b->count; i++)
        if (find(a, b->list[i].name) == NULL)
            macro_set(&merged, b->list[i].name, MACRO_UNKNOWN, NULL);
    return merged;
}
