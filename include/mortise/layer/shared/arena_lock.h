/* SPDX-License-Identifier: MIT */
/*
 * How a procedure runs in an arena that has one lock. Part of the layers with such arenas; goes
 * with arenas.h.
 *
 * The layer has what arenas.h says, SYNC(x), and the member's state as `sync` in struct
 * SELF(arena); its state of a thread as `sync` in SELF_LOCAL is for the arena that is the thread's
 * home.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../bins.h"
#else
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
