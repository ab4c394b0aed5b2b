/* SPDX-License-Identifier: MIT */
/*
 * What every member of spread promises: offsets are lines within its room, none before join, and,
 * where it moves blocks at all, they spread over all sets. A unit defines SPREAD, the name of a
 * member.
 */
#include <mortise/core/compiler.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include MORTISE_POLICY(spread, SPREAD)

#include "../../layer/check.h"

#define S(x) MORTISE_MEMBER(SPREAD, x)

enum { BLOCKS = 64000 };

static struct S(local) of_thread[1];

static void check_spread(void)
{
    static unsigned count[MORTISE_SPREAD_LINES];
    const bool moves = S(room) != 0;
    check(S(room) % MORTISE_CACHE_LINE == 0 && S(room) < MORTISE_SPREAD_LINES * MORTISE_CACHE_LINE,
          "the room is some lines of a page");
    for (int i = 0; i < 2; i++)
        check(S(offset)(&of_thread[0]) == 0, "none before join");
    S(join)(&of_thread[0]);
    for (unsigned i = 0; i < BLOCKS; i++) {
        size_t offset = S(offset)(&of_thread[0]);
        check(offset <= S(room) && offset % MORTISE_CACHE_LINE == 0, "a line within the room");
        count[offset / MORTISE_CACHE_LINE]++;
    }
    unsigned fair = BLOCKS / MORTISE_SPREAD_LINES;
    for (unsigned i = 0; i < MORTISE_SPREAD_LINES && moves; i++)
        check(count[i] > fair * 4 / 5 && count[i] < fair * 6 / 5, "each line about as often");
    check(moves || count[0] == BLOCKS, "no block is moved");
    struct S(local) before = of_thread[0];
    S(join)(&of_thread[0]); /* a state that the next thread takes over */
    check(memcmp(&before, &of_thread[0], sizeof before) == 0, "join again changes nothing");
}
