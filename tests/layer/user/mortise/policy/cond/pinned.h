/* SPDX-License-Identifier: MIT */
/*
 * pinned - holds for requests that say so in a field of their own
 *
 * Parameters: none
 */
#ifndef PINNED_H
#define PINNED_H

#include <mortise/policy/cond.h>

struct pinned_fields {
    unsigned pinned;
};

MORTISE_FAST bool mortise_pinned_holds(size_t size, size_t align, const void *extra,
                                       struct mortise_cond parameters)
{
    (void)size, (void)align, (void)parameters;
    return ((const struct pinned_fields *)extra)->pinned != 0;
}

#endif
