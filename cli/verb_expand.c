/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "compile.h"
#include "expand.h"
#include "file.h"
#include "format.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "text.h"

enum { TEXT_LIMIT = 64 * 1024 * 1024 };

static error_t parse_key(int key, char *value, struct argp_state *state)
{
    if (key == 'l') {
        ((struct options *)state->input)->layer = value;
        return 0;
    }
    return options_parse_key(key, value, state);
}

static const struct argp_option choices[] = {
    {"layer", 'l', "WORD", 0, "Only what this word of the model says itself", 0},
    OPTIONS_FOLDERS,
    OPTIONS_CC,
    OPTIONS_CFLAGS,
    OPTIONS_QUIET,
    {0}};

static const struct argp argp = {
    .options = choices,
    .parser = parse_key,
    .args_doc = "MODEL",
    .doc = "Print the C of a model with all macros replaced, as the compiler gets it.\v"
           "The system's headers stay includes. The second use of a word in a model is WORD_2. "
           "The text is formatted where clang-format is at hand.",
};

/* The number of a word in the model; -1 for everything, -2 after reporting that there is none. */
static int find_layer(struct job *job)
{
    const char *name = job->options.layer;
    if (name == NULL)
        return -1;
    const char *names = NULL;
    struct nearest nearest = {name, NULL, 0};
    for (size_t i = 0; i < job->model.count; i++) {
        const char *instance = job->model.uses[i].instance;
        if (strcmp(instance, name) == 0)
            return (int)i;
        nearest_offer(&nearest, instance);
        names = text_join(names, ", ", instance);
    }
    struct diag *diag =
        diag_add(&job->diags, "the model has no word '%s'", text_quote(name, strlen(name)));
    diag->suggestion = nearest.best;
    diag->help = nearest.best == NULL ? mem_format("it has: %s", names) : NULL;
    return -2;
}

/* The text of the model, or NULL. */
static const char *expand(struct job *job, const struct compiler *compiler, const struct work *work,
                          int only)
{
    size_t length;
    const char *raw = mem_format("%s/model.i", work->folder);
    const char *path = mem_format("%s/expanded.c", work->folder);
    if (!compile(compiler, &job->model, &job->registry, work, COMPILE_EXPAND, raw, &job->diags))
        return NULL;
    const char *text = file_read(raw, TEXT_LIMIT, &length);
    if (text != NULL)
        text = expand_text(text, &job->registry, only);
    if (text != NULL && file_write(path, text, strlen(text))) {
        format_file(path);
        text = file_read(path, TEXT_LIMIT, &length);
    } else {
        text = NULL;
    }
    if (text == NULL)
        diag_add(&job->diags, "cannot write in '%s': %s", text_escape(work->folder),
                 strerror(errno));
    return text;
}

int verb_expand(int argc, char **argv)
{
    struct job job = {0};
    struct compiler compiler;
    struct work work;
    options_read(&argp, 0, argc, argv, &job.options);
    options_require(&job.options, "expand", "MODEL");
    if (!job_load(&job))
        return job_fail(&job);
    const int only = find_layer(&job);
    if (only == -2 || !compiler_find(&job.options.compile, &compiler, NULL, &job.diags) ||
        !work_begin(&work, NULL, &job.diags))
        return job_fail(&job);
    const char *text = expand(&job, &compiler, &work, only);
    work_end(&work);
    if (text == NULL)
        return job_fail(&job);
    fputs(text, stdout);
    return job_finish_output();
}
