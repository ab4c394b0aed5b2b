/* SPDX-License-Identifier: MIT */
/*
 * cond - a condition on a request for a block, to be judged at run time
 *
 * A member M of this slot defines, pure and without state:
 *   bool mortise_M_holds(size, align, extra, parameters)
 * `size` and `align` are those that are wanted. `extra` points to the fields that the composition
 * adds to its contexts (MCTX_FIELDS in core/context.h), none if it adds none: a member of a user's
 * own casts it to a struct of the same fields. `parameters` is a struct mortise_cond of constants,
 * which folds away; a member ignores what it does not have.
 *
 * A layer W with the parameter cond binds the slot so:
 *   #include "../policy/cond.h"
 *   #include MORTISE_POLICY(cond, W_COND)
 *   ... MORTISE_MEMBER(W_COND, holds)(size, align, extra, mortise_cond_of(W_COND_LEAST)) ...
 * where W_COND_LEAST defaults to 0, which stands for the member's own default, and is undefined at
 * the end with the rest.
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_COND_H
#define MORTISE_POLICY_COND_H

#include "../core/compiler.h"

/* 0: the member's default. */
struct mortise_cond {
    size_t least;
};

MORTISE_FAST struct mortise_cond mortise_cond_of(size_t least)
{
    struct mortise_cond parameters = {least};
    return parameters;
}

#endif
