/* SPDX-License-Identifier: MIT */
/*
 * How layers age whose free memory decays (data/decay.h): after a free, and while nobody calls. A
 * part of the body of such a layer, which has DECAYS, DECAY, the parameter, and
 *   SELF(look)(heap, local)  has pages go where a tick of the clock has begun
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../tlsf_glk.h"
#else
/* It is time to look, after a free; and later on, if more lies free than would stay. */
MORTISE_SLOW void SELF(look_on)(SELF_HEAP *heap, SELF_LOCAL *local,
                                const struct mortise_decay *decay)
{
    SELF(look)(heap, local);
    if (MORTISE_LOAD_RELAXED(&decay->exceeds))
        SELF(age_later)(heap);
}

#define LAYER_HAS_AGE
MORTISE_SLOW mctx_t *SELF(age)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (DECAYS && (NEXT(facts)() & MORTISE_RETURNS) != 0) {
        SELF(look)(heap, SELF(attach)(heap, local));
        ctx->size = mortise_decay_slower(ctx->size, DECAY);
    }
    return NEXT(age)(ctx, heap, local);
}

#endif
