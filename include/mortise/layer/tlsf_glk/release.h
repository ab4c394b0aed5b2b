/* SPDX-License-Identifier: MIT */
/*
 * What of the free memory of tlsf_glk goes back, and when: whole pools, the end of a range, and
 * pages in between. Part of layer/tlsf_glk.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../tlsf_glk.h"
#else
/* ---- under the lock ---- */

struct SELF(free_task) {
    struct mortise_tlsf *tlsf;
    void *payload;
    size_t keep;  /* free bytes that stay */
    bool done;    /* answer: the block was in use */
    bool due;     /* answer: there is more to do outside the lock */
    void *region; /* answer: to give back, NULL: nothing */
    size_t region_size;
};

/* Is the neighbour's memory one range, of which no part is anybody's? Else whole pools go back. */
MORTISE_FAST bool SELF(may_cut)(void)
{
    return (NEXT(facts)() & MORTISE_ONE_RANGE) != 0;
}

/* Detaches what should go back to the neighbour: a whole pool, or the end of one where the
 * neighbour's memory is one range that can shrink. */
MORTISE_SLOW void SELF(detach_excess)(struct SELF(free_task) * task,
                                      struct mortise_tlsf_block *block)
{
    const bool may_cut = SELF(may_cut)();
    struct mortise_tlsf *tlsf = task->tlsf;
    size_t size = mortise_tlsf_size(block);
    size_t excess = tlsf->held - tlsf->used;
    if (excess <= task->keep || !mortise_tlsf_is_last(block))
        return;
    if (may_cut && (uintptr_t)block + size + MORTISE_TLSF_POOL_COST != tlsf->last_end)
        return; /* refused, and the pool in two, unless it ends a range that grows no more */
    excess -= task->keep;
    if (mortise_tlsf_is_first(block) && (!may_cut || excess >= size)) {
        task->region_size = size + MORTISE_TLSF_POOL_COST;
    } else if (may_cut && size > MORTISE_TLSF_LEAST) {
        size_t most = size - MORTISE_TLSF_LEAST;
        task->region_size = mortise_round_down(excess < most ? excess : most, MORTISE_GRANULE);
        if (task->region_size == 0)
            return;
    } else {
        return;
    }
    task->region = mortise_tlsf_take_back(tlsf, block, task->region_size);
}

/* The same, where half as much as is in use may stay, or trim_threshold. */
MORTISE_SLOW void SELF(detach_beyond)(struct SELF(free_task) * task,
                                      struct mortise_tlsf_block *block)
{
    size_t half = task->tlsf->used / 2;
    task->keep = half > TLSF_GLK_TRIM_THRESHOLD ? half : (size_t)TLSF_GLK_TRIM_THRESHOLD;
    SELF(detach_excess)(task, block);
}

/* A block at the end of a range is looked at only once it is as large as what may stay, others only
 * where a pool begins: two tests on a word that was just written. */
MORTISE_FAST bool SELF(may_go)(const struct mortise_tlsf_block *block)
{
    return MORTISE_UNLIKELY(mortise_tlsf_size(block) >= TLSF_GLK_TRIM_THRESHOLD) ||
           (!SELF(may_cut)() && mortise_tlsf_is_first(block));
}

MORTISE_SLOW void SELF(note)(struct SELF(free_task) * task)
{
    mortise_decay_note(&task->tlsf->decay, task->tlsf->used, mortise_tlsf_resident(task->tlsf));
    task->due = true;
}

MORTISE_FAST void SELF(do_free)(void *argument)
{
    struct SELF(free_task) *task = (struct SELF(free_task) *)argument;
    if (DECAYS && (NEXT(facts)() & MORTISE_RETURNS) != 0 &&
        MORTISE_UNLIKELY(mortise_tlsf_usable(task->payload) >= MORTISE_DECAY_LARGE ||
                         !mortise_decay_count(&task->tlsf->decay)))
        SELF(note)(task);
    struct mortise_tlsf_block *block = mortise_tlsf_free(task->tlsf, task->payload);
    task->done = block != NULL;
    if ((NEXT(facts)() & MORTISE_RETURNS) == 0 || block == NULL)
        return;
    if (MORTISE_LIKELY(!SELF(may_go)(block)))
        return;
    SELF(detach_beyond)(task, block);
    if (task->region != NULL)
        task->due = true;
}

/* As do_free, for malloc_trim: all but task->keep bytes may go. */
MORTISE_SLOW void SELF(do_release)(void *argument)
{
    struct SELF(free_task) *task = (struct SELF(free_task) *)argument;
    struct mortise_tlsf_block *block = mortise_tlsf_free(task->tlsf, task->payload);
    if (block != NULL)
        SELF(detach_excess)(task, block);
}

/* Takes back what was lent for its pages to go; the pool may have run empty meanwhile. */
struct SELF(settle_task) {
    struct SELF(free_task) free;
    const struct mortise_tlsf_loan *loan;
    bool purged;
};

MORTISE_SLOW void SELF(do_settle)(void *argument)
{
    struct SELF(settle_task) *task = (struct SELF(settle_task) *)argument;
    struct mortise_tlsf_block *block =
        mortise_tlsf_settle(task->free.tlsf, task->loan, task->purged);
    if (SELF(may_go)(block))
        SELF(detach_beyond)(&task->free, block);
}

/* ---- outside the lock ---- */

MORTISE_SLOW void SELF(give_back)(SELF_HEAP *heap, SELF_LOCAL *local, void *region, size_t size)
{
    const uintptr_t owned =
        SELF(may_cut)() ? 0 : mortise_tlsf_pool_owned((struct mortise_tlsf_block *)region);
    if (SELF(return_region)(heap, local, region, size, owned))
        return;
    struct mortise_tlsf_add_task task = {&heap->tlsf, region, size, owned,
                                         false,       0,      0,    {NULL, 0, 0}};
    SYNC(exec)(&heap->sync, &local->sync, mortise_tlsf_do_add, &task);
}

/* Everything free goes back, or loses its pages; about `keep` bytes stay for what comes next. */
MORTISE_SLOW size_t SELF(trim_all)(SELF_HEAP *heap, SELF_LOCAL *local, size_t keep)
{
    size_t returned = 0;
    struct mortise_tlsf_detach_task task = {&heap->tlsf, NULL};
    local = SELF(attach)(heap, local);
    SYNC(exec)(&heap->sync, &local->sync, mortise_tlsf_do_detach, &task);
    for (struct mortise_tlsf_block *block = task.chain, *next; block != NULL; block = next) {
        next = block->next_free;
        char *payload = (char *)mortise_tlsf_payload(block);
        size_t room = mortise_tlsf_usable(payload);
        if (room > keep) {
            mctx_t ctx = mctx_make(MORTISE_REGION, payload + keep, room - keep, 1);
            returned += NEXT(trim)(&ctx, heap, local)->usable;
        }
        keep = room > keep ? 0 : keep - room;
        struct SELF(free_task) free = {&heap->tlsf, payload, keep, false, false, NULL, 0};
        SYNC(exec)(&heap->sync, &local->sync, SELF(do_release), &free);
        if (free.region != NULL)
            SELF(give_back)(heap, local, free.region, free.region_size);
    }
    return returned;
}

/* Whether the pages of a loan are gone. */
MORTISE_SLOW bool SELF(purge)(SELF_HEAP *heap, SELF_LOCAL *local, uintptr_t begin, uintptr_t end)
{
    if (begin >= end)
        return true;
    mctx_t ctx = mctx_make(MORTISE_REGION, (void *)begin, end - begin, 1);
    return NEXT(trim)(&ctx, heap, local)->usable != 0;
}

/* Has the pages of some free memory go, where a tick of the clock has begun. */
MORTISE_SLOW void SELF(look)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_tlsf_lend_task task;
    task.tlsf = &heap->tlsf;
    task.tick = mortise_decay_tick_at(MORTISE_MILLISECONDS, DECAY);
    task.bytes = 0;
    if (!mortise_decay_is_new(&heap->tlsf.decay, task.tick))
        return;
    task.page = mortise_os_page_size();
    bool purged = true;
    for (unsigned round = 0; round < 8; round++) {
        SYNC(exec)(&heap->sync, &local->sync, mortise_tlsf_do_lend, &task);
        for (unsigned i = 0; i < task.count; i++) {
            const struct mortise_tlsf_loan *loan = &task.loan[i];
            purged = purged && SELF(purge)(heap, local, loan->begin, loan->gap) &&
                     SELF(purge)(heap, local, loan->gap_end, loan->end);
            struct SELF(settle_task)
                settle = {{&heap->tlsf, NULL, 0, true, false, NULL, 0}, loan, purged};
            SYNC(exec)(&heap->sync, &local->sync, SELF(do_settle), &settle);
            if (settle.free.region != NULL)
                SELF(give_back)(heap, local, settle.free.region, settle.free.region_size);
        }
        if (task.count != MORTISE_TLSF_LENT || task.bytes == 0 || !purged)
            break;
    }
    if (!purged)
        SYNC(exec)(&heap->sync, &local->sync, mortise_decay_do_rest, &heap->tlsf.decay);
}

#include "../shared/ages.h"

/* What a free leaves to do: a region that goes back, and a look at the clock. */
MORTISE_SLOW void SELF(follow)(SELF_HEAP *heap, SELF_LOCAL *local,
                               const struct SELF(free_task) * task)
{
    if (task->region != NULL)
        SELF(give_back)(heap, local, task->region, task->region_size);
    if (DECAYS)
        SELF(look_on)(heap, local, &heap->tlsf.decay);
}

#endif
