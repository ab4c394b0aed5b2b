/* SPDX-License-Identifier: MIT */
/*
 * Where the chunks of slab_ff and their records come from, and how chunks and pages go back. Part
 * of layer/slab_ff.h. Everything here runs outside the lock of a class and takes it for single
 * steps.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../slab_ff.h"
#else
/* Of a default heap others may be inside already, but none has a folio yet. */
MORTISE_SLOW void SELF(begin_lists)(SELF_HEAP *heap)
{
    for (unsigned i = 0; i < SELF(used)(); i++) {
        struct mortise_folios *list = &heap->classes[i].list;
        mortise_folios_begin(list, SIZECLASS(szcls_to_size)(i, CLASSES),
                             SIZECLASS(szcls_to_reciprocal)(i, CLASSES), SELF(shape)(i));
        list->spare = (NEXT(facts)() & MORTISE_RETURNS) != 0 ? SLAB_FF_SPARE : UINT32_MAX;
    }
}

MORTISE_SLOW struct mortise_folio_records SELF(records)(SELF_HEAP *heap, unsigned szcls)
{
    size_t bytes = mortise_folio_record_bytes(SELF(chunk) / SELF(shape)(szcls).bytes);
    struct mortise_folio_records task = {
        &heap->store, &heap->classes[szcls].records, bytes, NULL, 0, NULL};
    return task;
}

MORTISE_SLOW void SELF(put_record)(SELF_HEAP *heap, SELF_LOCAL *local,
                                   struct mortise_folio_chunk *chunk)
{
    struct mortise_folio_records task = SELF(records)(heap, chunk->szcls);
    task.taken = chunk;
    SELF(exec)(heap, local, SELF(classes), mortise_folio_do_put_record, &task);
}

/* A record for a chunk of a class, or NULL. */
MORTISE_SLOW struct mortise_folio_chunk *SELF(get_record)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                          unsigned szcls)
{
    struct mortise_folio_records task = SELF(records)(heap, szcls);
    SELF(exec)(heap, local, SELF(classes), mortise_folio_do_take_record, &task);
    if (task.taken != NULL)
        return task.taken;
    /* As much again as there is, so that it is in few places. */
    size_t least = mortise_round_up(sizeof *task.more + task.bytes, MORTISE_GRANULE);
    size_t bytes = task.made > least ? task.made : least;
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
    if (!SELF(fetch_region)(&ctx, heap, local) && bytes != least) {
        bytes = least;
        ctx = mctx_make(MORTISE_REGION, NULL, bytes, MORTISE_GRANULE);
        SELF(fetch_region)(&ctx, heap, local);
    }
    if (ctx.ptr == NULL)
        return NULL;
    task.more = (struct mortise_folio_region *)ctx.ptr;
    task.more->bytes = bytes;
    task.more->owned = ctx.owned;
    SELF(exec)(heap, local, SELF(classes), mortise_folio_do_take_record, &task);
    return task.taken;
}

struct SELF(empty) {
    SELF_HEAP *heap;
    struct mortise_folio_region *regions; /* answer: linked by next */
};

/* Takes out the regions of records where none is in use. */
MORTISE_SLOW void SELF(do_empty)(void *argument)
{
    struct SELF(empty) *task = (struct SELF(empty) *)argument;
    struct mortise_folio_store *store = &task->heap->store;
    if (store->in_use != 0)
        return;
    task->regions = store->regions;
    mortise_set(store, 0, sizeof *store);
    for (unsigned i = 0; i < SELF(classes); i++)
        task->heap->classes[i].records = NULL;
}

/* One that the neighbour refuses stays ours. */
MORTISE_SLOW void SELF(give_back_records)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(empty) task = {heap, NULL};
    SELF(exec)(heap, local, SELF(classes), SELF(do_empty), &task);
    while (task.regions != NULL) {
        struct mortise_folio_region *region = task.regions;
        struct mortise_folio_region copy = *region; /* who refuses it may have dropped its pages */
        struct mortise_folio_records refused = SELF(records)(heap, 0);
        task.regions = region->next;
        if (SELF(return_region)(heap, local, region, region->bytes, region->owned))
            continue;
        *region = copy;
        refused.more = region;
        SELF(exec)(heap, local, SELF(classes), mortise_folio_do_take_record, &refused);
        if (refused.taken != NULL) {
            refused.taken->szcls = 0;
            SELF(put_record)(heap, local, refused.taken);
        }
    }
}

/* A region for a chunk, as large as can be had down to one folio; NULL: none. */
MORTISE_SLOW mctx_t *SELF(fetch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local, size_t least)
{
    size_t size = SELF(chunk);
    least = mortise_round_up(least, MORTISE_GRANULE);
    for (;;) {
        size_t align =
            size == SELF(chunk) && mortise_is_power_of_two(size) ? size : MORTISE_GRANULE;
        *ctx = mctx_make(MORTISE_REGION, NULL, size, align);
        if (!SELF(fetch_region)(ctx, heap, local) && align != MORTISE_GRANULE) {
            *ctx = mctx_make(MORTISE_REGION, NULL, size, MORTISE_GRANULE);
            SELF(fetch_region)(ctx, heap, local);
        }
        if (ctx->ptr != NULL || size <= least)
            return ctx;
        size = mortise_round_down(size / 2, MORTISE_GRANULE); /* a limit is near: take less */
        if (size < least)
            size = least;
    }
}

/* A chunk of a class, claimed but in no list, or NULL. */
MORTISE_SLOW struct mortise_folio_chunk *SELF(make_chunk)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                          unsigned szcls)
{
    struct mortise_folio_chunk *chunk = SELF(get_record)(heap, local, szcls);
    if (chunk == NULL)
        return NULL;
    mctx_t ctx;
    mortise_set(chunk, 0, sizeof *chunk);
    chunk->szcls = szcls;
    if (SELF(fetch)(&ctx, heap, local, SELF(shape)(szcls).bytes)->ptr != NULL) {
        chunk->base = (char *)ctx.ptr;
        chunk->bytes = ctx.size;
        chunk->region_owned = ctx.owned;
        chunk->folios = (uint32_t)(ctx.size / SELF(shape)(szcls).bytes);
        uint64_t owned = mortise_owned_of_class(SELF(number)(), szcls, chunk);
        if (SELF(claim_region)(&ctx, heap, local, owned))
            return chunk;
    }
    SELF(put_record)(heap, local, chunk);
    return NULL;
}

/* Blocks of a class when its folios have none left; from one new chunk. */
MORTISE_SLOW void SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_folio_request *task,
                             unsigned szcls)
{
    local = SELF(attach)(heap, local);
    task->chunk = SELF(make_chunk)(heap, local, szcls);
    if (task->chunk != NULL)
        SELF(exec)(heap, local, szcls, mortise_folio_do_take, task);
}

/* Has the pages of lent folios, linked by next, go; they are in the lists again then. */
MORTISE_SLOW void SELF(release)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_folio *folio)
{
    while (folio != NULL) {
        struct mortise_folio *next = folio->next;
        unsigned szcls = folio->chunk->szcls;
        struct mortise_folio_move task = {&heap->classes[szcls].list, folio, NULL};
        mctx_t ctx =
            mctx_make(MORTISE_REGION, mortise_folio_base(task.list, folio), task.list->bytes, 1);
        folio->bare = NEXT(trim)(&ctx, heap, local)->usable != 0;
        folio->next = NULL;
        SELF(exec)(heap, local, szcls, mortise_folio_do_return, &task);
        folio = next;
    }
}

/* Gives chunks of which no block is out, linked by next, back to the neighbour; one that it refuses
 * stays ours. The bytes that went. */
MORTISE_SLOW size_t SELF(give_back)(SELF_HEAP *heap, SELF_LOCAL *local,
                                    struct mortise_folio_chunk *chunk)
{
    size_t bytes = 0;
    while (chunk != NULL) {
        struct mortise_folio_chunk *next = chunk->next;
        struct mortise_folio_request task = {
            &heap->classes[chunk->szcls].list, chunk, 0, 0, 0, NULL};
        if (SELF(return_region)(heap, local, chunk->base, chunk->bytes, chunk->region_owned)) {
            bytes += chunk->bytes;
            SELF(put_record)(heap, local, chunk);
        } else {
            SELF(exec)(heap, local, chunk->szcls, mortise_folio_do_take, &task);
        }
        chunk = next;
    }
    return bytes;
}

MORTISE_SLOW size_t SELF(trim_all)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < SELF(used)(); i++) {
        struct mortise_folio_move task = {&heap->classes[i].list, NULL, NULL};
        SELF(exec)(heap, local, i, mortise_folio_do_leave, &task);
        bytes += SELF(give_back)(heap, local, task.chunk);
        if ((NEXT(facts)() & MORTISE_RETURNS) == 0)
            continue;
        SELF(exec)(heap, local, i, mortise_folio_do_lend, &task);
        for (struct mortise_folio *folio = task.lent; folio != NULL; folio = folio->next)
            bytes += task.list->bytes;
        SELF(release)(heap, local, task.lent);
    }
    SELF(give_back_records)(heap, local);
    return bytes;
}

#endif
