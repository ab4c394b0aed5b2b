/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "mem.h"
#include "options.h"
#include "registry.h"
#include "source.h"
#include "text.h"

static const struct argp_option choices[] = {OPTIONS_FOLDERS, OPTIONS_JSON, {0}};

static const struct argp argp = {
    .options = choices,
    .parser = options_parse_key,
    .args_doc = "[KIND]",
    .doc = "List the words of the model language and the named models.\v"
           "KIND is system, layer, socket, policy, model, or a slot such as sync.",
};

/* The words that the command line, and the JSON, use for kinds. */
static const char *const kinds[] = {"system", "layer", "socket", "policy", "slot", "model"};

enum { KIND_MODEL = KIND_COUNT };

static bool wanted(const char *filter, unsigned kind, const char *slot)
{
    return filter == NULL || strcmp(filter, kinds[kind]) == 0 ||
           (slot != NULL && strcmp(filter, slot) == 0);
}

static bool word_wanted(const char *filter, const struct word *word)
{
    return word->kind != KIND_SLOT && registry_documented(word) &&
           wanted(filter, word->kind, word->slot);
}

static const char *heading(const struct registry *registry, const struct word *word)
{
    static const char *const plurals[] = {"System layers", "Layers", "Sockets"};
    if (word->kind != KIND_POLICY)
        return plurals[word->kind];
    const struct word *slot = registry_find(registry, KIND_SLOT, NULL, word->slot);
    return slot != NULL && registry_documented(slot)
               ? mem_format("Policies of %s: %s", word->slot, slot->head.purpose)
               : mem_format("Policies of %s", word->slot);
}

static void print_entry(const char *name, const char *purpose, bool user)
{
    printf("  %-20s%s%s%s\n", name, purpose, user && *purpose != '\0' ? " " : "",
           user ? "(yours)" : "");
}

static void print_text(const struct registry *registry, const struct named_model *models,
                       size_t model_count, const char *filter)
{
    const struct word *before = NULL;
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        if (!word_wanted(filter, word))
            continue;
        if (before == NULL || before->kind != word->kind ||
            (word->kind == KIND_POLICY && strcmp(before->slot, word->slot) != 0))
            printf("%s%s\n", before == NULL ? "" : "\n", heading(registry, word));
        print_entry(word->name, text_escape(word->head.purpose), word->user);
        before = word;
    }
    if (!wanted(filter, KIND_MODEL, NULL) || model_count == 0)
        return;
    printf("%sModels\n", before == NULL ? "" : "\n");
    for (size_t i = 0; i < model_count; i++)
        print_entry(models[i].name, models[i].purpose, false);
}

static void print_json(const struct registry *registry, const struct named_model *models,
                       size_t model_count, const char *filter)
{
    json_t *words = json_array();
    for (size_t i = 0; i < registry->count; i++) {
        const struct word *word = &registry->words[i];
        if (!word_wanted(filter, word))
            continue;
        json_t *object = json_object();
        json_object_set_new(object, "kind", json_string(kinds[word->kind]));
        json_object_set_new(object, "slot", diag_json_text(word->slot));
        json_object_set_new(object, "name", json_string(word->name));
        json_object_set_new(object, "purpose", diag_json_text(word->head.purpose));
        json_object_set_new(object, "path", diag_json_text(word->path));
        json_object_set_new(object, "user", json_boolean(word->user));
        json_array_append_new(words, object);
    }
    json_t *named = json_array();
    for (size_t i = 0; wanted(filter, KIND_MODEL, NULL) && i < model_count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "name", diag_json_text(models[i].name));
        json_object_set_new(object, "purpose", diag_json_text(models[i].purpose));
        json_object_set_new(object, "path", diag_json_text(models[i].path));
        json_array_append_new(named, object);
    }
    json_t *result = json_object();
    json_object_set_new(result, "words", words);
    json_object_set_new(result, "models", named);
    json_dumpf(result, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(result);
}

/* A KIND is one of the five, or a slot that has members. */
static bool check_filter(struct job *job)
{
    const char *filter = job->options.word;
    struct nearest nearest = {filter, NULL, 0};
    if (filter == NULL)
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (i == KIND_SLOT)
            continue;
        if (strcmp(filter, kinds[i]) == 0)
            return true;
        nearest_offer(&nearest, kinds[i]);
    }
    if (registry_is_slot(&job->registry, filter))
        return true;
    for (size_t i = 0; i < job->registry.count; i++)
        if (job->registry.words[i].kind == KIND_POLICY)
            nearest_offer(&nearest, job->registry.words[i].slot);
    struct diag *diag =
        diag_add(&job->diags, "unknown kind '%s'", text_quote(filter, strlen(filter)));
    diag->suggestion = nearest.best;
    if (nearest.best == NULL)
        diag->help = "kinds are system, layer, socket, policy, model, and the slots";
    return false;
}

int verb_list(int argc, char **argv)
{
    struct job job = {0};
    options_read(&argp, 0, argc, argv, &job.options);
    if (!registry_open(&job.registry, job.options.folders, job.options.folder_count, &job.diags) ||
        !check_filter(&job))
        return job_fail(&job);
    size_t count;
    const struct named_model *models = source_models(&job.registry, &count);
    if (job.options.json)
        print_json(&job.registry, models, count, job.options.word);
    else
        print_text(&job.registry, models, count, job.options.word);
    return job_finish_output();
}
