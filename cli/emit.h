/* SPDX-License-Identifier: MIT */
/*
 * The C that a model means. `mortise show` prints it; every other verb compiles it.
 *
 *     #define COMPOSITION tlsfcc
 *
 *     #define LAYER brk_heap
 *     #include <mortise/heap/brk_heap.h>
 *
 *     #define LAYER tlsf_glk
 *     #define TLSF_GLK_SYNC ccsynch
 *     #include <mortise/layer/tlsf_glk.h>
 *
 *     LAYER_COMPOSE(tlsfcc, brk_heap, tlsf_glk)
 *
 *     #include <mortise/socket/malloc_socket.h>
 */
#ifndef MORTISE_CLI_EMIT_H
#define MORTISE_CLI_EMIT_H

#include <stdbool.h>

#include "model.h"
#include "registry.h"

/* A resolved model as C. */
const char *emit_c(const struct model *model);

/* Whether libc has a macro of this name, or functions that begin with it and go on as those of a
 * composition do (malloc_trim, pthread_self): a composition of this name is NAME_inside. */
bool emit_name_is_libc(const char *name);

/* A resolved model in its own language, on one line with canonical white space. */
const char *emit_model(const struct model *model);

/* A value as the model says it. */
const char *emit_value_text(const struct value *value);

/* C to follow the model's, which has the compiler write a line into its assembly for each layer:
 * `->fact INSTANCE NEEDS FACTS`, in decimal numbers. No program has to run for them. */
const char *emit_facts(const struct model *model);

#endif
