/* SPDX-License-Identifier: MIT */
/*
 * first_line - a large block begins where its memory begins
 *
 * Needs: nothing
 * Offers: no byte more than was asked for
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; no state
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_SPREAD_FIRST_LINE_H
#define MORTISE_POLICY_SPREAD_FIRST_LINE_H

#include "../spread.h"

enum { mortise_first_line_room = 0 };

struct mortise_first_line_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_first_line_join(struct mortise_first_line_local *local)
{
    (void)local;
}

MORTISE_FAST size_t mortise_first_line_offset(struct mortise_first_line_local *local)
{
    (void)local;
    return 0;
}

#endif
