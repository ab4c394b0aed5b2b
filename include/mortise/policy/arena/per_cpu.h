/* SPDX-License-Identifier: MIT */
/*
 * per_cpu - each core has an arena, and a thread goes along with the core when it meets another
 *
 * A thread has the arena of the core that it begins on: the main one if that has none yet, else one
 * that is made for it, until there are as many as there may be. While an arena serves a thread,
 * another that comes asks on which core it is, and goes over to the arena of that one; only if that
 * is the same does it wait. So threads that move between cores move between arenas, at the price of
 * a look at the core only when they are in each other's way.
 *
 * Needs: nothing
 * Offers: no more arenas than cores, and threads that hardly meet, however many there are
 *
 * Parameters: none
 *
 * Invariants: an entry of the table changes once, from nothing to an arena, by way of `making`
 * Ordering: the mark that an arena is busy orders nothing: it is a hint, and the lock of the arena
 *     decides. The table: release when an arena is entered, acquire when it is found, shows what
 *     was made.
 * Wins: none yet
 * Source: Micay's allocator (thestinger/allocator), arenas by sched_getcpu with trylock
 */
#ifndef MORTISE_POLICY_ARENA_PER_CPU_H
#define MORTISE_POLICY_ARENA_PER_CPU_H

#include "../../os/os.h"
#include "../arena.h"

enum { mortise_per_cpu_many = 1, mortise_per_cpu_most = 64 };

struct mortise_per_cpu {
    struct mortise_arena *of[mortise_per_cpu_most]; /* by core; beyond, cores share */
    struct mortise_arena making;                    /* stands for one that is being made */
    uint32_t main_taken;                            /* a core has the main one */
    uint32_t turn;                                  /* of those that share */
};

struct mortise_per_cpu_local {
    struct mortise_arena *home; /* since join; NULL: not joined yet */
    struct mortise_arena *arena;
};

MORTISE_FAST struct mortise_arena **mortise_per_cpu_entry(struct mortise_per_cpu *state)
{
    int core = mortise_os_core();
    return &state->of[(core < 0 ? 0u : (unsigned)core) % mortise_per_cpu_most];
}

/* The arena of the core that runs the thread. Who finds one that is being made has the main one. */
MORTISE_SLOW struct mortise_arena *mortise_per_cpu_find(struct mortise_per_cpu *state,
                                                        struct mortise_arena_source source)
{
    struct mortise_arena **entry = mortise_per_cpu_entry(state), *found = NULL, *arena = NULL;
    if (!MORTISE_CAS_ACQ_REL(entry, &found, &state->making))
        return found != &state->making ? found : source.main;
    uint32_t taken = 0;
    /* Whose arena is the main one orders nothing. */
    if (MORTISE_CAS_RELEASE(&state->main_taken, &taken, 1u))
        arena = source.main;
    else
        arena = mortise_arena_make(source);
    if (arena == NULL && MORTISE_LOAD_RELAXED(&source.arenas->made) + 1 >= source.limit)
        arena = mortise_arena_in_turn(source, MORTISE_ADD_RELAXED(&state->turn, 1));
    MORTISE_STORE_RELEASE(entry, arena); /* NULL: there was no memory, so another time */
    return arena != NULL ? arena : source.main;
}

MORTISE_SLOW void mortise_per_cpu_join(struct mortise_per_cpu *state,
                                       struct mortise_per_cpu_local *local,
                                       struct mortise_arena_source source)
{
    if (local->home == NULL)
        local->home = local->arena = mortise_per_cpu_find(state, source);
}

MORTISE_FAST struct mortise_arena *mortise_per_cpu_home(const struct mortise_per_cpu_local *local,
                                                        struct mortise_arena *main)
{
    (void)main;
    return local->home;
}

/* Somebody is in the thread's arena: it goes over to that of its core, unless there is none. */
MORTISE_SLOW struct mortise_arena *mortise_per_cpu_move(struct mortise_per_cpu *state,
                                                        struct mortise_per_cpu_local *local)
{
    struct mortise_arena *arena = MORTISE_LOAD_ACQUIRE(mortise_per_cpu_entry(state));
    if (arena != NULL && arena != &state->making)
        local->arena = arena;
    MORTISE_STORE_RELAXED(&local->arena->busy, 1u);
    return local->arena;
}

MORTISE_FAST struct mortise_arena *mortise_per_cpu_enter(struct mortise_per_cpu *state,
                                                         struct mortise_per_cpu_local *local,
                                                         struct mortise_arena *main)
{
    (void)main;
    struct mortise_arena *arena = local->arena;
    if (MORTISE_UNLIKELY(arena == NULL))
        return NULL;
    if (MORTISE_LIKELY(MORTISE_SWAP_ACQUIRE(&arena->busy, 1u) == 0))
        return arena;
    return mortise_per_cpu_move(state, local);
}

MORTISE_FAST void mortise_per_cpu_leave(struct mortise_per_cpu *state, struct mortise_arena *arena)
{
    (void)state;
    MORTISE_STORE_RELEASE(&arena->busy, 0u);
}

#endif
