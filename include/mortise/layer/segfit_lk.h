/* SPDX-License-Identifier: MIT */
/*
 * segfit_lk - large blocks, kept free in one list for each size class, each with a lock
 *
 * segfit_lf with locks: a request is rounded up to a size class and gets a block of just that
 * class, one that somebody has freed or a new region of the neighbour. Blocks are never split or
 * joined. The lists link records that lie apart, so that no free block is touched. A lock covers
 * the few instructions that link or unlink a record; regions are fetched and given back outside.
 *
 * Needs: regions; objects of any alignment for what size_handle leaves to the neighbour; a
 *     thread-safe neighbour unless sync=none
 * Offers: objects and regions of known size; resizing within a class; recognises a block that is
 *     free already; thread-safe unless sync=none
 *
 * Parameters:
 *   name         type       default            range        meaning
 *   sync         sync       futex              -            how threads exclude each other from a
 *                                                           class
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
 * Invariants: a record is in one list while its block is free, and in none while it is taken. The
 *     granules of a free block, and of one that is an object, are recorded as this layer's; those
 *     of a region as its user wants.
 * Ordering: the sync policy's; taken changes by one exchange, so that one free of a block wins
 * Wins: none yet
 * Source: paper table 2
 */
#include "../core/layer_begin.h"
#include "../os/os.h"
#include "../policy/sizeclass.h"
#include "../policy/spread.h"
#include "../policy/sync.h"

#ifndef SEGFIT_LK_SYNC
#define SEGFIT_LK_SYNC futex
#endif
#ifndef SEGFIT_LK_SIZECLASS
#define SEGFIT_LK_SIZECLASS log2b
#endif
#ifndef SEGFIT_LK_SIZECLASS_LEAST
#define SEGFIT_LK_SIZECLASS_LEAST 0
#endif
#ifndef SEGFIT_LK_SIZECLASS_MOST
#define SEGFIT_LK_SIZECLASS_MOST 0
#endif
#ifndef SEGFIT_LK_SIZECLASS_STEP
#define SEGFIT_LK_SIZECLASS_STEP 0
#endif
#ifndef SEGFIT_LK_SIZE_HANDLE
#define SEGFIT_LK_SIZE_HANDLE 65536, SIZE_MAX
#endif
#ifndef SEGFIT_LK_SPREAD
#define SEGFIT_LK_SPREAD first_line
#endif
#ifndef SEGFIT_LK_KEEP
#define SEGFIT_LK_KEEP 16777216
#endif
#ifndef SEGFIT_LK_BARE
#define SEGFIT_LK_BARE 0
#endif
#ifndef SEGFIT_LK_HUGE_PAGE
#define SEGFIT_LK_HUGE_PAGE 0
#endif
#include MORTISE_POLICY(sync, SEGFIT_LK_SYNC)
#include MORTISE_POLICY(sizeclass, SEGFIT_LK_SIZECLASS)
#include MORTISE_POLICY(spread, SEGFIT_LK_SPREAD)

#define SYNC(x) MORTISE_MEMBER(SEGFIT_LK_SYNC, x)
#define STATE MORTISE_MEMBER_STATE(SEGFIT_LK_SYNC)
#define SIZECLASS(x) MORTISE_MEMBER(SEGFIT_LK_SIZECLASS, x)
#define SPREAD(x) MORTISE_MEMBER(SEGFIT_LK_SPREAD, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SEGFIT_LK_SIZECLASS_LEAST, SEGFIT_LK_SIZECLASS_MOST,                      \
                         SEGFIT_LK_SIZECLASS_STEP)
#define SIZE_HANDLE SEGFIT_LK_SIZE_HANDLE
#define KEEP SEGFIT_LK_KEEP
#define BARE SEGFIT_LK_BARE
#define HUGE_PAGE SEGFIT_LK_HUGE_PAGE

MORTISE_ASSERT_STATIC(MORTISE_LOW(SIZE_HANDLE) < MORTISE_HIGH(SIZE_HANDLE),
                      "mortise: segfit_lk: size_handle=[lo,hi] needs lo < hi");
MORTISE_ASSERT_STATIC(KEEP >= 0 && KEEP >> 20 <= 1 << 20,
                      "mortise: segfit_lk: keep must lie in 0..1TB");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(room) = SPREAD(room),
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(sleeps) = SYNC(sleeps) ? MORTISE_SLEEPS : 0,
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | SELF(safe),
    SELF(offers) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_PLACES |
                   MORTISE_RESIZES | SELF(safe) | SELF(sleeps),
    /* A block that is freed twice may be another, at another line, by then. */
    SELF(passes) = MORTISE_RETURNS | MORTISE_PRECISE | (SPREAD(room) == 0 ? MORTISE_CHECKS : 0)
};

/* A record. Records lie in chunks of a granule that stay while the heap lives. */
struct SELF(block) {
    char *base;
    size_t bytes;
    uint64_t region_owned;
    struct SELF(block) * next; /* in the list it is in */
    uint32_t szcls;
    uint32_t taken; /* 0: free */
    uint32_t shift; /* bytes from the base to the user's block */
    bool bare;      /* free, and without pages */
    size_t advised; /* see segfit_lf/pages.h */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct SELF(list) {
    STATE sync;
    struct SELF(block) * first;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

SELF_HEAP
{
    struct SELF(list) lists[SELF(classes) + 1]; /* the last: records without a block */
    size_t held;                                /* bytes in free blocks */
};

SELF_LOCAL
{
    struct SYNC(local) sync[SELF(classes) + 1];
    struct SPREAD(local) spread;
};

/* What is done to a list under its lock. */
struct SELF(task) {
    struct SELF(block) * *list;
    struct SELF(block) * first, *last; /* to add, linked by next; or the answer, in first */
};

MORTISE_FAST void SELF(do_add)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    task->last->next = *task->list;
    *task->list = task->first;
}

MORTISE_FAST void SELF(do_take)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    task->first = *task->list;
    if (task->first != NULL)
        *task->list = task->first->next;
}

MORTISE_SLOW void SELF(do_take_all)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    task->first = *task->list;
    *task->list = NULL;
}

/* Runs a procedure on list number `i`; answers with task.first. */
MORTISE_FAST struct SELF(block) * SELF(exec)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned i,
                                             mortise_procedure_t *procedure,
                                             struct SELF(block) * first, struct SELF(block) * last)
{
    struct SELF(task) task = {&heap->lists[i].first, first, last};
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[i])))
        local = SELF(attach)(heap, local);
    SYNC(exec)(&heap->lists[i].sync, &local->sync[i], procedure, &task);
    return task.first;
}

/* A record without a block, or NULL. */
MORTISE_SLOW struct SELF(block) * SELF(get_record)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(block) *spare = SELF(exec)(heap, local, SELF(classes), SELF(do_take), NULL, NULL);
    if (spare != NULL)
        return spare;
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, MORTISE_GRANULE, MORTISE_GRANULE);
    struct SELF(block) *chunk = (struct SELF(block) *)NEXT_COLD(alloc)(&ctx, heap, local)->ptr;
    if (chunk == NULL)
        return NULL;
    const size_t last = MORTISE_GRANULE / sizeof *chunk - 1;
    for (size_t i = 1; i < last; i++)
        chunk[i].next = &chunk[i + 1];
    SELF(exec)(heap, local, SELF(classes), SELF(do_add), &chunk[1], &chunk[last]);
    return chunk;
}

MORTISE_SLOW void SELF(put_record)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    SELF(exec)(heap, local, SELF(classes), SELF(do_add), block, block);
}

#include "shared/reclaim.h"
#include "shared/region.h"

#include "segfit_lf/pages.h"
#include "segfit_lf/regions.h"

/* A free block of a class that is kept, or NULL. */
MORTISE_FAST struct SELF(block) * SELF(find)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    struct SELF(block) *block = SELF(exec)(heap, local, szcls, SELF(do_take), NULL, NULL);
    if (block != NULL)
        MORTISE_SUB_RELAXED(&heap->held, block->bytes); /* counts only */
    return block;
}

/* Puts a free block where it is found again. */
MORTISE_FAST void SELF(keep)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(block) * block)
{
    MORTISE_ADD_RELAXED(&heap->held, block->bytes); /* first: never less than what is kept */
    SELF(exec)(heap, local, block->szcls, SELF(do_add), block, block);
}

/* Gives back all that is kept; what is refused is kept again. */
MORTISE_SLOW void SELF(release_all)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned szcls = 0; szcls < SELF(classes); szcls++) {
        struct SELF(block) * next,
            *block = SELF(exec)(heap, local, szcls, SELF(do_take_all), NULL, NULL);
        for (; block != NULL; block = next) {
            next = block->next;
            MORTISE_SUB_RELAXED(&heap->held, block->bytes);
            if (!SELF(give_back)(heap, local, block))
                SELF(keep)(heap, local, block);
        }
    }
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    for (unsigned i = 0; ctx->status == MORTISE_OK && i <= SELF(classes); i++) {
        if (ctx->kind == MORTISE_THREAD)
            SYNC(join)(&heap->lists[i].sync, &local->sync[i]);
        else
            SYNC(init)(&heap->lists[i].sync);
    }
    if (ctx->status == MORTISE_OK && ctx->kind == MORTISE_THREAD)
        SPREAD(join)(&local->spread);
    return ctx;
}

#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; i <= SELF(classes) && ctx->kind == MORTISE_FORK_CHILD; i++)
        SYNC(reset)(&heap->lists[i].sync);
    return NEXT(fork)(ctx, heap, local);
}

#include "segfit_lf/requests.h"

#undef SYNC
#undef STATE
#undef SIZECLASS
#undef SPREAD
#undef BARE
#undef HUGE_PAGE
#undef CLASSES
#undef SIZE_HANDLE
#undef KEEP
#undef SEGFIT_LK_SYNC
#undef SEGFIT_LK_SIZECLASS
#undef SEGFIT_LK_SIZECLASS_LEAST
#undef SEGFIT_LK_SIZECLASS_MOST
#undef SEGFIT_LK_SIZECLASS_STEP
#undef SEGFIT_LK_SIZE_HANDLE
#undef SEGFIT_LK_SPREAD
#undef SEGFIT_LK_KEEP
#undef SEGFIT_LK_BARE
#undef SEGFIT_LK_HUGE_PAGE
#include "../core/layer_end.h"
