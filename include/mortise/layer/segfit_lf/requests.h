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

/* Only a user's block is moved, if there is room, and unless it is aligned to more than a line. */
MORTISE_FAST bool SELF(moves)(enum mortise_kind kind, size_t align, size_t size)
{
    return SELF(room) != 0 && kind == MORTISE_OBJECT && align <= MORTISE_CACHE_LINE &&
           size <= SIZECLASS(most)(CLASSES) - SELF(room);
}

MORTISE_FAST size_t SELF(shift)(const struct SELF(block) * block)
{
    return SELF(room) != 0 ? block->shift : 0;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!SELF(handles)(ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    size_t wanted = SELF(judged)(ctx->size, ctx->align);
    bool moves = SELF(moves)(ctx->kind, ctx->align, wanted);
    unsigned szcls = SIZECLASS(size_to_szcls)(wanted + (moves ? SELF(room) : 0), CLASSES);
    struct SELF(block) *block = SELF(find)(heap, local, szcls);
    bool zeroed = false; /* not the context's, whose address must not leave inlined code */
    if (SELF(room) != 0)
        local = SELF(attach)(heap, local); /* the policy has a state */
    if (block != NULL) {
        zeroed = BARE && block->bare;
        MORTISE_STORE_RELAXED(&block->taken, 1u); /* passed on with the block itself */
    } else {
        local = SELF(attach)(heap, local); /* the heap may not have begun */
        block = SELF(make_block)(heap, local, szcls, &zeroed);
    }
    ctx->zeroed = zeroed;
    ctx->ptr = NULL;
    ctx->usable = 0;
    ctx->status = MORTISE_NO_MEMORY;
    if (MORTISE_LIKELY(block != NULL)) {
        size_t shift = moves ? SPREAD(offset)(&local->spread) : 0;
        if (SELF(room) != 0)
            block->shift = (uint32_t)shift;
        if (HUGE_PAGE && block->bytes >= SELF(huge) && ctx->kind == MORTISE_OBJECT)
            SELF(advise)(block, shift + ctx->size);
        else if (HUGE_PAGE)
            SELF(forget)(block);
        ctx->ptr = block->base + shift;
        ctx->usable = block->bytes - shift;
        ctx->status = MORTISE_OK;
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!mortise_owned_by(ctx->owned, SELF(number)()))
        return NEXT(free)(ctx, heap, local);
    struct SELF(block) *block = SELF(block_of)(ctx->owned);
    if (MORTISE_UNLIKELY(ctx->ptr != block->base + SELF(shift)(block))) {
        ctx->status = MORTISE_LOAD_RELAXED(&block->taken) == 0 ? MORTISE_DOUBLE_FREE
                                                               : MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    if (ctx->kind == MORTISE_REGION &&
        !SELF(reclaim)(heap, local, block->base, block->bytes, SELF(owned_by)(block))) {
        ctx->status = MORTISE_NO_MEMORY;
        return ctx; /* it stays the caller's */
    }
    /* Acquire and release: of two frees of a block the second sees that it is one. */
    if (MORTISE_UNLIKELY(MORTISE_SWAP_ACQ_REL(&block->taken, 0u) == 0)) {
        ctx->status = MORTISE_DOUBLE_FREE;
        return ctx;
    }
    ctx->status = MORTISE_OK;
    if (MORTISE_LOAD_RELAXED(&heap->held) + block->bytes > KEEP &&
        SELF(give_back)(heap, local, block))
        return ctx;
    if (BARE)
        SELF(strip)(heap, local, block);
    SELF(keep)(heap, local, block);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!mortise_owned_by(ctx->owned, SELF(number)()))
        return NEXT(getmeta)(ctx, heap, local);
    const struct SELF(block) *block = SELF(block_of)(ctx->owned);
    ctx->usable = block->bytes - SELF(shift)(block);
    if (MORTISE_UNLIKELY(MORTISE_LOAD_RELAXED(&block->taken) == 0)) /* or it is the caller's */
        ctx->status = MORTISE_DOUBLE_FREE;
    else if (MORTISE_UNLIKELY(ctx->ptr != block->base + SELF(shift)(block)))
        ctx->status = MORTISE_FOREIGN_POINTER;
    return ctx;
}

/* A block serves what its class does. */
#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!mortise_owned_by(ctx->owned, SELF(number)()))
        return NEXT(resize)(ctx, heap, local);
    struct SELF(block) *block = SELF(block_of)(ctx->owned);
    size_t shift = SELF(shift)(block), most = SIZECLASS(most)(CLASSES);
    ctx->status = MORTISE_NO_MEMORY;
    if (SELF(handles)(ctx->size, 1) && ctx->size <= most - shift &&
        SIZECLASS(size_to_szcls)(ctx->size + shift, CLASSES) == block->szcls) {
        if (HUGE_PAGE && block->bytes >= SELF(huge))
            SELF(advise)(block, shift + ctx->size);
        ctx->usable = block->bytes - shift;
        ctx->status = MORTISE_OK;
    }
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

#include "walk.h"

#define LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ((struct mortise_stats *)ctx->ptr)->free += MORTISE_LOAD_RELAXED(&heap->held);
    return NEXT(stats)(ctx, heap, local);
}

#endif
