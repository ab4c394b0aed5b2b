/* SPDX-License-Identifier: MIT */
/*
 * above - holds for large blocks
 *
 * Needs: nothing
 * Offers: one comparison
 *
 * Parameters:
 *   name   type  default  range        meaning
 *   least  size  4KB      1..SIZE_MAX  the smallest size for which it holds
 *
 * Invariants: where it holds for a size, it holds for all larger ones
 * Ordering: none; no state
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_COND_ABOVE_H
#define MORTISE_POLICY_COND_ABOVE_H

#include "../cond.h"

#ifndef ABOVE_LEAST
#define ABOVE_LEAST 4096
#endif

static const size_t mortise_above_least __attribute__((unused)) = ABOVE_LEAST;

MORTISE_FAST bool mortise_above_holds(size_t size, size_t align, const void *extra,
                                      struct mortise_cond parameters)
{
    (void)align, (void)extra;
    return size >= (parameters.least != 0 ? parameters.least : mortise_above_least);
}

#undef ABOVE_LEAST

#endif
