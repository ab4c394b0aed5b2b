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
 * Offers: objects and regions of known size; resizing within a class; recognises a
 *     block that is free already; thread-safe
 *
 * Parameters:
 *   name         type       default            range        meaning
 *   sizeclass    sizeclass  log2b              -            which block sizes there are; rounded up
 *                                                           to granules of 64 KB
 *   size_handle  range      [65536,SIZE_MAX]   0..SIZE_MAX  sizes served here; others go to next
 *   spread       spread     first_line         -            where in its memory a block begins
 *   keep         size       16MB               0..1TB       free memory that is kept; what comes
 *                                                           beyond goes back to the neighbour
 *   bare         bool       0                  -            what is kept loses its pages
 *   huge_page    bool       0                  -            ask for huge pages for what takes 7/8
 *                                                           of one, and for others in the rest
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
#include "../os/os.h"
#include "../policy/sizeclass.h"
#include "../policy/spread.h"

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
#ifndef SEGFIT_LF_SPREAD
#define SEGFIT_LF_SPREAD first_line
#endif
#ifndef SEGFIT_LF_KEEP
#define SEGFIT_LF_KEEP 16777216
#endif
#ifndef SEGFIT_LF_BARE
#define SEGFIT_LF_BARE 0
#endif
#ifndef SEGFIT_LF_HUGE_PAGE
#define SEGFIT_LF_HUGE_PAGE 0
#endif
#include MORTISE_POLICY(sizeclass, SEGFIT_LF_SIZECLASS)
#include MORTISE_POLICY(spread, SEGFIT_LF_SPREAD)

#define SIZECLASS(x) MORTISE_MEMBER(SEGFIT_LF_SIZECLASS, x)
#define SPREAD(x) MORTISE_MEMBER(SEGFIT_LF_SPREAD, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SEGFIT_LF_SIZECLASS_LEAST, SEGFIT_LF_SIZECLASS_MOST,                      \
                         SEGFIT_LF_SIZECLASS_STEP)

MORTISE_ASSERT_STATIC(MORTISE_LOW(SEGFIT_LF_SIZE_HANDLE) < MORTISE_HIGH(SEGFIT_LF_SIZE_HANDLE),
                      "mortise: segfit_lf: size_handle=[lo,hi] needs lo < hi");
MORTISE_ASSERT_STATIC(SEGFIT_LF_KEEP >= 0 && SEGFIT_LF_KEEP >> 20 <= 1 << 20,
                      "mortise: segfit_lf: keep must lie in 0..1TB");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(room) = SPREAD(room),
    SELF(chunks) = 4096, /* of records: for 4 million blocks */
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_THREADSAFE,
    SELF(offers) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_PLACES |
                   MORTISE_RESIZES | MORTISE_THREADSAFE,
    /* A block that is freed twice may be another, at another line, by then. */
    SELF(passes) = MORTISE_RETURNS | MORTISE_PRECISE | (SPREAD(room) == 0 ? MORTISE_CHECKS : 0)
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
    struct SPREAD(local) spread;
};

#define SIZE_HANDLE SEGFIT_LF_SIZE_HANDLE
#define KEEP SEGFIT_LF_KEEP
#define BARE SEGFIT_LF_BARE
#define HUGE_PAGE SEGFIT_LF_HUGE_PAGE
#include "shared/reclaim.h"
#include "shared/region.h"

#include "segfit_lf/blocks.h"

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    if (ctx->status == MORTISE_OK && ctx->kind == MORTISE_THREAD) {
        SPREAD(join)(&local->spread);
        local->begun = true;
    }
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

#include "segfit_lf/requests.h"

#undef SIZE_HANDLE
#undef KEEP
#undef SIZECLASS
#undef SPREAD
#undef BARE
#undef HUGE_PAGE
#undef CLASSES
#undef SEGFIT_LF_SIZECLASS
#undef SEGFIT_LF_SIZECLASS_LEAST
#undef SEGFIT_LF_SIZECLASS_MOST
#undef SEGFIT_LF_SIZECLASS_STEP
#undef SEGFIT_LF_SIZE_HANDLE
#undef SEGFIT_LF_SPREAD
#undef SEGFIT_LF_KEEP
#undef SEGFIT_LF_BARE
#undef SEGFIT_LF_HUGE_PAGE
#include "../core/layer_end.h"
