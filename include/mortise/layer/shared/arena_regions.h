/* SPDX-License-Identifier: MIT */
/*
 * How arenas begin that lie in a region each. Part of layers that have arenas; goes with arenas.h.
 *
 * The layer has what arenas.h says, and
 *   void SELF(begin_arena)(heap, arena, bytes)  what is to be done with a new arena, all zero;
 *                                         `bytes` from it on are its own
 *   void SELF(join)(heap, local, source)  has a thread that begins join an arena, which it may make
 *                                         from `source`
 *   uint32_t SELF(most_arenas)(void)      how many there may be, with the main one
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../extent_abf.h"
#else
struct SELF(whose) {
    SELF_HEAP *heap;
    SELF_LOCAL *local;
};

/* A new arena, or NULL. Its memory is not returned while the heap lives. */
MORTISE_SLOW struct mortise_arena *SELF(make_arena)(void *argument)
{
    struct SELF(whose) *whose = (struct SELF(whose) *)argument;
    size_t bytes = mortise_round_up(sizeof(struct SELF(arena)), MORTISE_GRANULE);
    mctx_t region = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
    NEXT_COLD(alloc)(&region, whose->heap, whose->local);
    struct SELF(arena) *arena = (struct SELF(arena) *)region.ptr;
    if (arena == NULL)
        return NULL;
    if (!region.zeroed)
        mortise_set(arena, 0, sizeof *arena);
    SELF(begin_arena)(whose->heap, arena, bytes);
    return &arena->link;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    if (ctx->status == MORTISE_OK && ctx->kind == MORTISE_THREAD) {
        struct SELF(whose) whose = {heap, local};
        struct mortise_arena_source source = {&heap->arenas, &heap->main.link,
                                              SELF(has_one)() ? 1 : SELF(most_arenas)(),
                                              SELF(make_arena), &whose};
        SELF(join)(heap, local, source);
    } else if (ctx->status == MORTISE_OK) {
        SELF(begin_arena)(heap, &heap->main, sizeof heap->main);
    }
    return ctx;
}

#endif
