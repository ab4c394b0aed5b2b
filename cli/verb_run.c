/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "job.h"
#include "options.h"
#include "preload.h"
#include "text.h"

static const struct argp_option choices[] = {OPTIONS_FOLDERS,  OPTIONS_CC,    OPTIONS_CFLAGS,
                                             OPTIONS_NO_CACHE, OPTIONS_QUIET, {0}};

static const struct argp argp = {
    .options = choices,
    .parser = options_parse_program,
    .args_doc = "MODEL -- PROGRAM [ARGUMENT...]",
    .doc = "Run a program on the allocator that a model describes.\v"
           "The allocator is built once and kept in $MORTISE_CACHE, else $XDG_CACHE_HOME/mortise, "
           "else ~/.cache/mortise; it serves the program and all that it starts by LD_PRELOAD. "
           "The exit status is the program's; 127 if it is not found, 126 if it cannot be run, 2 "
           "if there is something wrong with the model.",
};

int verb_run(int argc, char **argv)
{
    struct job job = {0};
    options_read(&argp, ARGP_IN_ORDER, argc, argv, &job.options);
    options_require(&job.options, "run", "MODEL");
    if (job.options.program == NULL) {
        fputs("mortise run: PROGRAM is missing\nTry 'mortise run --help'.\n", stderr);
        return 2;
    }
    if (!preload_model(&job))
        return job_fail(&job);
    char *const *program = job.options.program;
    execvp(program[0], program);
    const int error = errno;
    fprintf(stderr, "mortise: cannot run '%s': %s\n", text_escape(program[0]), strerror(error));
    return error == ENOENT || error == ENOTDIR ? 127 : 126;
}
