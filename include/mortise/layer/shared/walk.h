/* SPDX-License-Identifier: MIT */
/*
 * What a layer that keeps blocks tells of them, see core/walk.h. A part of the body of such a
 * layer.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../../socket/malloc_socket.h"
#else
/* Tells of a block that the layer keeps; false where it is none. */
MORTISE_SLOW bool SELF(walk_kept)(struct mortise_walk *walk, SELF_HEAP *heap, SELF_LOCAL *local,
                                  void *block, uint64_t number)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, block, 0, 1);
    NEXT(whose)(&ctx, heap, local);
    if (ctx.owned == 0)
        return false;
    NEXT(getmeta)(&ctx, heap, local);
    if (ctx.status == MORTISE_OK)
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_CACHED, ctx.ptr, ctx.usable,
                           "class", number);
    return ctx.status == MORTISE_OK;
}

/* Of `count` blocks in an array. */
MORTISE_PLAIN void SELF(walk_array)(struct mortise_walk *walk, SELF_HEAP *heap, SELF_LOCAL *local,
                                    void **blocks, size_t count, uint64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (blocks[i] != NULL)
            (void)SELF(walk_kept)(walk, heap, local, blocks[i], number);
}

#endif
