/* SPDX-License-Identifier: MIT */
/*
 * A picture of a model: its words from the user side to the system side, with all parameters, the
 * sizes that each layer serves, and what neighbours ask of each other. As text, as SVG, as JSON.
 */
#ifndef MORTISE_CLI_DRAW_H
#define MORTISE_CLI_DRAW_H

#include <jansson.h>

#include "compile.h"
#include "model.h"
#include "registry.h"

struct draw_param {
    const char *name;
    const char *value;
    bool given; /* by the model; else it is the default */
};

struct draw_word {
    const struct use *use;
    struct draw_param *params;
    size_t param_count;
    bool ranged; /* it has size_handle */
    uint64_t low, high;
    unsigned needs; /* bits of struct fact; of a layer */
    unsigned facts; /* what its user-side neighbour finds */
};

/* One of core/facts.h. */
struct fact {
    const char *name; /* in small letters */
    unsigned bit;
};

struct drawing {
    const struct model *model;
    struct draw_word words[MODEL_WORDS]; /* the socket first */
    struct fact *facts;
    size_t fact_count; /* 0 where they are not known */
};

/* All that a resolved model says by itself. */
void draw_begin(struct drawing *drawing, const struct model *model);

/* Asks the compiler for the facts; false after reporting that the layers do not fit together. */
bool draw_find_facts(struct drawing *drawing, const struct compiler *compiler,
                     const struct registry *registry, struct diags *diags);

/* The names of some facts, joined by ", ". */
const char *draw_fact_names(const struct drawing *drawing, unsigned bits);

/* Bytes as the model language writes them. */
const char *draw_size(uint64_t bytes);

/* Where a size stands on a scale of powers of two: 0 bytes at 0, 2^n at n + 1, up to DRAW_SCALE. */
enum { DRAW_SCALE = 48 };
unsigned draw_scale(uint64_t bytes);

void draw_text(const struct drawing *drawing, FILE *out);
void draw_svg(const struct drawing *drawing, FILE *out);
json_t *draw_json(const struct drawing *drawing);

#endif
