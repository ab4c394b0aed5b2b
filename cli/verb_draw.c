/* SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "draw.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "options.h"
#include "text.h"

enum { OPTION_KEY_SVG = 0x200 };

static error_t parse_key(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case OPTION_KEY_SVG:
        options->svg = true;
        return 0;
    case 'o':
        options->out = value;
        return 0;
    default:
        return options_parse_key(key, value, state);
    }
}

static const struct argp_option choices[] = {
    {"svg", OPTION_KEY_SVG, 0, 0, "Draw a picture in SVG, for light and dark screens", 0},
    {"output", 'o', "FILE", 0, "Write to FILE, SVG if it ends in .svg; to standard output if not",
     0},
    OPTIONS_FOLDERS,
    OPTIONS_CC,
    OPTIONS_CFLAGS,
    OPTIONS_JSON,
    OPTIONS_QUIET,
    {0}};

static const struct argp argp = {
    .options = choices,
    .parser = parse_key,
    .args_doc = "MODEL",
    .doc = "Draw the layers of a model, from the user side to the system side, with their "
           "parameters, the sizes that they serve, and what they need and find.\v"
           "What they need and find is left out where no compiler is at hand.",
};

static bool is_svg(const struct options *options)
{
    const char *dot = options->out == NULL ? NULL : strrchr(options->out, '.');
    return options->svg || (dot != NULL && strcmp(dot, ".svg") == 0);
}

static void put(const void *what, const struct options *options, FILE *out)
{
    const struct drawing *drawing = what;
    if (options->json) {
        json_t *json = draw_json(drawing);
        json_dumpf(json, out, JSON_INDENT(2));
        fputc('\n', out);
        json_decref(json);
    } else if (is_svg(options)) {
        draw_svg(drawing, out);
    } else {
        draw_text(drawing, out);
    }
}

int verb_draw(int argc, char **argv)
{
    struct job job = {0};
    struct compiler compiler;
    struct drawing drawing;
    bool missing = false;
    options_read(&argp, 0, argc, argv, &job.options);
    options_require(&job.options, "draw", "MODEL");
    if (!job_load(&job))
        return job_fail(&job);
    draw_begin(&drawing, &job.model);
    if (compiler_find(&job.options.compile, &compiler, &missing, &job.diags)) {
        if (!draw_find_facts(&drawing, &compiler, &job.registry, &job.diags))
            return job_fail(&job);
    } else if (!missing) {
        return job_fail(&job);
    }
    return job_put(&job, put, &drawing);
}
