/* SPDX-License-Identifier: MIT */
/*
 * The options that several verbs share.
 */
#ifndef MORTISE_CLI_OPTIONS_H
#define MORTISE_CLI_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "compile.h"

struct options {
    const char **folders; /* -I */
    size_t folder_count;
    struct compile_options compile; /* --cc, --cflags, -q */
    bool json;
    bool svg;             /* draw --svg */
    bool anew;            /* run --no-cache */
    const char *out;      /* -o */
    const char *layer;    /* expand --layer */
    const char *kind;     /* new */
    const char *word;     /* MODEL, WORD or KIND */
    char *const *program; /* run: the program and its arguments, ends with NULL */
};

enum { OPTION_KEY_CC = 0x100, OPTION_KEY_CFLAGS, OPTION_KEY_JSON, OPTION_KEY_NO_CACHE };

#define OPTIONS_FOLDERS                                                                            \
    {                                                                                              \
        "include", 'I', "DIR", 0, "Also take words and models from folder DIR (repeatable)", 0     \
    }
#define OPTIONS_QUIET                                                                              \
    {                                                                                              \
        "quiet", 'q', 0, 0, "Print errors only", 0                                                 \
    }
#define OPTIONS_CC                                                                                 \
    {                                                                                              \
        "cc", OPTION_KEY_CC, "CC", 0, "The C compiler, in place of $CC or cc", 0                   \
    }
#define OPTIONS_CFLAGS                                                                             \
    {                                                                                              \
        "cflags", OPTION_KEY_CFLAGS, "FLAGS", 0, "More flags for it, split as a shell does", 0     \
    }
#define OPTIONS_NO_CACHE                                                                           \
    {                                                                                              \
        "no-cache", OPTION_KEY_NO_CACHE, 0, 0, "Build the allocator even if the cache has it", 0   \
    }
#define OPTIONS_JSON                                                                               \
    {                                                                                              \
        "json", OPTION_KEY_JSON, 0, 0, "Print the result as JSON", 0                               \
    }

/* Takes the shared options, and one argument (MODEL, WORD or KIND) into options->word. */
error_t options_parse_key(int key, char *value, struct argp_state *state);

/* The same for verbs whose second argument is a program: everything behind it is the program's. */
error_t options_parse_program(int key, char *value, struct argp_state *state);

/* Runs argp for a verb: argv[0] is the verb. */
void options_read(const struct argp *argp, unsigned flags, int argc, char **argv,
                  struct options *options);

/* Ends the command with exit code 2 and a hint at --help if no argument was given. */
void options_require(const struct options *options, const char *verb, const char *what);

#endif
