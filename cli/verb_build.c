/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "process.h"
#include "text.h"

static error_t parse_key(int key, char *value, struct argp_state *state)
{
    if (key == 'o') {
        ((struct options *)state->input)->out = value;
        return 0;
    }
    return options_parse_key(key, value, state);
}

static const struct argp_option choices[] = {
    {"output", 'o', "FILE", 0, "The result: a .so, .o or .a by its suffix", 0},
    OPTIONS_FOLDERS,
    OPTIONS_CC,
    OPTIONS_CFLAGS,
    OPTIONS_QUIET,
    {0}};

static const struct argp argp = {
    .options = choices,
    .parser = parse_key,
    .args_doc = "MODEL -o FILE",
    .doc = "Build a model as a shared library, an object or a static library.\v"
           "FILE is replaced in one step, when it is complete. A compiler for another machine "
           "is named with --cc.",
};

enum output { OUTPUT_SHARED, OUTPUT_OBJECT, OUTPUT_ARCHIVE, OUTPUT_UNKNOWN };

static enum output output_of(const char *path)
{
    static const char *const suffixes[] = {".so", ".o", ".a"};
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash == NULL ? path : slash, '.');
    for (int i = 0; dot != NULL && i < OUTPUT_UNKNOWN; i++)
        if (strcmp(dot, suffixes[i]) == 0)
            return (enum output)i;
    return OUTPUT_UNKNOWN;
}

/* $AR, or the archiver that belongs to the compiler. */
static const char *find_archiver(const struct compiler *compiler, struct diags *diags)
{
    const char *named = getenv("AR");
    if (named == NULL || *named == '\0') {
        const char *const ask[] = {compiler->command[0], "-print-prog-name=ar", NULL};
        struct process_result result;
        named = process_run(ask, NULL, &result)
                    ? mem_text(result.output, strcspn(result.output, "\n"))
                    : "ar";
    }
    const char *path = process_find(named);
    if (path == NULL)
        diag_add(diags, "no archiver '%s' on PATH", text_escape(named))->help =
            "install one (on Debian: apt-get install binutils) or name one with AR";
    return path;
}

static bool archive(const struct compiler *compiler, const char *object, const char *out,
                    struct diags *diags)
{
    const char *archiver = find_archiver(compiler, diags);
    if (archiver == NULL)
        return false;
    const char *const argv[] = {archiver, "rcs", out, object, NULL};
    struct process_result result;
    if (process_run(argv, NULL, &result))
        return true;
    diag_add(diags, "'%s' fails", text_escape(archiver))->help =
        result.error != 0 ? strerror(result.error) : text_escape(result.output);
    return false;
}

static const char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    return slash == path ? "/" : mem_text(path, (size_t)(slash - path));
}

static bool build(struct job *job, const struct compiler *compiler, enum output output)
{
    const char *path = job->options.out;
    struct work work;
    if (!work_begin(&work, folder_of(path), &job->diags))
        return false;
    const bool shared = output == OUTPUT_SHARED;
    /* The name of an archive's member shows in link maps and in ar t. */
    const char *result =
        mem_format("%s/%s%s", work.folder, job->source.composition, shared ? ".so" : ".o");
    bool built = compile(compiler, &job->model, &job->registry, &work,
                         shared ? COMPILE_SHARED : COMPILE_OBJECT, result, &job->diags);
    if (built && output == OUTPUT_ARCHIVE) {
        const char *object = result;
        result = mem_format("%s/out.a", work.folder);
        built = archive(compiler, object, result, &job->diags);
    }
    if (built && rename(result, path) != 0) {
        diag_add(&job->diags, "cannot write '%s': %s", text_escape(path), strerror(errno));
        built = false;
    }
    work_end(&work);
    return built;
}

int verb_build(int argc, char **argv)
{
    struct job job = {0};
    struct compiler compiler;
    options_read(&argp, 0, argc, argv, &job.options);
    options_require(&job.options, "build", "MODEL");
    const char *path = job.options.out;
    const enum output output = path == NULL ? OUTPUT_UNKNOWN : output_of(path);
    if (output == OUTPUT_UNKNOWN) {
        diag_add(&job.diags, path == NULL ? "-o FILE is missing" : "'%s' is not a result",
                 path == NULL ? "" : text_escape(path))
            ->help = "name a file that ends in .so, .o or .a";
        return job_fail(&job);
    }
    if (!job_load(&job) || !compiler_find(&job.options.compile, &compiler, NULL, &job.diags) ||
        !build(&job, &compiler, output))
        return job_fail(&job);
    return 0;
}
