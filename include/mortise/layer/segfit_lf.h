/* SPDX-License-Identifier: MIT */
/*
 * segfit_lf - large blocks, kept free in one stack for each size class, without locks
 *
 * A request is rounded up to a size class and gets a block of just that class: one that somebody
 * has freed, or a new region of the neighbour. Blocks are never split or joined. The stacks link
 * numbers of records that lie apart, so that no free block is touched and its pages can be given
 * back. An operation tries eight times at most and then takes another way, so its steps are
 * bounded.
 *
 * Needs: regions; objects of any alignment for what size_handle leaves to the neighbour; a
 *     thread-safe neighbour
 * Offers: objects and regions of known size; recognises a block that is free already; thread-safe
 *
 * Parameters:
 *   name         type       default            range        meaning
 *   sizeclass    sizeclass  log2b              -            which block sizes there are; rounded up
 *                                                           to granules of 64 KB
 *   size_handle  range      [65536,SIZE_MAX]   0..SIZE_MAX  sizes served here; others go to next
 *   keep         size       64MB               0..1TB       free memory that is kept; what comes
 *                                                           beyond goes back to the neighbour
 *
 * Invariants: a record is in one stack or list while its block is free, and in none while it is
 *     taken. The granules of a free block, and of one that is an object, are recorded as this
 *     layer's; those of a region as its user wants.
 * Ordering: data/index_stack.h; taken changes by one exchange, so that one free of a block wins
 * Wins: none yet
 * Source: paper section 3 (wfslab); Treiber 1986 for the stack
 */
#include "../core/layer_begin.h"
#include "../data/index_stack.h"
#include "../policy/sizeclass.h"

#ifndef SEGFIT_LF_SIZECLASS
#define SEGFIT_LF_SIZECLASS log2b
#endif
#ifndef SEGFIT_LF_SIZECLASS_LEAST
#define SEGFIT_LF_SIZECLASS_LEAST 0
#endif
#ifndef SEGFIT_LF_SIZECLASS_MOST
#define SEGFIT_LF_SIZECLASS_MOST 0
#endif
#ifndef SEGFIT_LF_SIZECLASS_STEP
#define SEGFIT_LF_SIZECLASS_STEP 0
#endif
#ifndef SEGFIT_LF_SIZE_HANDLE
#define SEGFIT_LF_SIZE_HANDLE 65536, SIZE_MAX
#endif
#ifndef SEGFIT_LF_KEEP
#define SEGFIT_LF_KEEP 67108864
#endif
#include MORTISE_POLICY(sizeclass, SEGFIT_LF_SIZECLASS)

#define SIZECLASS(x) MORTISE_MEMBER(SEGFIT_LF_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SEGFIT_LF_SIZECLASS_LEAST, SEGFIT_LF_SIZECLASS_MOST,                      \
                         SEGFIT_LF_SIZECLASS_STEP)

MORTISE_ASSERT_STATIC(MORTISE_LOW(SEGFIT_LF_SIZE_HANDLE) < MORTISE_HIGH(SEGFIT_LF_SIZE_HANDLE),
                      "mortise: segfit_lf: size_handle=[lo,hi] needs lo < hi");
MORTISE_ASSERT_STATIC(SEGFIT_LF_KEEP >= 0 && SEGFIT_LF_KEEP >> 20 <= 1 << 20,
                      "mortise: segfit_lf: keep must lie in 0..1TB");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(chunks) = 4096, /* of records: for 4 million blocks */
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_THREADSAFE,
    SELF(offers) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_CHECKS |
                   MORTISE_PLACES | MORTISE_THREADSAFE,
    SELF(passes) = MORTISE_ONE_RANGE | MORTISE_RETURNS | MORTISE_RESIZES | MORTISE_PRECISE
};

SELF_HEAP
{
    struct mortise_index_stack free[SELF(classes)];
    struct mortise_index_stack spare; /* records without a block */
    uint32_t made;                    /* records */
    size_t held;                      /* bytes in free blocks */
    void *chunks[SELF(chunks)];
};

SELF_LOCAL
{
    uint32_t parked[SELF(classes)]; /* free blocks that a stack did not take in time */
    bool begun;
};

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    size_t judged = size > align || align <= MORTISE_SIZECLASS_UNIT ? size : align;
    return judged <= SIZECLASS(most)(CLASSES) && align <= MORTISE_GRANULE &&
           mortise_within(judged, MORTISE_LOW(SEGFIT_LF_SIZE_HANDLE),
                          MORTISE_HIGH(SEGFIT_LF_SIZE_HANDLE));
}

#include "segfit_lf/blocks.h"

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    if (ctx->status == MORTISE_OK && ctx->kind == MORTISE_THREAD)
        local->begun = true;
    return ctx;
}

/* What the thread has parked becomes common property. */
#define LAYER_HAS_DESTROY
MORTISE_SLOW mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned szcls = 0; ctx->kind == MORTISE_THREAD && szcls < SELF(classes); szcls++) {
        uint32_t number = local->parked[szcls];
        local->parked[szcls] = 0;
        while (number != 0) {
            struct SELF(block) *block = SELF(block_at)(heap, number);
            number = block->link;
            MORTISE_SUB_RELAXED(&heap->held, block->bytes);
            SELF(keep)(heap, local, block);
        }
    }
    return NEXT(destroy)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!SELF(handles)(ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    unsigned szcls =
        SIZECLASS(size_to_szcls)(ctx->size > ctx->align ? ctx->size : ctx->align, CLASSES);
    struct SELF(block) *block = SELF(find)(heap, local, szcls);
    ctx->zeroed = false;
    if (block != NULL) {
        MORTISE_STORE_RELAXED(&block->taken, 1u); /* passed on with the block itself */
    } else {
        local = SELF(attach)(heap, local); /* the heap may not have begun */
        block = SELF(make_block)(heap, local, szcls, &ctx->zeroed);
    }
    ctx->ptr = block != NULL ? block->base : NULL;
    ctx->usable = block != NULL ? block->bytes : 0;
    ctx->status = block != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

/* A region that comes back is on record as that of the layer which cut it up, or, where that layer
 * could not claim it, still as ours. */
MORTISE_SLOW bool SELF(reclaim)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, block->base, block->bytes, 1);
    if (NEXT(whose)(&ctx, heap, local)->owned == SELF(owned_by)(block))
        return true;
    ctx.owned = SELF(owned_by)(block);
    return NEXT(claim)(&ctx, heap, local)->status == MORTISE_OK;
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
    if (MORTISE_LOAD_RELAXED(&heap->held) + block->bytes <= SEGFIT_LF_KEEP ||
        !SELF(give_back)(heap, local, block))
        SELF(keep)(heap, local, block);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!mortise_owned_by(ctx->owned, SELF(number)()))
        return NEXT(getmeta)(ctx, heap, local);
    ctx->usable = SELF(block_of)(ctx->owned)->bytes;
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

#undef SIZECLASS
#undef CLASSES
#undef SEGFIT_LF_SIZECLASS
#undef SEGFIT_LF_SIZECLASS_LEAST
#undef SEGFIT_LF_SIZECLASS_MOST
#undef SEGFIT_LF_SIZECLASS_STEP
#undef SEGFIT_LF_SIZE_HANDLE
#undef SEGFIT_LF_KEEP
#include "../core/layer_end.h"
