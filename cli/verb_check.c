/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <jansson.h>
#include <stdio.h>

#include "compile.h"
#include "emit.h"
#include "job.h"
#include "options.h"

static const struct argp_option choices[] = {OPTIONS_FOLDERS, OPTIONS_CC,    OPTIONS_CFLAGS,
                                             OPTIONS_JSON,    OPTIONS_QUIET, {0}};

static const struct argp argp = {
    .options = choices,
    .parser = options_parse_key,
    .args_doc = "MODEL",
    .doc =
        "Check a model: its words, their order, their parameters, and, where a compiler is at "
        "hand, whether the layers fit together.\v"
        "Exit code 0 if the model is right, else 2. Without a compiler a note says that the layers "
        "were not checked, and JSON has \"complete\": false.",
};

/* Without a compiler the model counts as checked as far as it goes. */
static bool check_by_compiler(struct job *job, bool *missing)
{
    struct compiler compiler;
    struct work work;
    if (!compiler_find(&job->options.compile, &compiler, missing, &job->diags))
        return *missing;
    if (!work_begin(&work, NULL, &job->diags))
        return false;
    const bool right =
        compile(&compiler, &job->model, &job->registry, &work, COMPILE_CHECK, NULL, &job->diags);
    work_end(&work);
    return right;
}

static int print_json(const struct job *job, bool right, bool complete)
{
    json_t *result = json_object();
    json_object_set_new(result, "ok", json_boolean(right));
    json_object_set_new(result, "model",
                        right ? json_string(emit_model(&job->model)) : json_null());
    if (!complete)
        json_object_set_new(result, "complete", json_false());
    json_object_set_new(result, "errors", diag_json(&job->diags));
    json_dumpf(result, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(result);
    const int code = job_finish_output();
    return right ? code : 2;
}

int verb_check(int argc, char **argv)
{
    struct job job = {0};
    options_read(&argp, 0, argc, argv, &job.options);
    options_require(&job.options, "check", "MODEL");
    bool missing = false;
    const bool right = job_load(&job) && check_by_compiler(&job, &missing);
    if (missing)
        compiler_note_missing(&job.options.compile);
    if (job.options.json)
        return print_json(&job, right, !missing);
    if (!right)
        return job_fail(&job);
    if (!job.options.compile.quiet)
        printf("ok: %s\n", emit_model(&job.model));
    return job_finish_output();
}
