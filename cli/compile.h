/* SPDX-License-Identifier: MIT */
/*
 * Turns the C of a model into a library, with the user's compiler.
 */
#ifndef MORTISE_CLI_COMPILE_H
#define MORTISE_CLI_COMPILE_H

#include <signal.h>

#include "diag.h"
#include "model.h"
#include "registry.h"

/* What the command line says about compiling. */
struct compile_options {
    const char *cc;     /* NULL: $CC, else cc */
    const char *cflags; /* NULL: none */
    bool quiet;
};

struct compiler {
    const char **command; /* the compiler and what --cc gave it, ends with NULL */
    size_t command_count;
    const char **cflags; /* ends with NULL */
    size_t cflag_count;
    const char *identity; /* its path and what --version says */
    bool clang;
    bool quiet;
};

/* Finds the compiler. `missing` (may be NULL) is set instead of reporting that none is there,
 * unless --cc or CC asked for it by name. */
bool compiler_find(const struct compile_options *options, struct compiler *compiler, bool *missing,
                   struct diags *diags);

/* Says on standard error, unless asked to be quiet, that without one the layers are not checked. */
void compiler_note_missing(const struct compile_options *options);

/* A folder for one build: beside its result, so that the result can be renamed into place. Signals
 * that end the command wait until it is removed. */
struct work {
    const char *folder;
    sigset_t signals;
};

/* Without a `parent` it is made where the system keeps temporary files. */
bool work_begin(struct work *work, const char *parent, struct diags *diags);
void work_end(struct work *work);

/* COMPILE_EXPAND stops behind the preprocessor and keeps the includes of the system in the text.
 * COMPILE_FACTS makes a text that holds what emit_facts() asks for. */
enum compile_kind { COMPILE_SHARED, COMPILE_OBJECT, COMPILE_CHECK, COMPILE_EXPAND, COMPILE_FACTS };

/* In the folder of the build: a rule of make with the files that COMPILE_SHARED has read. */
#define COMPILE_RULES "model.d"

/* Compiles a resolved model to `out` (NULL with COMPILE_CHECK). */
bool compile(const struct compiler *compiler, const struct model *model,
             const struct registry *registry, const struct work *work, enum compile_kind kind,
             const char *out, struct diags *diags);

/* The flags that every model is compiled with; ends with NULL. */
const char *const *compile_flags(const struct compiler *compiler, size_t *count);

#endif
