/* SPDX-License-Identifier: MIT */
/*
 * The blocks of segfit_lf: their records, and how they are kept. Part of layer/segfit_lf.h.
 *
 * Records are numbered, and lie in chunks of a granule that stay while the heap lives.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../segfit_lf.h"
#else
struct SELF(block) {
    char *base;
    size_t bytes;
    uint64_t region_owned;
    uint32_t szcls;
    uint32_t number; /* of this record */
    uint32_t link;   /* in the stack it is in; also in a thread's list */
    uint32_t taken;  /* 0: free */
    uint32_t shift;  /* bytes from the base to the user's block */
    bool bare;       /* free, and without pages */
    size_t advised;  /* see pages.h */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

enum { SELF(in_chunk) = 1024 };
MORTISE_ASSERT_STATIC(sizeof(struct SELF(block)) * SELF(in_chunk) == MORTISE_GRANULE,
                      "mortise: segfit_lf: a chunk of records is a granule");

/* A number is only known to others once its chunk is there. Acquire: sees the chunk's content. */
MORTISE_FAST struct SELF(block) * SELF(block_at)(SELF_HEAP *heap, uint32_t number)
{
    struct SELF(block) *chunk =
        (struct SELF(block) *)MORTISE_LOAD_ACQUIRE(&heap->chunks[number / SELF(in_chunk)]);
    return &chunk[number % SELF(in_chunk)];
}

MORTISE_FAST uint32_t *SELF(link_of)(void *heap, uint32_t number)
{
    return &SELF(block_at)((SELF_HEAP *)heap, number)->link;
}

/* Makes sure that the chunk of a number is there. Several threads may bring one; the first wins. */
MORTISE_SLOW bool SELF(make_chunk)(SELF_HEAP *heap, SELF_LOCAL *local, uint32_t number)
{
    void **place = &heap->chunks[number / SELF(in_chunk)];
    if (MORTISE_LOAD_ACQUIRE(place) != NULL)
        return true;
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, MORTISE_GRANULE, MORTISE_GRANULE);
    if (!SELF(fetch_region)(&ctx, heap, local))
        return false;
    void *none = NULL;
    /* Release: the record is empty for whoever finds it. */
    if (!MORTISE_CAS_ACQ_REL(place, &none, ctx.ptr))
        NEXT_COLD(free)(&ctx, heap, local);
    return true;
}

/* A record without a block, or NULL. The chunk is there before the number is taken, so that who is
 * refused memory again and again does not use the numbers up. One is lost only where others have
 * taken the rest of a chunk meanwhile, and the next chunk cannot be had. */
MORTISE_SLOW struct SELF(block) * SELF(get_record)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    uint32_t number = mortise_index_stack_pop(&heap->spare, SELF(link_of), heap);
    if (number == 0) {
        const uint32_t most = SELF(chunks) * SELF(in_chunk) - 1;
        const uint32_t made = MORTISE_LOAD_RELAXED(&heap->made);
        if (made >= most - 65536 || /* more than threads in here */
            !SELF(make_chunk)(heap, local, made + 1))
            return NULL;
        number = MORTISE_ADD_RELAXED(&heap->made, 1u) + 1; /* only has to be unique */
        if (!SELF(make_chunk)(heap, local, number))
            return NULL;
        SELF(block_at)(heap, number)->number = number;
    }
    return SELF(block_at)(heap, number);
}

/* Where even eight tries fail, a record is not used again: 64 bytes. */
MORTISE_SLOW void SELF(put_record)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    (void)local;
    mortise_index_stack_push(&heap->spare, SELF(link_of), heap, block->number);
}

#include "pages.h"
#include "regions.h"

/* Puts a free block where it is found again: the stack of its class, or, where that takes too long,
 * the thread's own list; where there is no such list, the neighbour gets it. */
MORTISE_SLOW void SELF(keep)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    MORTISE_ADD_RELAXED(&heap->held, block->bytes);
    if (mortise_index_stack_push(&heap->free[block->szcls], SELF(link_of), heap, block->number))
        return;
    local = SELF(attach)(heap, local);
    if (local->begun) {
        block->link = local->parked[block->szcls];
        local->parked[block->szcls] = block->number;
        return;
    }
    MORTISE_SUB_RELAXED(&heap->held, block->bytes);
    SELF(give_back)(heap, local, block); /* refused: lost, as the last resort */
}

/* A free block of a class that is kept, or NULL. */
MORTISE_FAST struct SELF(block) * SELF(find)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    uint32_t number = local->parked[szcls];
    if (MORTISE_UNLIKELY(number != 0))
        local->parked[szcls] = SELF(block_at)(heap, number)->link;
    else
        number = mortise_index_stack_pop(&heap->free[szcls], SELF(link_of), heap);
    if (number == 0)
        return NULL;
    struct SELF(block) *block = SELF(block_at)(heap, number);
    MORTISE_SUB_RELAXED(&heap->held, block->bytes); /* counts only */
    return block;
}

/* Gives back all that is kept; what is refused is kept again. */
MORTISE_SLOW void SELF(release_all)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned szcls = 0; szcls < SELF(classes); szcls++) {
        struct SELF(block) *refused = NULL, *block;
        while (refused == NULL && (block = SELF(find)(heap, local, szcls)) != NULL)
            if (!SELF(give_back)(heap, local, block))
                refused = block;
        if (refused != NULL)
            SELF(keep)(heap, local, refused);
    }
}

#endif
