/* SPDX-License-Identifier: MIT */
/*
 * Free extents whose pages are to go back to the system: they are lent to whoever enters the
 * system, in no order by size meanwhile, so that nobody takes them, and return. For one thread; no
 * function here enters the system.
 */
#ifndef MORTISE_DATA_EXTENTS_LEND_H
#define MORTISE_DATA_EXTENTS_LEND_H

#include "extents.h"

enum { MORTISE_EXTENT_LEND_STEPS = 256 };

/* Lends free extents that have about `bytes` with pages, from the largest on; linked by next, each
 * with how much of the end of its dirty prefix is to lose its pages. */
MORTISE_SLOW struct mortise_extent *mortise_extents_lend(struct mortise_extents *extents,
                                                         size_t bytes)
{
    struct mortise_extent *chain = NULL;
    struct mortise_rb_node *node = mortise_rb_end(&extents->by_size, 1), *before;
    for (unsigned i = 0; node != NULL && bytes != 0 && i < MORTISE_EXTENT_LEND_STEPS; i++) {
        struct mortise_extent *extent = mortise_extent_of_size(node);
        before = mortise_rb_beside(node, 0);
        node = before;
        if (extent->dirty == 0)
            continue;
        size_t part = mortise_extent_prefix(extent->dirty, bytes);
        extent->lent = mortise_round_up(part, MORTISE_GRANULE);
        bytes -= part;
        mortise_extents_leave_size(extents, extent);
        extent->state = MORTISE_EXTENT_LENT;
        extent->next = chain;
        chain = extent;
    }
    return chain;
}

/* An extent comes back that was lent; without the pages that it was lent for if `purged`. */
MORTISE_SLOW void mortise_extents_return(struct mortise_extents *extents,
                                         struct mortise_extent *extent, bool purged)
{
    if (purged) {
        extent->dirty -= extent->lent;
        extents->dirty -= extent->lent;
    }
    mortise_extents_settle(extents, extent);
}

#endif
