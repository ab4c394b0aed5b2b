/* SPDX-License-Identifier: MIT */
/*
 * The classes of slab_ff: a lock for each, chains of blocks that come back, and what needs no more
 * than that. Part of layer/slab_ff.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_ff.h"
#else
/* The sync of class `i`, or of the records after the last class. */
MORTISE_FAST STATE *SELF(sync_of)(SELF_HEAP *heap, size_t i)
{
    return i < SELF(classes) ? &heap->classes[i].sync : &heap->records_sync;
}

MORTISE_FAST void SELF(exec)(SELF_HEAP *heap, SELF_LOCAL *local, size_t i,
                             mortise_procedure_t *procedure, void *task)
{
    SYNC(exec)(SELF(sync_of)(heap, i), &local->sync[i], procedure, task);
}

/* ---- blocks that come back in a chain ---- */

/* Gives those at the head that are of one class; under its lock. */
struct SELF(give_task) {
    SELF_HEAP *heap;
    SELF_LOCAL *local;
    size_t szcls;
    void *chain; /* in and out: the blocks that are left */
    struct mortise_folio *emptied;
};

MORTISE_SLOW void SELF(do_give)(void *argument)
{
    struct SELF(give_task) *task = (struct SELF(give_task) *)argument;
    while (task->chain != NULL) {
        mctx_t ctx = mctx_make(MORTISE_OBJECT, task->chain, 0, 1);
        NEXT(whose)(&ctx, task->heap, task->local); /* reads the map only */
        if (SELF(class_of)(ctx.owned) != task->szcls)
            return;
        task->chain = *(void **)ctx.ptr;
        SELF(give)(&task->heap->classes[task->szcls].list, ctx.owned, ctx.ptr, &task->emptied);
    }
}

/* Blocks of others that are in the chain go on one by one. */
MORTISE_SLOW mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    local = SELF(attach)(heap, local);
    struct SELF(give_task) task = {heap, local, 0, ctx->ptr, NULL};
    while (task.chain != NULL) {
        mctx_t one = mctx_make(MORTISE_OBJECT, task.chain, 0, 1);
        NEXT(whose)(&one, heap, local);
        task.szcls = SELF(class_of)(one.owned);
        if (task.szcls < SELF(classes)) {
            SELF(exec)(heap, local, task.szcls, SELF(do_give), &task);
        } else {
            task.chain = *(void **)task.chain;
            NEXT_COLD(free)(&one, heap, local);
        }
    }
    SELF(release)(heap, local, task.emptied);
    return ctx;
}

/* ---- the operations that need no more than that ---- */

MORTISE_FAST void SELF(begin_syncs)(const mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; ctx->status == MORTISE_OK && i <= SELF(classes); i++) {
        if (ctx->kind == MORTISE_THREAD)
            SYNC(join)(SELF(sync_of)(heap, i), &local->sync[i]);
        else
            SYNC(init)(SELF(sync_of)(heap, i));
    }
}

struct SELF(count_task) {
    SELF_HEAP *heap;
    unsigned szcls;
    size_t unused; /* the answer, in blocks */
};

MORTISE_SLOW void SELF(do_count)(void *argument)
{
    struct SELF(count_task) *task = (struct SELF(count_task) *)argument;
    task->unused = SELF(unused)(&task->heap->classes[task->szcls].list);
}

#define LAYER_HAS_STATS
MORTISE_SLOW mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_stats *stats = (struct mortise_stats *)ctx->ptr;
    for (unsigned i = 0; i < SELF(classes); i++) {
        struct SELF(count_task) task = {heap, i, 0};
        SELF(exec)(heap, local, i, SELF(do_count), &task);
        stats->free += task.unused * SIZECLASS(szcls_to_size)(i, CLASSES);
        stats->free_blocks += task.unused;
    }
    return NEXT(stats)(ctx, heap, local);
}

#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    for (unsigned i = 0; i <= SELF(classes) && ctx->kind == MORTISE_FORK_CHILD; i++)
        SYNC(reset)(SELF(sync_of)(heap, i));
    return NEXT(fork)(ctx, heap, local);
}

#endif
