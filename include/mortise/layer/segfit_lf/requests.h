/* SPDX-License-Identifier: MIT */
/*
 * What segfit_lf and segfit_lk answer to requests. Part of both, which say how free blocks are
 * kept: find, keep and release_all.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../segfit_lf.h"
#else
MORTISE_FAST size_t SELF(judged)(size_t size, size_t align)
{
    return size > align || align <= MORTISE_SIZECLASS_UNIT ? size : align;
}

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    size_t judged = SELF(judged)(size, align);
    return judged <= SIZECLASS(most)(CLASSES) && align <= MORTISE_GRANULE &&
           mortise_within(judged, MORTISE_LOW(SIZE_HANDLE), MORTISE_HIGH(SIZE_HANDLE));
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!SELF(handles)(ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    unsigned szcls = SIZECLASS(size_to_szcls)(SELF(judged)(ctx->size, ctx->align), CLASSES);
    struct SELF(block) *block = SELF(find)(heap, local, szcls);
    bool zeroed = false; /* not the context's, whose address must not leave inlined code */
    if (block != NULL) {
        MORTISE_STORE_RELAXED(&block->taken, 1u); /* passed on with the block itself */
    } else {
        local = SELF(attach)(heap, local); /* the heap may not have begun */
        block = SELF(make_block)(heap, local, szcls, &zeroed);
    }
    ctx->zeroed = zeroed;
    ctx->ptr = block != NULL ? block->base : NULL;
    ctx->usable = block != NULL ? block->bytes : 0;
    ctx->status = block != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!mortise_owned_by(ctx->owned, SELF(number)()))
        return NEXT(free)(ctx, heap, local);
    struct SELF(block) *block = SELF(block_of)(ctx->owned);
    if (MORTISE_UNLIKELY(ctx->ptr != block->base)) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    if (ctx->kind == MORTISE_REGION && !SELF(reclaim)(heap, local, block)) {
        ctx->status = MORTISE_NO_MEMORY;
        return ctx; /* it stays the caller's */
    }
    /* Acquire and release: of two frees of a block the second sees that it is one. */
    if (MORTISE_UNLIKELY(MORTISE_SWAP_ACQ_REL(&block->taken, 0u) == 0)) {
        ctx->status = MORTISE_DOUBLE_FREE;
        return ctx;
    }
    ctx->status = MORTISE_OK;
    if (MORTISE_LOAD_RELAXED(&heap->held) + block->bytes <= KEEP ||
        !SELF(give_back)(heap, local, block))
        SELF(keep)(heap, local, block);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!mortise_owned_by(ctx->owned, SELF(number)()))
        return NEXT(getmeta)(ctx, heap, local);
    const struct SELF(block) *block = SELF(block_of)(ctx->owned);
    ctx->usable = block->bytes;
    ctx->fixed = true;
    if (MORTISE_UNLIKELY(ctx->ptr != block->base))
        ctx->status = MORTISE_FOREIGN_POINTER;
    return ctx;
}

/* A block has no room but its own, which the caller knows. */
#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!mortise_owned_by(ctx->owned, SELF(number)()))
        return NEXT(resize)(ctx, heap, local);
    ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL) {
        size_t held = MORTISE_LOAD_RELAXED(&heap->held);
        SELF(release_all)(heap, SELF(attach)(heap, local));
        size_t left = MORTISE_LOAD_RELAXED(&heap->held);
        ctx->usable += held > left ? held - left : 0;
    }
    return NEXT(trim)(ctx, heap, local);
}

#define LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ((struct mortise_stats *)ctx->ptr)->free += MORTISE_LOAD_RELAXED(&heap->held);
    return NEXT(stats)(ctx, heap, local);
}

#endif
