/* SPDX-License-Identifier: MIT */
/*
 * per_thread - each thread has an arena, as long as there are not too many
 *
 * The first thread has the main arena, each further one an arena of its own, until there are as
 * many as there may be; then threads share them, in turn. The arena of a thread that ended goes to
 * the next one that begins, with what it has.
 *
 * Needs: nothing
 * Offers: threads that do not meet, while there are no more of them than arenas
 *
 * Parameters: none
 *
 * Invariants: the arena of a thread's state never changes
 * Ordering: none of its own; an arena is found by the thread that made it, or by the list of
 *     policy/arena.h
 * Wins: none yet
 * Source: Gloger, ptmalloc2; GNU C library, malloc/arena.c
 */
#ifndef MORTISE_POLICY_ARENA_PER_THREAD_H
#define MORTISE_POLICY_ARENA_PER_THREAD_H

#include "../arena.h"

enum { mortise_per_thread_many = 1 };

struct mortise_per_thread {
    uint32_t joined; /* states of threads */
    uint32_t turn;   /* of those that share */
};

struct mortise_per_thread_local {
    struct mortise_arena *arena; /* NULL: not joined yet */
};

/* The counters order nothing. */
MORTISE_SLOW void mortise_per_thread_join(struct mortise_per_thread *state,
                                          struct mortise_per_thread_local *local,
                                          struct mortise_arena_source source)
{
    if (local->arena != NULL)
        return;
    if (MORTISE_ADD_RELAXED(&state->joined, 1) == 0)
        local->arena = source.main;
    else
        local->arena = mortise_arena_make(source);
    if (local->arena == NULL)
        local->arena = mortise_arena_in_turn(source, MORTISE_ADD_RELAXED(&state->turn, 1));
}

MORTISE_FAST struct mortise_arena *
mortise_per_thread_home(const struct mortise_per_thread_local *local, struct mortise_arena *main)
{
    (void)main;
    return local->arena;
}

MORTISE_FAST struct mortise_arena *mortise_per_thread_enter(struct mortise_per_thread *state,
                                                            struct mortise_per_thread_local *local,
                                                            struct mortise_arena *main)
{
    (void)state, (void)main;
    return local->arena;
}

MORTISE_FAST void mortise_per_thread_leave(struct mortise_per_thread *state,
                                           struct mortise_arena *arena)
{
    (void)state, (void)arena;
}

#endif
