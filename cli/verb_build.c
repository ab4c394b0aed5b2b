/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "emit.h"
#include "export.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "process.h"
#include "source.h"
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
    {"output", 'o', "FILE", 0, "The result: a .so, .o, .a, .c or .h by its suffix", 0},
    OPTIONS_FOLDERS,
    OPTIONS_CC,
    OPTIONS_CFLAGS,
    OPTIONS_QUIET,
    {0}};

static const struct argp argp = {
    .options = choices,
    .parser = parse_key,
    .args_doc = "MODEL -o FILE",
    .doc = "Build a model as a shared library, an object, a static library, or as one file of C "
           "that needs nothing but libc.\v"
           "FILE.c takes the place of malloc, unless the model says interpose=0. FILE.h is for "
           "heaps inside a program, whose functions are FILE_malloc and so on; its head says more. "
           "Both are C11 and C++17.\n"
           "FILE is replaced in one step, when it is complete. A compiler for another machine "
           "is named with --cc.",
};

enum output {
    OUTPUT_SHARED,
    OUTPUT_OBJECT,
    OUTPUT_ARCHIVE,
    OUTPUT_C,
    OUTPUT_HEADER,
    OUTPUT_UNKNOWN
};

static const char *const suffixes[] = {".so", ".o", ".a", ".c", ".h"};

static enum output output_of(const char *path)
{
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

/* Functions that a program calls by the name of the file cannot be renamed where libc has them. */
static bool name_serves(struct job *job, bool header)
{
    const struct use *socket = &job->model.uses[job->model.count - 1];
    const struct arg *interpose = model_arg(socket, "interpose");
    const bool called = head_param(&socket->word->head, "interpose") != NULL &&
                        (header || (interpose != NULL && interpose->value.number == 0));
    if (!called || !emit_name_is_libc(job->source.composition))
        return true;
    diag_add(&job->diags, "'%s' would have functions %s_malloc, %s_trim ..., beside libc's names",
             text_escape(job->options.out), job->source.composition, job->source.composition)
        ->help = "name another file with -o: its name begins those of the functions";
    return false;
}

/* One file of C. Where a compiler is at hand, the model is right before it is written. */
static bool write_c(struct job *job, const struct work *work, bool header, const char *result)
{
    struct compiler compiler;
    bool missing = false;
    job->source.composition = source_composition(job->options.out, header ? ".h" : ".c");
    if (!name_serves(job, header))
        return false;
    if (!compiler_find(&job->options.compile, &compiler, &missing, &job->diags)) {
        if (!missing)
            return false;
        compiler_note_missing(&job->options.compile);
    } else if (!compile(&compiler, &job->model, &job->registry, work, COMPILE_CHECK, NULL,
                        &job->diags)) {
        return false;
    }
    const char *text = export_file(&job->model, &job->registry, header, &job->diags);
    if (text == NULL)
        return false;
    if (!file_write(result, text, strlen(text))) {
        diag_add(&job->diags, "cannot write in '%s': %s", text_escape(work->folder),
                 strerror(errno));
        return false;
    }
    return true;
}

static bool write_object(struct job *job, const struct work *work, bool shared, const char *result)
{
    struct compiler compiler;
    return compiler_find(&job->options.compile, &compiler, NULL, &job->diags) &&
           compile(&compiler, &job->model, &job->registry, work,
                   shared ? COMPILE_SHARED : COMPILE_OBJECT, result, &job->diags);
}

static bool write_archive(struct job *job, const struct work *work, const char *result)
{
    /* The name of an archive's member shows in link maps and in ar t. */
    const char *object = mem_format("%s/%s.o", work->folder, job->source.composition);
    struct compiler compiler;
    return compiler_find(&job->options.compile, &compiler, NULL, &job->diags) &&
           compile(&compiler, &job->model, &job->registry, work, COMPILE_OBJECT, object,
                   &job->diags) &&
           archive(&compiler, object, result, &job->diags);
}

static bool build(struct job *job, enum output output)
{
    const char *path = job->options.out;
    struct work work;
    if (!work_begin(&work, folder_of(path), &job->diags))
        return false;
    const char *result = mem_format("%s/result%s", work.folder, suffixes[output]);
    bool built;
    if (output == OUTPUT_ARCHIVE)
        built = write_archive(job, &work, result);
    else if (output == OUTPUT_C || output == OUTPUT_HEADER)
        built = write_c(job, &work, output == OUTPUT_HEADER, result);
    else
        built = write_object(job, &work, output == OUTPUT_SHARED, result);
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
    options_read(&argp, 0, argc, argv, &job.options);
    options_require(&job.options, "build", "MODEL");
    const char *path = job.options.out;
    const enum output output = path == NULL ? OUTPUT_UNKNOWN : output_of(path);
    if (output == OUTPUT_UNKNOWN) {
        diag_add(&job.diags, path == NULL ? "-o FILE is missing" : "'%s' is not a result",
                 path == NULL ? "" : text_escape(path))
            ->help = "name a file that ends in .so, .o, .a, .c or .h";
        return job_fail(&job);
    }
    if (!job_load(&job) || !build(&job, output))
        return job_fail(&job);
    return 0;
}
