/* SPDX-License-Identifier: MIT */
/*
 * arena - which of several like parts of a layer serves a thread's requests
 *
 * An arena is all that such a layer has, with a lock of its own, so that threads in different ones
 * do not meet. The main one is in the layer's state of a heap; the layer makes others when it is
 * asked to. A block goes back to the arena that it is from, whoever frees it; which one that is,
 * is the layer's business. Arenas never end before their heap.
 *
 * A member M of this slot defines, all zeroed before the first use:
 *   struct mortise_M           what it knows of all threads
 *   struct mortise_M_local     of one thread, MORTISE_NO_STATE where there is nothing. It stays
 *                              with the state of a thread, from one that ended to a new one
 *   mortise_M_many             enumerator: 0 when there is only the main one
 *   mortise_M_join(state, local, source)  when the state of a thread is made. It may make an
 *                              arena, which enters the system; if it cannot, the thread shares one
 *   mortise_M_home(local, main)           the arena that the thread has since join, NULL before
 *   mortise_M_enter(state, local, main)   the arena to serve a request, NULL before join
 *   mortise_M_leave(state, arena)         afterwards
 *
 * A layer has a struct mortise_arenas in its state of a heap, and fills in a struct
 * mortise_arena_source for each call of join.
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_ARENA_H
#define MORTISE_POLICY_ARENA_H

#include "../core/atomic.h"

/* The first member of an arena. */
struct mortise_arena {
    struct mortise_arena *next; /* the one that was made before it, NULL: the main one */
    uint32_t busy;              /* for members that look whether somebody is inside */
};

/* All arenas of a layer; all-zero memory is the main one alone. */
struct mortise_arenas {
    struct mortise_arena *newest; /* NULL: none but the main one */
    uint32_t made;                /* or being made, but for the main one */
};

struct mortise_arena_source {
    struct mortise_arenas *arenas;
    struct mortise_arena *main;
    uint32_t limit;                                /* arenas that there may be, with the main one */
    struct mortise_arena *(*make)(void *argument); /* NULL: there is no memory */
    void *argument;
};

/* A new arena, unless there are as many as there may be, or no memory. */
MORTISE_SLOW struct mortise_arena *mortise_arena_make(struct mortise_arena_source source)
{
    struct mortise_arenas *arenas = source.arenas;
    /* A counter of what may be made, which orders nothing. */
    if (MORTISE_ADD_RELAXED(&arenas->made, 1) + 1 >= source.limit) {
        MORTISE_SUB_RELAXED(&arenas->made, 1);
        return NULL;
    }
    struct mortise_arena *arena = source.make(source.argument);
    if (arena == NULL) {
        MORTISE_SUB_RELAXED(&arenas->made, 1);
        return NULL;
    }
    arena->next = MORTISE_LOAD_RELAXED(&arenas->newest); /* the exchange below decides */
    /* Release: whoever finds the arena sees what was made. */
    while (!MORTISE_CAS_RELEASE(&arenas->newest, &arena->next, arena))
        ;
    return arena;
}

/* From the newest on, with `before` the one that came last, NULL: none yet; the main one is last,
 * and NULL is behind it. Acquire: shows what was made. */
MORTISE_PLAIN struct mortise_arena *mortise_arena_next(struct mortise_arenas *arenas,
                                                       struct mortise_arena *main,
                                                       struct mortise_arena *before)
{
    MORTISE_ASSUME(main != NULL);
    if (before == main)
        return NULL;
    struct mortise_arena *next =
        before == NULL ? MORTISE_LOAD_ACQUIRE(&arenas->newest) : before->next;
    return next != NULL ? next : main;
}

/* The arena whose turn it is when they take turns; `turn` counts. */
MORTISE_SLOW struct mortise_arena *mortise_arena_in_turn(struct mortise_arena_source source,
                                                         uint32_t turn)
{
    uint32_t count = 0;
    struct mortise_arena *arena = NULL;
    while ((arena = mortise_arena_next(source.arenas, source.main, arena)) != NULL)
        count++;
    MORTISE_ASSUME(count != 0); /* the main one */
    arena = mortise_arena_next(source.arenas, source.main, NULL);
    for (turn = count - 1 - turn % count; turn > 0; turn--) /* the main one first */
        arena = mortise_arena_next(source.arenas, source.main, arena);
    return arena;
}

#endif
