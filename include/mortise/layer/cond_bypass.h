/* SPDX-License-Identifier: MIT */
/*
 * cond_bypass - takes a request past the next layers, if a condition holds
 *
 * An allocation of an object for which the condition holds goes to the layer that `to` names,
 * through its gate, as if the layers between were not there; all others go to the neighbour. free,
 * getmeta and resize go through the layers between, which find the owner of a block as ever and
 * leave alone what is not theirs. Others pay nothing for it: this layer has no state, so that its
 * place in a heap is the heap's own.
 *
 * What checks blocks must not be gone past: it would look for marks that it has never made. So a
 * cond_bypass stands on the system side of all checks.
 *
 * Needs: a layer of the name `to` on the system side, which serves objects of any alignment itself
 * Offers: what its neighbour offers, but for checks
 *
 * Parameters:
 *   name  type  default    range  meaning
 *   cond  cond  above      -      which requests go past
 *   to    name  mmap_heap  layer  the layer to go to: its word, with _2 for the second of the same
 *                                 word, and so on, from the system side
 *
 * Invariants: a request goes to one of the two, and if that refuses it not to the other
 * Ordering: none; no state
 * Wins: none yet
 * Source: paper table 2
 */
#include "../core/layer_begin.h"

#ifndef COND_BYPASS_COND
#define COND_BYPASS_COND above
#endif
#ifndef COND_BYPASS_COND_LEAST
#define COND_BYPASS_COND_LEAST 0
#endif
#ifndef COND_BYPASS_TO
#ifdef MORTISE_ALONE
#define COND_BYPASS_TO null
#else
#define COND_BYPASS_TO mmap_heap
#endif
#endif
#include "../policy/cond.h"
#include MORTISE_POLICY(cond, COND_BYPASS_COND)

#define TARGET(x) MORTISE_SELF(COMPOSITION, COND_BYPASS_TO, x)
#define UNPACK(x) MORTISE_CAT(COMPOSITION, _mctx_##x)

enum {
    SELF(wanted) = MORTISE_OBJECTS | MORTISE_ALIGNS,
    SELF(needs) = 0,
    SELF(offers) = 0,
    /* What goes past may be less precise than the neighbour, and may meet a lock. */
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_CHECKS | MORTISE_QUICK | MORTISE_LOCKLESS) &
                   ((int)TARGET(offers) | ~(int)(MORTISE_PRECISE | MORTISE_THREADSAFE))
};

MORTISE_ASSERT_STATIC(((int)TARGET(offers) & SELF(wanted)) == SELF(wanted),
                      "mortise: cond_bypass: `to` names a layer that does not serve objects of any "
                      "alignment itself: name a placing layer, or a system layer that does");

SELF_HEAP
{
    MORTISE_NO_STATE;
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

/* A layer without state is given the whole heap and the whole state of the thread in place of its
 * own, which is what the gates of another take. */
MORTISE_FAST struct MORTISE_CAT(COMPOSITION, _heap) * SELF(whole_heap)(SELF_HEAP *heap)
{
    return (struct MORTISE_CAT(COMPOSITION, _heap) *)(void *)heap;
}

MORTISE_FAST struct MORTISE_CAT(COMPOSITION, _local) * SELF(whole_local)(SELF_LOCAL *local)
{
    return (struct MORTISE_CAT(COMPOSITION, _local) *)(void *)local;
}

MORTISE_FAST bool SELF(holds)(const mctx_t *ctx)
{
    return MORTISE_MEMBER(COND_BYPASS_COND, holds)(ctx->size, ctx->align, &ctx->extra,
                                                   mortise_cond_of(COND_BYPASS_COND_LEAST));
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(create)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_OBJECT && SELF(holds)(ctx))
        return UNPACK(unpack)(ctx,
                              TARGET(gate_alloc)(SELF(whole_heap)(heap), SELF(whole_local)(local),
                                                 ctx->size, ctx->align, ctx->kind, ctx->extra));
    return NEXT(alloc)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(free)(ctx, heap, local);
}

#define LAYER_HAS_BATCH
MORTISE_FAST mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (SELF(holds)(ctx))
        return UNPACK(unpack_batch)(
            ctx, TARGET(gate_alloc_batch)(SELF(whole_heap)(heap), SELF(whole_local)(local),
                                          ctx->size, ctx->count, ctx->extra));
    return NEXT(alloc_batch)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(free_batch)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

#undef TARGET
#undef UNPACK
#undef COND_BYPASS_COND
#undef COND_BYPASS_COND_LEAST
#undef COND_BYPASS_TO
#include "../core/layer_end.h"
