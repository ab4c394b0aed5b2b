/* SPDX-License-Identifier: MIT */
/*
 * The slabs and arenas of slab_lk: how procedures run in them, where slabs come from and how they
 * go back. Part of layer/slab_lk.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_lk.h"
#else
MORTISE_FAST bool SELF(has_one)(void)
{
    return !ARENA(many);
}

MORTISE_FAST struct SELF(arena) * SELF(arena_of)(SELF_HEAP *heap, const struct mortise_slab *slab)
{
    return SELF(has_one)() ? &heap->main : (struct SELF(arena) *)slab->arena;
}

#include "../shared/arenas.h"

/* ---- under a lock ---- */

/* Gives the blocks at the head of a chain that are of one class of an arena; under its lock. */
struct SELF(give_task) {
    SELF_HEAP *heap;
    SELF_LOCAL *local;
    struct SELF(arena) * arena;
    size_t szcls;
    void *chain;                   /* in and out: the blocks that are left */
    struct mortise_slab *detached; /* answer: empty slabs to release, linked by next */
};

MORTISE_SLOW void SELF(do_give)(void *argument)
{
    struct SELF(give_task) *task = (struct SELF(give_task) *)argument;
    struct mortise_slab_list *list = &task->arena->classes[task->szcls].list;
    while (task->chain != NULL) {
        mctx_t ctx = mctx_make(MORTISE_OBJECT, task->chain, 0, 1);
        NEXT(whose)(&ctx, task->heap, task->local); /* reads the map only */
        if (SELF(class_of)(ctx.owned) != task->szcls)
            return;
        struct mortise_slab *slab = SELF(slab_of)(ctx.owned);
        if (SELF(arena_of)(task->heap, slab) != task->arena)
            return;
        task->chain = *(void **)ctx.ptr;
        if (mortise_slab_give(list, slab, ctx.ptr))
            mortise_slab_detach(list, slab, &task->detached);
    }
}

/* The sync of class `i` of an arena, or of the records after the last class. */
MORTISE_FAST STATE *SELF(sync_of)(SELF_HEAP *heap, struct SELF(arena) * arena, size_t i)
{
    return i < SELF(classes) ? &arena->classes[i].sync : &heap->records_sync;
}

/* A thread has joined the syncs of its own arena, and that of the records; those of another take
 * calls without a state as well. */
MORTISE_FAST void SELF(exec)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                             size_t i, mortise_procedure_t *procedure, void *task)
{
    STATE *sync = SELF(sync_of)(heap, arena, i);
    if (!SELF(has_one)() && sizeof local->sync != 0 && i < SELF(classes) &&
        arena != SELF(home)(heap, local)) {
        struct SYNC(local) stranger;
        mortise_set(&stranger, 0, sizeof stranger);
        SYNC(exec)(sync, &stranger, procedure, task);
        return;
    }
    SYNC(exec)(sync, &local->sync[i], procedure, task);
}

MORTISE_FAST bool SELF(is_ready)(SELF_HEAP *heap, const SELF_LOCAL *local, size_t i)
{
    return SELF(home)(heap, local) != NULL && SYNC(ready)(&local->sync[i]);
}

/* ---- arenas ---- */

MORTISE_FAST void SELF(join)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_arena_source source)
{
    ARENA(join)(&heap->choice, &local->choice, source);
    for (unsigned i = 0; i <= SELF(classes); i++)
        SYNC(join)(SELF(sync_of)(heap, SELF(home)(heap, local), i), &local->sync[i]);
}

MORTISE_FAST void SELF(begin_arena)(SELF_HEAP *heap, struct SELF(arena) * arena, size_t bytes)
{
    (void)bytes;
    for (unsigned i = 0; i < SELF(classes); i++)
        SYNC(init)(&arena->classes[i].sync);
    if (arena == &heap->main)
        SYNC(init)(&heap->records_sync);
}

MORTISE_FAST uint32_t SELF(most_arenas)(void)
{
    return SLAB_LK_ARENAS != 0 ? (uint32_t)SLAB_LK_ARENAS : mortise_os_cores();
}

#include "../shared/arena_regions.h"

/* ---- records and slabs ---- */

MORTISE_SLOW void SELF(put_records)(SELF_HEAP *heap, SELF_LOCAL *local,
                                    struct mortise_slab *records, struct mortise_slab *last)
{
    struct mortise_slab_record task = {&heap->records, records, last, NULL};
    SELF(exec)(heap, local, &heap->main, SELF(classes), mortise_slab_do_add_records, &task);
}

/* A record for a new slab, or NULL. Their memory is never returned while the heap lives. */
MORTISE_SLOW struct mortise_slab *SELF(get_record)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_slab_record task = {&heap->records, NULL, NULL, NULL};
    SELF(exec)(heap, local, &heap->main, SELF(classes), mortise_slab_do_take_record, &task);
    if (task.taken != NULL)
        return task.taken;
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, MORTISE_GRANULE, MORTISE_GRANULE);
    struct mortise_slab *fresh = (struct mortise_slab *)NEXT_COLD(alloc)(&ctx, heap, local)->ptr;
    if (fresh == NULL)
        return NULL;
    struct mortise_slab *last = mortise_slab_link_records(fresh, MORTISE_GRANULE);
    SELF(put_records)(heap, local, fresh->next, last);
    return fresh;
}

/* A slab of a class of an arena, claimed but in no list, or NULL. */
MORTISE_SLOW struct mortise_slab *SELF(make_slab)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                  struct SELF(arena) * arena, unsigned szcls)
{
    struct mortise_slab *slab = SELF(get_record)(heap, local);
    if (slab == NULL)
        return NULL;
    size_t block = SIZECLASS(szcls_to_size)(szcls, CLASSES);
    size_t bytes = mortise_slab_bytes(block, SLAB_LK_SLAB_SIZE);
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
    if (SELF(fetch_region)(&ctx, heap, local)) {
        mortise_slab_begin(slab, ctx.ptr, bytes, block, szcls, ctx.owned);
        slab->arena = arena;
        uint64_t owned = mortise_owned_of_class(SELF(number)(), szcls, slab);
        if (SELF(claim_region)(&ctx, heap, local, owned))
            return slab;
    }
    SELF(put_records)(heap, local, slab, slab);
    return NULL;
}

/* Gives empty slabs, linked by next, back to the neighbour; one that it refuses stays ours. */
MORTISE_SLOW void SELF(release)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_slab *slab)
{
    while (slab != NULL) {
        struct mortise_slab *next = slab->next;
        struct SELF(arena) *arena = SELF(arena_of)(heap, slab);
        struct mortise_slab_take task = {&arena->classes[slab->szcls].list, slab, 0, 0, NULL};
        if (SELF(return_region)(heap, local, slab->base, slab->bytes, slab->region_owned))
            SELF(put_records)(heap, local, slab, slab);
        else
            SELF(exec)(heap, local, arena, slab->szcls, mortise_slab_do_take, &task);
        slab = next;
    }
}

/* Blocks of a class when its slabs in an arena have none left; from one new slab, or else from
 * whichever arena has some. */
MORTISE_SLOW void SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                             struct mortise_slab_take *task, unsigned szcls)
{
    local = SELF(attach)(heap, local);
    task->slab = SELF(make_slab)(heap, local, arena, szcls);
    if (task->slab != NULL)
        SELF(exec)(heap, local, arena, szcls, mortise_slab_do_take, task);
    task->slab = NULL;
    arena = NULL;
    while (!SELF(has_one)() && task->chain == NULL &&
           (arena = SELF(next_arena)(heap, arena)) != NULL) {
        task->list = &arena->classes[szcls].list;
        SELF(exec)(heap, local, arena, szcls, mortise_slab_do_take, task);
    }
}

/* Up to `count` blocks of a class; at least one, unless memory is out. */
MORTISE_FAST struct mortise_slab_take SELF(take)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls,
                                                 unsigned count)
{
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local, szcls)))
        local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(enter)(heap, local);
    struct mortise_slab_take task = {&arena->classes[szcls].list, NULL, count, 0, NULL};
    SELF(exec)(heap, local, arena, szcls, mortise_slab_do_take, &task);
    if (MORTISE_UNLIKELY(task.chain == NULL))
        SELF(grow)(heap, local, arena, &task, szcls);
    SELF(leave)(heap, arena);
    return task;
}

#endif
