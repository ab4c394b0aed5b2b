/* SPDX-License-Identifier: MIT */
/*
 * Arenas of a layer: which one serves a request, and how a procedure runs in one. Part of the
 * layers that have the slot arena, with a lock for each arena.
 *
 * The layer has ARENA(x) and SYNC(x), names of the members of both slots, and
 *   struct SELF(arena)  whose first member is `struct mortise_arena link`, and which has `sync`
 *   SELF_HEAP   with `struct SELF(arena) main`, `struct mortise_arenas arenas` and `choice`, the
 *               member's state
 *   SELF_LOCAL  with `choice` and `sync`, the members' states of a thread; sync is for the arena
 *               that is the thread's home
 *   SELF(has_one)()  is the main arena the only one? A constant
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../bins.h"
#else
/* From the newest to the main one, then NULL; begins behind `before`, NULL: with the newest. */
MORTISE_PLAIN struct SELF(arena) * SELF(next_arena)(SELF_HEAP *heap, struct SELF(arena) * before)
{
    return (struct SELF(arena) *)(void *)mortise_arena_next(&heap->arenas, &heap->main.link,
                                                            before != NULL ? &before->link : NULL);
}

/* The arena of a thread, NULL: it has no state. */
MORTISE_FAST struct SELF(arena) * SELF(home)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (SELF(has_one)())
        return &heap->main;
    return (struct SELF(arena) *)(void *)ARENA(home)(&local->choice, &heap->main.link);
}

/* The arena that serves a request; without memory for the state of the thread, the main one. */
MORTISE_FAST struct SELF(arena) * SELF(enter)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (SELF(has_one)() || MORTISE_UNLIKELY(SELF(home)(heap, local) == NULL))
        return &heap->main;
    return (struct SELF(arena) *)(void *)ARENA(enter)(&heap->choice, &local->choice,
                                                      &heap->main.link);
}

MORTISE_FAST void SELF(leave)(SELF_HEAP *heap, struct SELF(arena) * arena)
{
    if (!SELF(has_one)())
        ARENA(leave)(&heap->choice, &arena->link);
}

/* Runs a procedure in an arena. A thread has joined the sync of its own; that of another takes
 * calls without a state as well. */
MORTISE_FAST void SELF(exec)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                             mortise_procedure_t *procedure, void *task)
{
    if (!SELF(has_one)() && sizeof local->sync != 0 && arena != SELF(home)(heap, local)) {
        struct SYNC(local) stranger;
        mortise_set(&stranger, 0, sizeof stranger);
        SYNC(exec)(&arena->sync, &stranger, procedure, task);
        return;
    }
    SYNC(exec)(&arena->sync, &local->sync, procedure, task);
}

MORTISE_FAST bool SELF(is_ready)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    return SELF(home)(heap, local) != NULL && SYNC(ready)(&local->sync);
}

/* Has a thread that begins join an arena, which it may make from `source`. */
MORTISE_FAST void SELF(join)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_arena_source source)
{
    ARENA(join)(&heap->choice, &local->choice, source);
    SYNC(join)(&SELF(home)(heap, local)->sync, &local->sync);
}

#define LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(arena) *arena = NULL;
    while (ctx->kind == MORTISE_FORK_CHILD && (arena = SELF(next_arena)(heap, arena)) != NULL)
        SYNC(reset)(&arena->sync);
    return NEXT(fork)(ctx, heap, local);
}

#endif
