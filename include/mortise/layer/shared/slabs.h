/* SPDX-License-Identifier: MIT */
/*
 * The size classes of layers whose blocks lie in memory of one class each, which is recorded as
 * theirs by mortise_owned_of_class. Part of slab_lk and slab_ff, which have SIZECLASS(x), CLASSES,
 * SIZE_HANDLE, and SELF(room): what they may add to a size before they choose its class.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_lk.h"
#else
/* How many classes size_handle leaves in use. */
MORTISE_FAST unsigned SELF(used)(void)
{
    size_t hi = MORTISE_HIGH(SIZE_HANDLE), most = SIZECLASS(most)(CLASSES);
    hi = hi < most && most - hi > SELF(room) ? hi + SELF(room) : most;
    return SIZECLASS(size_to_szcls)(hi, CLASSES) + 1;
}

/* The class of an owned place, SELF(classes) if it is none of this layer's. */
MORTISE_FAST size_t SELF(class_of)(uint64_t owned)
{
    if (!mortise_owned_by(owned, SELF(number)()))
        return SELF(classes);
    MORTISE_ASSUME(mortise_owner_class(owned) < SELF(used)());
    return mortise_owner_class(owned);
}

/* The least class whose blocks all lie at multiples of `align`; SELF(classes): none. */
MORTISE_SLOW unsigned SELF(aligned_class)(size_t size, size_t align)
{
    unsigned szcls = SIZECLASS(size_to_szcls)(size > align ? size : align, CLASSES);
    while (szcls < SELF(used)() && SIZECLASS(szcls_to_size)(szcls, CLASSES) % align != 0)
        szcls++;
    return szcls < SELF(used)() ? szcls : (unsigned)SELF(classes);
}

/* What getmeta says of a block by its class; false: it is none of this layer's, and the neighbour
 * has said it. */
MORTISE_FAST bool SELF(tell_class)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx->szcls = SELF(class_of)(ctx->owned);
    if (ctx->szcls >= SELF(classes)) {
        NEXT(getmeta)(ctx, heap, local)->szcls = SELF(classes); /* none of its own */
        return false;
    }
    ctx->usable = SIZECLASS(szcls_to_size)((unsigned)ctx->szcls, CLASSES);
    ctx->fixed = true;
    return true;
}

#define LAYER_HAS_SIZECLASS
MORTISE_FAST const void *SELF(sizeclass)(void)
{
    return (const void *)&SIZECLASS(size_to_szcls);
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx->status = MORTISE_NO_MEMORY;
    return SELF(class_of)(ctx->owned) < SELF(classes) ? ctx : NEXT(resize)(ctx, heap, local);
}

#endif
