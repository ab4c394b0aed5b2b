/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "doc.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "registry.h"
#include "text.h"

static const struct argp_option choices[] = {OPTIONS_FOLDERS, OPTIONS_JSON, {0}};

static const struct argp argp = {
    .options = choices,
    .parser = options_parse_key,
    .args_doc = "WORD",
    .doc = "Print the manual of a word, as its header gives it.\v"
           "WORD is a layer, a socket, a policy (sync=mutex if several slots have a mutex) or a "
           "slot: its contract and its members.",
};

/* `mutex` means every word of that name, `sync=mutex` the one of that slot. */
static bool matches(const struct word *word, const char *name)
{
    if (!registry_documented(word))
        return false;
    if (strcmp(word->name, name) == 0)
        return true;
    return word->kind == KIND_POLICY &&
           strcmp(mem_format("%s=%s", word->slot, word->name), name) == 0;
}

static void unknown_word(struct job *job, const char *name)
{
    struct nearest nearest = {name, NULL, 0};
    for (size_t i = 0; i < job->registry.count; i++)
        if (registry_documented(&job->registry.words[i]))
            nearest_offer(&nearest, job->registry.words[i].name);
    struct diag *diag = diag_add(&job->diags, "unknown word '%s'", text_quote(name, strlen(name)));
    diag->suggestion = nearest.best;
    if (nearest.best == NULL)
        diag->help = "see 'mortise list'";
}

int verb_doc(int argc, char **argv)
{
    struct job job = {0};
    options_read(&argp, 0, argc, argv, &job.options);
    options_require(&job.options, "doc", "WORD");
    const char *name = job.options.word;
    if (!registry_open(&job.registry, job.options.folders, job.options.folder_count, &job.diags))
        return job_fail(&job);
    json_t *array = json_array();
    unsigned found = 0;
    for (size_t i = 0; i < job.registry.count; i++) {
        const struct word *word = &job.registry.words[i];
        if (!matches(word, name))
            continue;
        if (job.options.json)
            json_array_append_new(array, doc_json(&job.registry, word));
        else
            doc_print(&job.registry, word, found != 0);
        found++;
    }
    if (job.options.json && found != 0) {
        json_dumpf(array, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(array);
    if (found == 0) {
        unknown_word(&job, name);
        return job_fail(&job);
    }
    return job_finish_output();
}
