/* SPDX-License-Identifier: MIT */
/*
 * Arguments that a composition's users give with a request, declared in one line before its first
 * layer:
 *     #define MCTX_ARGUMENTS (unsigned, core), (const void *, site)
 * makes them fields of the context, which layers find in ctx->extra, and arguments of the functions
 * of a socket that takes them. Up to 16; without the line there are none.
 */
#ifndef MORTISE_CORE_ARGUMENTS_H
#define MORTISE_CORE_ARGUMENTS_H

#include "fold.h"

#define MORTISE_ARGUMENT_FIELD(c, argument) MORTISE_ARGUMENT_FIELD_ argument
#define MORTISE_ARGUMENT_FIELD_(type, name) type name;
#define MORTISE_ARGUMENT_TAKEN(c, argument) MORTISE_ARGUMENT_TAKEN_ argument
#define MORTISE_ARGUMENT_TAKEN_(type, name) , type name
#define MORTISE_ARGUMENT_GIVEN(c, argument) MORTISE_ARGUMENT_GIVEN_ argument
#define MORTISE_ARGUMENT_GIVEN_(type, name) , name
#define MORTISE_ARGUMENT_VALUE(c, argument) MORTISE_ARGUMENT_VALUE_ argument
#define MORTISE_ARGUMENT_VALUE_(type, name) name,

#endif
