/* SPDX-License-Identifier: MIT */
/*
 * What segfit_lf and segfit_lk do about the pages of their blocks. Part of both.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../segfit_lf.h"
#else
enum { SELF(huge) = 2 << 20 };

MORTISE_FAST size_t SELF(region_align)(size_t bytes)
{
    return HUGE_PAGE && bytes >= SELF(huge) ? (size_t)SELF(huge) : MORTISE_GRANULE;
}

/* For a region nothing is said, for who cuts it up may have pages of it go; nothing that was said
 * before holds. */
MORTISE_SLOW void SELF(forget)(struct SELF(block) * block)
{
    if (block->advised != 0)
        mortise_os_want_small(block->base, block->bytes);
    block->advised = 0;
}

/* Asks for huge pages where a block will use them, and for others where the last one would be
 * hardly used: less than 7/8 of it. What was said of the block before need not be said again. */
MORTISE_SLOW void SELF(advise)(struct SELF(block) * block, size_t used)
{
    const size_t huge = SELF(huge);
    size_t whole = mortise_round_down(used + huge / 8, huge);
    if (whole > block->bytes)
        whole = mortise_round_down(block->bytes, huge);
    bool rest = whole < used;
    if (((uintptr_t)block->base & (huge - 1)) != 0 || block->advised == whole + rest)
        return;
    block->advised = whole + rest;
    if (whole != 0)
        mortise_os_want_huge(block->base, whole);
    if (rest)
        mortise_os_want_small(block->base + whole,
                              block->bytes - whole < huge ? block->bytes - whole : huge);
}

/* A free block, in no list, whose pages go while it is kept. */
MORTISE_SLOW void SELF(strip)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, block->base, block->bytes, 1);
    block->bare = NEXT(trim)(&ctx, heap, local)->usable != 0;
}

#endif
