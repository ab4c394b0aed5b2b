/* SPDX-License-Identifier: MIT */
/*
 * Where the arenas of bins have their memory from, and how it goes back. Part of layer/bins.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../bins.h"
#else
MORTISE_FAST bool SELF(has_rooms)(void)
{
    return (NEXT(facts)() & MORTISE_ROOMS) != 0;
}

/* May an area go on where the next region begins, and lose its end? Where regions are pieces of
 * others, each has to go back as it came. */
MORTISE_FAST bool SELF(may_cut)(void)
{
    return (NEXT(facts)() & (MORTISE_ROOMS | MORTISE_ONE_RANGE)) != 0;
}

/* ---- regions ---- */

/* A region of `size` bytes, if need be as the beginning of a room. False: there is none. Parts of
 * one range are nobody's. */
MORTISE_SLOW bool SELF(fetch_new)(SELF_HEAP *heap, SELF_LOCAL *local, mctx_t *region, size_t size)
{
    size = mortise_round_up(size, MORTISE_GRANULE);
    bool found = false;
    if (SELF(has_rooms)() && size <= BINS_HEAP_SIZE - MORTISE_GRANULE) {
        *region = mctx_make(MORTISE_REGION, NULL, size, BINS_HEAP_SIZE);
        found = SELF(fetch_region)(region, heap, local);
    }
    if (!found) {
        *region = mctx_make(MORTISE_REGION, NULL, size, MORTISE_GRANULE);
        found = SELF(fetch_region)(region, heap, local);
    }
    if (SELF(may_cut)())
        region->owned = 0;
    return found;
}

/* `size` bytes more at `end`, NULL: at the program break. */
MORTISE_SLOW bool SELF(fetch_more)(SELF_HEAP *heap, SELF_LOCAL *local, mctx_t *region, void *end,
                                   size_t size)
{
    *region = mctx_make(MORTISE_REGION, end, mortise_round_up(size, MORTISE_GRANULE), 1);
    NEXT_COLD(resize)(region, heap, local);
    return region->status == MORTISE_OK;
}

/* Memory for an arena: `more` bytes where its newest area ends, or `whole` bytes elsewhere. */
MORTISE_SLOW bool SELF(fetch)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                              mctx_t *region, const struct mortise_bins_end_task *at, size_t room)
{
    size_t whole = room + MORTISE_BINS_AREA_COST;
    size_t more = at->end == NULL ? whole : room + MORTISE_CHUNK_LEAST - at->top;
    if (!SELF(has_rooms)())
        return SELF(fetch_new)(heap, local, region, whole);
    return (arena == &heap->main && SELF(fetch_more)(heap, local, region, NULL, more)) ||
           (at->end != NULL && SELF(fetch_more)(heap, local, region, at->end, more)) ||
           SELF(fetch_new)(heap, local, region, whole);
}

/* ---- growing ---- */

/* Adds memory for a request that its arena could not serve, and serves it at once, so that no other
 * thread can take what was fetched. Holds `growing`. */
MORTISE_SLOW bool SELF(grow_once)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                  struct mortise_bins_alloc_task *task, size_t pad)
{
    struct mortise_bins_end_task at = {&arena->bins, NULL, 0};
    mctx_t region;
    SELF(exec)(heap, local, arena, mortise_bins_do_end, &at);
    size_t room = mortise_bins_room(task->need, task->align) + pad;
    if (room <= at.top) /* others have freed so much meanwhile */
        room = at.top + 1;
    if (!SELF(fetch)(heap, local, arena, &region, &at, room) ||
        !SELF(claim_region)(&region, heap, local, SELF(owned_by)(arena)))
        return false;
    struct mortise_bins_add_task add = {&arena->bins,    region.ptr, region.size,  region.zeroed,
                                        SELF(may_cut)(), 0,          region.owned, task};
    SELF(exec)(heap, local, arena, mortise_bins_do_add, &add);
    return true;
}

/* Serves a request for which the arena had no memory: from what others freed meanwhile, or from
 * more. What the break gives may not go on where the area ends, and be too little then: another
 * time. */
MORTISE_SLOW void SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                             struct mortise_bins_alloc_task *task)
{
    if (task->need == 0 || mortise_bins_room(task->need, task->align) == 0)
        return;
    mortise_os_mutex_lock(&arena->growing);
    SELF(exec)(heap, local, arena, mortise_bins_do_alloc, task);
    for (int tries = 0; task->cut.payload == NULL && tries < 3; tries++) {
        if (!SELF(grow_once)(heap, local, arena, task, BINS_TOP_PAD) &&
            (BINS_TOP_PAD == 0 || !SELF(grow_once)(heap, local, arena, task, 0)))
            break;
    }
    mortise_os_mutex_unlock(&arena->growing);
}

/* ---- giving back ---- */

MORTISE_SLOW size_t SELF(purge)(SELF_HEAP *heap, SELF_LOCAL *local, void *base, size_t size)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, base, size, 1);
    return NEXT(trim)(&ctx, heap, local)->usable;
}

/* Gives back what lies free at the end of an arena, but for `keep` bytes, once that is more than
 * `threshold`. If that is 0, what cannot go loses its pages. */
MORTISE_SLOW size_t SELF(trim_arena)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                     size_t keep, size_t threshold)
{
    size_t returned = 0;
    mortise_os_mutex_lock(&arena->growing);
    for (;;) {
        struct mortise_bins_cut_task task = {&arena->bins,
                                             SELF(rules)(),
                                             keep,
                                             threshold,
                                             SELF(may_cut)() || threshold == 0,
                                             NULL,
                                             0,
                                             0,
                                             false};
        SELF(exec)(heap, local, arena, mortise_bins_do_cut, &task);
        if (task.region == NULL)
            break;
        if ((task.whole || SELF(may_cut)()) &&
            SELF(return_region)(heap, local, task.region, task.size, task.region_owned)) {
            returned += task.size;
            continue;
        }
        if (threshold == 0)
            returned += SELF(purge)(heap, local, task.region, task.size);
        struct mortise_bins_add_task add = {&arena->bins, task.region, task.size,         false,
                                            true,         0,           task.region_owned, NULL};
        SELF(exec)(heap, local, arena, mortise_bins_do_add, &add);
        break;
    }
    mortise_os_mutex_unlock(&arena->growing);
    return returned;
}

/* Chunks inside an arena lose their pages. */
MORTISE_SLOW size_t SELF(purge_arena)(SELF_HEAP *heap, SELF_LOCAL *local,
                                      struct SELF(arena) * arena)
{
    size_t purged = 0;
    struct mortise_bins_detach_task task = {&arena->bins, SELF(rules)(), MORTISE_GRANULE / 2, NULL};
    SELF(exec)(heap, local, arena, mortise_bins_do_detach, &task);
    for (struct mortise_chunk *chunk = task.chain, *next; chunk != NULL; chunk = next) {
        next = chunk->fd;
        void *payload = mortise_chunk_payload(chunk);
        purged += SELF(purge)(heap, local, payload, mortise_chunk_usable(payload));
        struct mortise_bins_free_task free = {&arena->bins, SELF(rules)(), payload, SIZE_MAX,
                                              MORTISE_OK,   false,         NULL};
        SELF(exec)(heap, local, arena, mortise_bins_do_free, &free);
    }
    return purged;
}

/* ---- arenas ---- */

struct SELF(whose) {
    SELF_HEAP *heap;
    SELF_LOCAL *local;
};

/* What lies between the heap_info of an arena's first area and its first chunk: the arena, at a
 * multiple of a cache line. */
enum {
    SELF(skip) = MORTISE_CACHE_LINE - sizeof(struct mortise_heap_info) % MORTISE_CACHE_LINE,
    SELF(lead) = SELF(skip) + sizeof(struct SELF(arena))
};

/* A new arena in an area of its own, or NULL. */
MORTISE_SLOW struct mortise_arena *SELF(make_arena)(void *argument)
{
    struct SELF(whose) *whose = (struct SELF(whose) *)argument;
    size_t least = MORTISE_BINS_AREA_COST + SELF(lead) + MORTISE_CHUNK_LEAST;
    mctx_t region;
    if (!SELF(fetch_new)(whose->heap, whose->local, &region, least + BINS_TOP_PAD))
        return NULL;
    char *base = (char *)region.ptr;
    struct SELF(arena) *arena =
        (struct SELF(arena) *)(void *)(base + sizeof(struct mortise_heap_info) + SELF(skip));
    if (!SELF(claim_region)(&region, whose->heap, whose->local, SELF(owned_by)(arena)))
        return NULL;
    if (!region.zeroed)
        mortise_set(arena, 0, sizeof *arena);
    mortise_os_mutex_init(&arena->growing);
    SYNC(init)(&arena->sync);
    arena->bins.flag = MORTISE_CHUNK_OTHER_ARENA;
    mortise_bins_add(&arena->bins, base, region.size, region.zeroed, false, SELF(lead),
                     region.owned);
    return &arena->link;
}

MORTISE_FAST struct mortise_arena_source SELF(source)(SELF_HEAP *heap, struct SELF(whose) * whose)
{
    uint32_t limit = BINS_ARENAS != 0 ? (uint32_t)BINS_ARENAS : 8 * mortise_os_cores();
    struct mortise_arena_source source = {&heap->arenas, &heap->main.link,
                                          SELF(has_one)() ? 1 : limit, SELF(make_arena), whose};
    return source;
}

#endif
