/* SPDX-License-Identifier: MIT */
/*
 * The head comment of a header: the only place where a word and its parameters are described.
 *
 *     slab - equal blocks cut from pages
 *
 *     Prose.
 *
 *     Needs: regions from a neighbour
 *
 *     Parameters:
 *       name       type  default  range      meaning
 *       slab_size  size  64KB     4KB..1GB   bytes that one slab takes; a meaning may go on
 *                                            in deeper-indented lines
 */
#ifndef MORTISE_CLI_HEAD_H
#define MORTISE_CLI_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum param_type {
    PARAM_INT,
    PARAM_SIZE,
    PARAM_BOOL,
    PARAM_RANGE,
    PARAM_NAME,
    PARAM_ARGUMENTS,
    PARAM_SLOT
};

struct param {
    const char *name;
    enum param_type type;
    const char *type_text; /* of PARAM_SLOT: the slot */
    const char *standard;  /* the default */
    const char *range;     /* as written */
    const char *meaning;
    uint64_t low, high; /* of int, size and range; 0 and UINT64_MAX without one */
};

struct section {
    const char *key;  /* NULL for the prose */
    const char *text; /* of several lines, without the margin */
};

struct head {
    const char *name;
    const char *purpose;
    struct section *sections; /* in the order of the file, without Parameters */
    size_t section_count;
    struct param *params;
    size_t param_count;
};

/* Reads the head comment at the start of a header. On a mistake in the table of parameters it
 * returns false and describes the mistake; without a head comment head->name stays NULL. */
bool head_parse(const char *text, size_t length, struct head *head, const char **problem);

/* The text of a section, or NULL. */
const char *head_section(const struct head *head, const char *key);

const struct param *head_param(const struct head *head, const char *name);

#endif
