/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "compile.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "text.h"

static error_t parse_key(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    if (key == OPTION_KEY_NO_CACHE) {
        options->anew = true;
        return 0;
    }
    /* The second argument is the program; everything behind it is the program's own. */
    if (key == ARGP_KEY_ARG && options->word != NULL) {
        options->program = &state->argv[state->next - 1];
        state->next = state->argc;
        return 0;
    }
    return options_parse_key(key, value, state);
}

static const struct argp_option choices[] = {
    OPTIONS_FOLDERS,
    OPTIONS_CC,
    OPTIONS_CFLAGS,
    {"no-cache", OPTION_KEY_NO_CACHE, 0, 0, "Build the allocator even if the cache has it", 0},
    OPTIONS_QUIET,
    {0}};

static const struct argp argp = {
    .options = choices,
    .parser = parse_key,
    .args_doc = "MODEL -- PROGRAM [ARGUMENT...]",
    .doc = "Run a program on the allocator that a model describes.\v"
           "The allocator is built once and kept in $MORTISE_CACHE, else $XDG_CACHE_HOME/mortise, "
           "else ~/.cache/mortise; it serves the program and all that it starts by LD_PRELOAD. "
           "The exit status is the program's; 127 if it is not found, 126 if it cannot be run, 2 "
           "if there is something wrong with the model.",
};

/* What the user preloads comes after ours: the first malloc that the loader finds is the one. */
static bool preload(const char *path, struct diags *diags)
{
    if (strpbrk(path, " :") != NULL) {
        diag_add(diags, "LD_PRELOAD cannot name '%s'", text_escape(path))->help =
            "set MORTISE_CACHE to a folder without spaces and colons";
        return false;
    }
    const char *before = getenv("LD_PRELOAD");
    if (before != NULL && *before != '\0')
        path = mem_format("%s:%s", path, before);
    if (setenv("LD_PRELOAD", path, 1) == 0)
        return true;
    diag_add(diags, "cannot set LD_PRELOAD: %s", strerror(errno));
    return false;
}

/* Does the socket answer to malloc? One that has a choice may have been told not to. */
static bool serves_programs(const struct job *job, struct diags *diags)
{
    const struct use *socket = &job->model.uses[job->model.count - 1];
    const struct arg *interpose = model_arg(socket, "interpose");
    bool serves = head_param(&socket->word->head, "export") == NULL &&
                  (interpose == NULL || interpose->value.number != 0);
    if (!serves)
        diag_at(diags, socket->span.at, socket->span.length,
                "'%s' is not to replace malloc, so no program runs on it", socket->name)
            ->help = "mortise build makes a library of it";
    return serves;
}

int verb_run(int argc, char **argv)
{
    struct job job = {0};
    struct compiler compiler;
    const char *path;
    options_read(&argp, ARGP_IN_ORDER, argc, argv, &job.options);
    options_require(&job.options, "run", "MODEL");
    if (job.options.program == NULL) {
        fputs("mortise run: PROGRAM is missing\nTry 'mortise run --help'.\n", stderr);
        return 2;
    }
    if (!job_load(&job) || !serves_programs(&job, &job.diags) ||
        !compiler_find(&job.options.compile, &compiler, NULL, &job.diags) ||
        !cache_get(&job.model, &job.registry, &compiler, job.options.anew, &path, &job.diags) ||
        !preload(path, &job.diags))
        return job_fail(&job);
    char *const *program = job.options.program;
    execvp(program[0], program);
    const int error = errno;
    fprintf(stderr, "mortise: cannot run '%s': %s\n", text_escape(program[0]), strerror(error));
    return error == ENOENT || error == ENOTDIR ? 127 : 126;
}
