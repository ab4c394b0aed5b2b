/* SPDX-License-Identifier: MIT */
/*
 * one - the main arena serves all threads
 *
 * Needs: nothing
 * Offers: an arena without a choice
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; no state
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_ARENA_ONE_H
#define MORTISE_POLICY_ARENA_ONE_H

#include "../arena.h"

enum { mortise_one_many = 0 };

struct mortise_one {
    MORTISE_NO_STATE;
};

struct mortise_one_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_one_join(struct mortise_one *state, struct mortise_one_local *local,
                                   struct mortise_arena_source source)
{
    (void)state, (void)local, (void)source;
}

MORTISE_FAST struct mortise_arena *mortise_one_home(const struct mortise_one_local *local,
                                                    struct mortise_arena *main)
{
    (void)local;
    return main;
}

MORTISE_FAST struct mortise_arena *mortise_one_enter(struct mortise_one *state,
                                                     struct mortise_one_local *local,
                                                     struct mortise_arena *main)
{
    (void)state, (void)local;
    return main;
}

MORTISE_FAST void mortise_one_leave(struct mortise_one *state, struct mortise_arena *arena)
{
    (void)state, (void)arena;
}

#endif
