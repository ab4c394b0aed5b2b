/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "resolve.h"
#include "source.h"
#include "text.h"

static void note_replaced(const struct word *word)
{
    if (word->replaces)
        fprintf(stderr, "mortise: note: '%s' is %s, in place of Mortise's own\n", word->name,
                text_escape(word->path));
}

static void note_policies(const struct arg *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (args[i].value.policy != NULL)
            note_replaced(args[i].value.policy);
        note_policies(args[i].value.args, args[i].value.count);
    }
}

bool job_load(struct job *job)
{
    const struct options *options = &job->options;
    if (!registry_open(&job->registry, options->folders, options->folder_count, &job->diags) ||
        !source_open(options->word, &job->registry, &job->source, &job->diags) ||
        !model_parse(&job->source, &job->model, &job->diags) ||
        !resolve(&job->model, &job->registry, &job->diags))
        return false;
    for (size_t i = 0; !options->compile.quiet && i < job->model.count; i++) {
        note_replaced(job->model.uses[i].word);
        note_policies(job->model.uses[i].args, job->model.uses[i].count);
    }
    return true;
}

int job_fail(const struct job *job)
{
    diag_print(&job->diags, stderr);
    return 2;
}

int job_finish_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fprintf(stderr, "mortise: cannot write the result: %s\n", strerror(errno));
    return 2;
}

int job_put(struct job *job,
            void (*put)(const void *what, const struct options *options, FILE *out),
            const void *what)
{
    const char *path = job->options.out;
    if (path == NULL) {
        put(what, &job->options, stdout);
        return job_finish_output();
    }
    FILE *out = fopen(path, "we");
    if (out != NULL) {
        put(what, &job->options, out);
        const bool whole = ferror(out) == 0;
        if (fclose(out) == 0 && whole)
            return 0;
    }
    diag_add(&job->diags, "cannot write '%s': %s", text_escape(path), strerror(errno));
    return job_fail(job);
}
