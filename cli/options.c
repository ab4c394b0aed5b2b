/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>

#include "mem.h"
#include "text.h"

error_t options_parse_key(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'I':
        options->folders =
            mem_more(options->folders, options->folder_count, sizeof *options->folders);
        options->folders[options->folder_count++] = value;
        return 0;
    case 'q':
        options->compile.quiet = true;
        return 0;
    case OPTION_KEY_CC:
        options->compile.cc = value;
        return 0;
    case OPTION_KEY_CFLAGS:
        options->compile.cflags = options->compile.cflags == NULL
                                      ? value
                                      : mem_format("%s %s", options->compile.cflags, value);
        return 0;
    case OPTION_KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->word != NULL)
            argp_error(state, "one argument too many: '%s'", text_escape(value));
        options->word = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

error_t options_parse_program(int key, char *value, struct argp_state *state)
{
    struct options *options = state->input;
    if (key == OPTION_KEY_NO_CACHE) {
        options->anew = true;
        return 0;
    }
    if (key == ARGP_KEY_ARG && options->word != NULL) {
        options->program = &state->argv[state->next - 1];
        state->next = state->argc;
        return 0;
    }
    return options_parse_key(key, value, state);
}

void options_read(const struct argp *argp, unsigned flags, int argc, char **argv,
                  struct options *options)
{
    argp_err_exit_status = 2;
    argv[0] = mem_format("mortise %s", argv[0]);
    if (argp_parse(argp, argc, argv, flags, NULL, options) != 0)
        exit(2);
}

void options_require(const struct options *options, const char *verb, const char *what)
{
    if (options->word != NULL)
        return;
    fprintf(stderr, "mortise %s: %s is missing\nTry 'mortise %s --help'.\n", verb, what, verb);
    exit(2);
}
