/* SPDX-License-Identifier: MIT */
/*
 * The model language:
 *
 *     model  := word ("::" word)*         word  := NAME [ "(" param ("," param)* ")" ]
 *     param  := NAME "=" value            value := INTEGER[UNIT] | SIZE_MAX
 *                                             | NAME[ "(" param ("," param)* ")" ]
 *                                             | "[" value "," value "]"
 *
 * with the units KB, MB, GB and TB, or KiB and so on; free white space and comments from # to the
 * end of the line. Parsing knows no word; what the words mean is resolve.h's business.
 */
#ifndef MORTISE_CLI_MODEL_H
#define MORTISE_CLI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"

enum {
    MODEL_LAYERS = 16,              /* as many as LAYER_COMPOSE takes, the system layer included */
    MODEL_WORDS = MODEL_LAYERS + 1, /* and the socket */
    MODEL_PARAMETERS = 64,          /* of one word */
    MODEL_DEPTH = 16,               /* of ( and [ within each other */
};

/* A piece of the source. */
struct span {
    size_t at, length;
};

enum value_kind { VALUE_NUMBER, VALUE_NAME, VALUE_RANGE };

struct arg;

struct value {
    enum value_kind kind;
    struct span span;
    const char *text;          /* of a number or a name, as written, without white space */
    uint64_t number;           /* of a number, in bytes */
    bool unit;                 /* the number was written with one, or as SIZE_MAX */
    struct value *low;         /* of a range */
    struct value *high;        /* of a range */
    struct arg *args;          /* of a name */
    size_t count;              /* of args */
    const struct word *policy; /* of a name, after resolve() */
};

struct arg {
    struct span span; /* of the name */
    const char *name;
    struct value value;
};

struct use {
    struct span span; /* of the name */
    const char *name;
    struct arg *args;
    size_t count;
    const struct word *word; /* after resolve() */
    const char *instance;    /* after resolve() */
};

struct model {
    const struct source *source;
    struct use uses[MODEL_WORDS];
    size_t count;
};

/* The first mistake ends parsing; returns false after reporting it. */
bool model_parse(const struct source *source, struct model *model, struct diags *diags);

/* The argument of that name, or NULL where the model gives none. */
struct arg *model_arg(const struct use *use, const char *name);

enum size_status { SIZE_OK, SIZE_NOT_A_NUMBER, SIZE_BAD_UNIT, SIZE_TOO_LARGE };

/* Reads `64`, `64KB`, `64KiB` or `SIZE_MAX`; all units are powers of two. */
enum size_status model_size(const char *s, size_t n, uint64_t *size);

#endif
