/* SPDX-License-Identifier: MIT */
/*
 * The blocks that wait in the queues of delayed_free, see core/walk.h. Part of
 * layer/delayed_free.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../delayed_free.h"
#else
#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_header *header = ctx->kind == MORTISE_THREAD ? local->oldest : NULL;
    uint64_t word = 0, next = 0;
    while (header != NULL &&
           mortise_header_read(SELF(scheme)(heap), header, &word, &next) == MORTISE_HEADER_WAITS) {
        mctx_t block = SELF(below)(heap, local, header, word);
        mortise_walk_piece((struct mortise_walk *)ctx->ptr, MORTISE_STRING(LAYER),
                           MORTISE_WALK_CACHED, block.ptr, block.usable + mortise_header_cost(word),
                           "queue", 0);
        header = (struct mortise_header *)(uintptr_t)next;
    }
    return NEXT(walk)(ctx, heap, local);
}

#endif
