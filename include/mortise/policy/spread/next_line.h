/* SPDX-License-Identifier: MIT */
/*
 * next_line - each large block of a thread begins a line later than the one before, modulo a page
 *
 * As even as can be, and the same in each run of a program.
 *
 * Needs: nothing
 * Offers: 64 blocks in a row begin at 64 lines; up to 4032 bytes of a block are not used
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; the state is the thread's
 * Wins: none yet
 * Source: Bonwick, "The slab allocator", USENIX 1994, which colours slabs so
 */
#ifndef MORTISE_POLICY_SPREAD_NEXT_LINE_H
#define MORTISE_POLICY_SPREAD_NEXT_LINE_H

#include "../spread.h"

enum { mortise_next_line_room = (MORTISE_SPREAD_LINES - 1) * MORTISE_CACHE_LINE };

struct mortise_next_line_local {
    uint64_t count; /* 0: before join */
};

MORTISE_FAST void mortise_next_line_join(struct mortise_next_line_local *local)
{
    if (local->count == 0)
        local->count = 1;
}

MORTISE_FAST size_t mortise_next_line_offset(struct mortise_next_line_local *local)
{
    if (MORTISE_UNLIKELY(local->count == 0))
        return 0;
    return (size_t)(local->count++ % MORTISE_SPREAD_LINES) * MORTISE_CACHE_LINE;
}

#endif
