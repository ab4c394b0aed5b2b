/* SPDX-License-Identifier: MIT */
/*
 * What is known of macros at one place of a text. A name that nothing was said about, and one that
 * was defined on one way to this place and not on another, may be anything: the compiler or a
 * system header may have defined it.
 */
#ifndef MORTISE_CLI_MACRO_H
#define MORTISE_CLI_MACRO_H

#include <stdbool.h>
#include <stddef.h>

enum macro_kind { MACRO_UNTOUCHED, MACRO_UNKNOWN, MACRO_UNDEFINED, MACRO_DEFINED };

struct macro {
    const char *name;
    enum macro_kind kind;
    const char *body; /* of MACRO_DEFINED; NULL where it has arguments or may be one of several */
};

struct macros {
    struct macro *list;
    size_t count;
};

/* MACRO_UNTOUCHED for a name that is not in the table. */
struct macro macro_find(const struct macros *macros, const char *name);

void macro_set(struct macros *macros, const char *name, enum macro_kind kind, const char *body);

/* A copy to go another way with. */
struct macros macros_copy(const struct macros *macros);

/* What holds where two ways meet: what both say. */
struct macros macros_merge(const struct macros *a, const struct macros *b);

#endif
