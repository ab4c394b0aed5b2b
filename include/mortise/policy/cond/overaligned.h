/* SPDX-License-Identifier: MIT */
/*
 * overaligned - holds for blocks that are to be aligned to more than usual
 *
 * Needs: nothing
 * Offers: one comparison
 *
 * Parameters:
 *   name   type  default  range   meaning
 *   least  size  32       1..1GB  the smallest alignment for which it holds
 *
 * Invariants: where it holds for an alignment, it holds for all larger ones
 * Ordering: none; no state
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_COND_OVERALIGNED_H
#define MORTISE_POLICY_COND_OVERALIGNED_H

#include "../cond.h"

#ifndef OVERALIGNED_LEAST
#define OVERALIGNED_LEAST 32
#endif

static const size_t mortise_overaligned_least __attribute__((unused)) = OVERALIGNED_LEAST;

MORTISE_FAST bool mortise_overaligned_holds(size_t size, size_t align, const void *extra,
                                            struct mortise_cond parameters)
{
    (void)size, (void)extra;
    return align >= (parameters.least != 0 ? parameters.least : mortise_overaligned_least);
}

#undef OVERALIGNED_LEAST

#endif
