/* SPDX-License-Identifier: MIT */
/*
 * How much there is. Part of the system layers for which large requests are ones to the system.
 *
 * The layer has in its state of a heap `system`, `direct` and `directs`, the counts of struct
 * mortise_stats; with LAYER_KEEPS also `kept`, of data/kept.h, with LAYER_REFUSED `refused`.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../../socket/malloc_socket.h"
#else
#define LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    stats->system += MORTISE_LOAD_RELAXED(&heap->system);
    stats->direct += MORTISE_LOAD_RELAXED(&heap->direct);
    stats->directs += MORTISE_LOAD_RELAXED(&heap->directs);
#ifdef LAYER_KEEPS
    stats->free += MORTISE_LOAD_RELAXED(&heap->kept.bytes);
    stats->free_blocks += mortise_kept_pieces(&heap->kept);
#endif
#ifdef LAYER_REFUSED
    stats->free += MORTISE_LOAD_RELAXED(&heap->refused.bytes);
    stats->free_blocks += MORTISE_LOAD_RELAXED(&heap->refused.regions);
#endif
    return ctx;
}

#endif
