/* SPDX-License-Identifier: MIT */
/*
 * Arenas of a layer, and which one serves a request. Part of the layers that have the slot arena.
 *
 * The layer has ARENA(x), a name of the member, and
 *   struct SELF(arena)  whose first member is `struct mortise_arena link`
 *   SELF_HEAP   with `struct SELF(arena) main`, `struct mortise_arenas arenas` and `choice`, the
 *               member's state
 *   SELF_LOCAL  with `choice`, the member's state of a thread
 *   SELF(has_one)()  is the main arena the only one? A constant
 *   void SELF(count_arena)(heap, local, arena, stats)  adds what lies free in an arena
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
MORTISE_FAST struct SELF(arena) * SELF(home)(SELF_HEAP *heap, const SELF_LOCAL *local)
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

MORTISE_SLOW void SELF(count_arena)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                    struct mortise_stats *stats);

#define LAYER_HAS_STATS
MORTISE_SLOW mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(arena) *arena = NULL;
    while ((arena = SELF(next_arena)(heap, arena)) != NULL)
        SELF(count_arena)(heap, local, arena, (struct mortise_stats *)ctx->ptr);
    return NEXT(stats)(ctx, heap, local);
}

#endif
