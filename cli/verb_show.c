/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <stdio.h>

#include "emit.h"
#include "job.h"
#include "options.h"

static const struct argp_option choices[] = {OPTIONS_FOLDERS, OPTIONS_QUIET, {0}};

static const struct argp argp = {
    .options = choices,
    .parser = options_parse_key,
    .args_doc = "MODEL",
    .doc = "Print the C that a model means.\v"
           "MODEL is a text such as 'brk_heap::tlsf_glk::malloc_socket', the name of a model, a "
           "path that ends in .mortise, or - for the standard input.",
};

int verb_show(int argc, char **argv)
{
    struct job job = {0};
    options_read(&argp, 0, argc, argv, &job.options);
    options_require(&job.options, "show", "MODEL");
    if (!job_load(&job))
        return job_fail(&job);
    fputs(emit_c(&job.model), stdout);
    return job_finish_output();
}
