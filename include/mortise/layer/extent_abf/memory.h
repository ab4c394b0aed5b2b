/* SPDX-License-Identifier: MIT */
/*
 * Where the arenas of extent_abf have their chunks and records from, what stands on record of them,
 * and how memory goes back. Part of layer/extent_abf.h. Everything here runs outside the locks and
 * takes them for single steps.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../extent_abf.h"
#else
#include "../shared/arenas.h"

#include "../shared/arena_lock.h"

/* ---- what stands on record ---- */

/* Of a granule: nothing begins there, or something did that is free; else the address of an extent,
 * a multiple of 64. */
enum { SELF(mark_none) = 0, SELF(mark_freed) = 1 };

MORTISE_FAST uint64_t SELF(owned_by)(const struct mortise_extent *extent)
{
    return (uint64_t)(uintptr_t)extent | SELF(number)();
}

/* The extent of a place on record; NULL: none of this layer's begins there. */
MORTISE_FAST struct mortise_extent *SELF(extent_of)(uint64_t owned)
{
    if (mortise_owner_of(owned) != SELF(number)() || mortise_owner_data(owned) <= SELF(mark_freed))
        return NULL;
    return (struct mortise_extent *)(uintptr_t)(owned & ~(uint64_t)(MORTISE_CACHE_LINE - 1));
}

MORTISE_SLOW bool SELF(record)(SELF_HEAP *heap, SELF_LOCAL *local, void *base, size_t size,
                               uint64_t owned)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, base, size, 1);
    ctx.owned = owned;
    return NEXT(claim)(&ctx, heap, local)->status == MORTISE_OK;
}

/* ---- memory from the neighbour ---- */

/* A chunk of at least `least` bytes, on record as this layer's; ptr NULL: none. As large as a
 * 32nd part of what the arena holds, so that large extents find room side by side. */
MORTISE_SLOW mctx_t SELF(fetch)(SELF_HEAP *heap, SELF_LOCAL *local, size_t held, size_t least)
{
    const size_t chunk = EXTENT_ABF_CHUNK_SIZE, most = (size_t)64 << 20;
    size_t wish = held / 32 < most ? held / 32 : most;
    wish = mortise_round_up(wish > least ? wish : least, chunk);
    mctx_t ctx;
    for (;;) {
        ctx = mctx_make(MORTISE_REGION, NULL, wish, wish >= chunk ? chunk : MORTISE_GRANULE);
        if (SELF(fetch_region)(&ctx, heap, local) || wish == least)
            break;
        wish = wish / 2 > least ? mortise_round_up(wish / 2, MORTISE_GRANULE) : least;
    }
    if (ctx.ptr != NULL)
        SELF(claim_region)(&ctx, heap, local, mortise_owned(SELF(number)(), SELF(mark_none)));
    return ctx;
}

MORTISE_SLOW mctx_t SELF(fetch_records)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, MORTISE_GRANULE, MORTISE_GRANULE);
    NEXT_COLD(alloc)(&ctx, heap, local);
    return ctx;
}

/* Chunks of an arena that are free go back; one that the neighbour refuses stays. The bytes. */
MORTISE_SLOW size_t SELF(return_chunks)(SELF_HEAP *heap, SELF_LOCAL *local,
                                        struct SELF(arena) * arena)
{
    size_t bytes = 0;
    struct mortise_extents_leave_task leave = {&arena->extents, NULL};
    SELF(exec)(heap, local, arena, mortise_extents_do_leave, &leave);
    for (struct mortise_extent *extent = leave.chain, *next; extent != NULL; extent = next) {
        next = extent->next;
        bool went =
            SELF(return_region)(heap, local, extent->base, extent->bytes, extent->region_owned);
        struct mortise_extents_gone_task gone = {&arena->extents, extent, went};
        bytes += gone.gone ? extent->bytes : 0;
        SELF(exec)(heap, local, arena, mortise_extents_do_gone, &gone);
    }
    return bytes;
}

MORTISE_SLOW size_t SELF(return_all_chunks)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t bytes = 0;
    struct SELF(arena) *arena = NULL;
    while ((arena = SELF(next_arena)(heap, arena)) != NULL)
        bytes += SELF(return_chunks)(heap, local, arena);
    return bytes;
}

/* ---- growing ---- */

/* Adds what an arena lacks for a request, and serves it at once; false: there is no memory. */
MORTISE_SLOW bool SELF(grow_once)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                  struct mortise_extents_take_task *task)
{
    struct mortise_extents_stats_task stats = {&arena->extents, 0, 0, 0};
    struct mortise_extents_add_task add;
    mortise_set(&add, 0, sizeof add);
    add.extents = &arena->extents;
    add.then = task;
    if (task->starved) {
        add.records = SELF(fetch_records)(heap, local).ptr;
        add.record_bytes = MORTISE_GRANULE;
        add.owner = arena;
        if (add.records == NULL)
            return false;
        SELF(exec)(heap, local, arena, mortise_extents_do_add, &add);
        return true;
    }
    SELF(exec)(heap, local, arena, mortise_extents_do_stats, &stats);
    mctx_t region =
        SELF(fetch)(heap, local, stats.held, mortise_extents_room(task->bytes, task->align));
    if (region.ptr == NULL)
        return false;
    add.region = region.ptr;
    add.region_bytes = region.size;
    add.zeroed = region.zeroed;
    add.region_owned = region.owned;
    SELF(exec)(heap, local, arena, mortise_extents_do_add, &add);
    if (!add.added) { /* others have used up the records */
        region.owned = add.region_owned;
        NEXT_COLD(free)(&region, heap, local);
    }
    return true;
}

/* Serves a request for which its arena had no room or no records: after adding some, or from
 * another arena. What others take in between is fetched again, a few times. */
MORTISE_SLOW void SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                             struct mortise_extents_take_task *task)
{
    for (int tries = 0; task->extent == NULL && tries < 6; tries++) {
        if (!SELF(grow_once)(heap, local, arena, task) && SELF(return_all_chunks)(heap, local) == 0)
            break;
    }
    struct SELF(arena) *other = NULL;
    while (task->extent == NULL && (other = SELF(next_arena)(heap, other)) != NULL) {
        task->extents = &other->extents;
        SELF(exec)(heap, local, other, mortise_extents_do_take, task);
    }
}

/* ---- pages ---- */

/* Drops the pages of what is lent until the system refuses, and returns it; the bytes dropped. */
MORTISE_SLOW size_t SELF(drop)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                               struct mortise_extents_lend_task *lent)
{
    size_t bytes = 0;
    struct mortise_extent *extent = lent->chain;
    for (; extent != NULL; extent = extent->next) {
        char *begin = extent->base + extent->dirty - extent->lent;
        mctx_t ctx = mctx_make(MORTISE_REGION, begin, extent->lent, 1);
        if (NEXT(trim)(&ctx, heap, local)->usable == 0)
            break;
        bytes += extent->lent;
        lent->purged++;
    }
    SELF(exec)(heap, local, arena, mortise_extents_do_return, lent);
    return bytes;
}

struct SELF(purge_task) {
    struct SELF(arena) * arena;
    uint64_t seen;
    struct mortise_extents_lend_task lend;
};

MORTISE_SLOW void SELF(do_purge)(void *argument)
{
    struct SELF(purge_task) *task = (struct SELF(purge_task) *)argument;
    const struct mortise_extents *extents = task->lend.extents;
    task->lend.bytes = PURGE(take)(&task->arena->purge, task->seen, extents->used,
                                   extents->used + extents->dirty, PURGING);
    if (task->lend.bytes != 0)
        mortise_extents_do_lend(&task->lend);
}

MORTISE_SLOW void SELF(do_rest)(void *argument)
{
    PURGE(rest)(&((struct SELF(arena) *)argument)->purge);
}

/* Has pages go as the policy says. */
MORTISE_SLOW void SELF(purge)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena)
{
    struct SELF(purge_task) task;
    mortise_set(&task, 0, sizeof task);
    task.arena = arena;
    task.lend.extents = &arena->extents;
    task.seen = PURGE(look)(&arena->purge, PURGING);
    if (task.seen == 0)
        return;
    SELF(exec)(heap, local, arena, SELF(do_purge), &task);
    if (task.lend.chain != NULL && SELF(drop)(heap, local, arena, &task.lend) == 0)
        SELF(exec)(heap, local, arena, SELF(do_rest), arena);
}

/* The same after something was freed, and more later on. */
MORTISE_SLOW void SELF(purge_more)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena)
{
    SELF(purge)(heap, local, arena);
    if (PURGE(later)(&arena->purge, PURGING) != 0)
        SELF(age_later)(heap);
}

/* The pages of all that is free in an arena but for about `keep` bytes; the bytes dropped. */
MORTISE_SLOW size_t SELF(purge_all)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                    size_t keep)
{
    struct mortise_extents_lend_task task = {&arena->extents, 0, NULL, 0};
    struct mortise_extents_stats_task stats = {&arena->extents, 0, 0, 0};
    SELF(exec)(heap, local, arena, mortise_extents_do_stats, &stats);
    task.bytes = stats.free > keep ? stats.free - keep : 0;
    SELF(exec)(heap, local, arena, mortise_extents_do_lend, &task);
    return SELF(drop)(heap, local, arena, &task);
}

/* ---- arenas ---- */

/* The first records of an arena lie behind it. */
MORTISE_SLOW void SELF(begin_arena)(SELF_HEAP *heap, struct SELF(arena) * arena, size_t bytes)
{
    (void)heap;
    SYNC(init)(&arena->sync);
    PURGE(init)(&arena->purge, PURGING);
    mortise_extents_feed(&arena->extents, arena + 1, bytes - sizeof *arena, arena);
}

MORTISE_FAST uint32_t SELF(most_arenas)(void)
{
    return EXTENT_ABF_ARENAS != 0 ? (uint32_t)EXTENT_ABF_ARENAS : mortise_os_cores();
}

#include "../shared/arena_regions.h"

#endif
