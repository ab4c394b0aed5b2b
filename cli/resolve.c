/* SPDX-License-Identifier: MIT */
#include "resolve.h"

#include <string.h>

#include "mem.h"
#include "resolve_value.h"
#include "text.h"

static enum kind wanted_kind(const struct model *model, size_t i)
{
    if (i == 0)
        return KIND_SYSTEM;
    return i + 1 == model->count ? KIND_SOCKET : KIND_LAYER;
}

static const char *nearest_word(const struct registry *registry, enum kind kind, const char *name)
{
    struct nearest nearest = {name, NULL, 0};
    for (size_t i = 0; i < registry->count; i++)
        if (registry->words[i].kind == kind && registry_documented(&registry->words[i]))
            nearest_offer(&nearest, registry->words[i].name);
    return nearest.best;
}

static void unknown_word(const struct registry *registry, const struct use *use, enum kind kind,
                         struct diags *diags)
{
    struct diag *diag = diag_at(diags, use->span.at, use->span.length, "unknown %s '%s'",
                                registry_kind_text(kind), use->name);
    diag->suggestion = nearest_word(registry, kind, use->name);
    for (enum kind other = KIND_SYSTEM; diag->suggestion == NULL && other <= KIND_SOCKET; other++)
        diag->suggestion = nearest_word(registry, other, use->name);
    const char *names = registry_names(registry, kind, NULL);
    if (diag->suggestion == NULL && names != NULL)
        diag->help = mem_format("known %ss: %s", registry_kind_text(kind), names);
}

/* A known word in the wrong place. */
static void wrong_place(const struct registry *registry, const struct use *use, enum kind kind,
                        struct diags *diags)
{
    const char *is = registry_kind_text(use->word->kind);
    struct diag *diag;
    if (kind == KIND_LAYER) {
        diag = diag_at(diags, use->span.at, use->span.length, "'%s' is a %s and can only stand %s",
                       use->name, is, use->word->kind == KIND_SYSTEM ? "first" : "last");
        diag->help = use->word->kind == KIND_SYSTEM
                         ? "a model is one system layer, then layers, then one socket"
                         : "nothing follows the socket";
        return;
    }
    const bool first = kind == KIND_SYSTEM;
    diag = diag_at(diags, use->span.at, use->span.length, "'%s' is a %s, but a model %s with a %s",
                   use->name, is, first ? "begins" : "ends", registry_kind_text(kind));
    const char *names = registry_names(registry, kind, NULL);
    if (names != NULL)
        diag->help = mem_format("put a %s %s: %s", registry_kind_text(kind),
                                first ? "first" : "last", names);
}

static void resolve_use(struct model *model, size_t i, const struct registry *registry,
                        struct diags *diags)
{
    struct use *use = &model->uses[i];
    const enum kind kind = wanted_kind(model, i);
    use->word = registry_find_any(registry, use->name);
    if (use->word == NULL)
        unknown_word(registry, use, kind, diags);
    else if (use->word->kind != kind)
        wrong_place(registry, use, kind, diags);
    else if (use->word->problem != NULL)
        resolve_head_problem(use->word, diags);
    else
        resolve_args(registry, use->word, use->args, use->count, diags);
}

static bool is_taken(const struct model *model, const char *instance)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct use *use = &model->uses[i];
        if (strcmp(use->name, instance) == 0 ||
            (use->instance != NULL && strcmp(use->instance, instance) == 0))
            return true;
    }
    return false;
}

/* The word itself; its second use is word_2. */
static void name_instances(struct model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        unsigned number = 1;
        for (size_t j = 0; j < i; j++)
            number += strcmp(model->uses[j].name, model->uses[i].name) == 0;
        const char *instance = model->uses[i].name;
        if (number > 1)
            do
                instance = mem_format("%s_%u", model->uses[i].name, number);
            while (number++ != 0 && is_taken(model, instance));
        model->uses[i].instance = instance;
    }
}

/* A parameter that names a layer, given or not, names one on the system side of its word. */
static void check_layer_name(const struct model *model, size_t i, const struct param *param,
                             struct diags *diags)
{
    const struct use *use = &model->uses[i];
    const struct arg *given = model_arg(use, param->name);
    struct span span = given != NULL ? given->value.span : use->span;
    const char *wanted = given != NULL ? given->value.text : param->standard;
    struct nearest nearest = {wanted, NULL, 0};
    const char *names = NULL;
    for (size_t j = 0; j < i; j++) {
        if (strcmp(model->uses[j].instance, wanted) == 0)
            return;
        nearest_offer(&nearest, model->uses[j].instance);
        names = text_join(names, ", ", model->uses[j].instance);
    }
    struct diag *diag =
        diag_at(diags, span.at, span.length, "'%s' of '%s' names no layer on its system side: '%s'",
                param->name, use->name, wanted);
    diag->suggestion = nearest.best;
    diag->help = mem_format("expected %s=, one of: %s", param->name, names);
}

static void check_layer_names(const struct model *model, struct diags *diags)
{
    for (size_t i = 1; i < model->count; i++) {
        const struct head *head = &model->uses[i].word->head;
        for (size_t j = 0; j < head->param_count; j++)
            if (head->params[j].type == PARAM_NAME && strcmp(head->params[j].range, "layer") == 0)
                check_layer_name(model, i, &head->params[j], diags);
    }
}

bool resolve(struct model *model, const struct registry *registry, struct diags *diags)
{
    const size_t before = diags->count;
    for (size_t i = 0; i < model->count; i++)
        resolve_use(model, i, registry, diags);
    const struct use *last = &model->uses[model->count - 1];
    if (model->count == 1 && diags->count == before) {
        const char *names = registry_names(registry, KIND_SOCKET, NULL);
        diag_at(diags, last->span.at + last->span.length, 0, "a model ends with a socket")->help =
            names == NULL ? NULL : mem_format("put a socket last: %s", names);
    }
    name_instances(model);
    if (diags->count == before)
        check_layer_names(model, diags);
    return diags->count == before;
}
