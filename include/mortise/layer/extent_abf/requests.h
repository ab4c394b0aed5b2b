/* SPDX-License-Identifier: MIT */
/*
 * What extent_abf answers to requests. Part of layer/extent_abf.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../extent_abf.h"
#else
/* What was freed in [base, end) is no block any more. Places on record before have their leaf. */
MORTISE_FAST void SELF(forget)(SELF_HEAP *heap, SELF_LOCAL *local, char *base, const char *end)
{
    if (base < end)
        (void)SELF(record)(heap, local, base, (size_t)(end - base),
                           mortise_owned(SELF(number)(), SELF(mark_none)));
}

/* An extent for a request, on record; without one the request failed. */
MORTISE_FAST struct mortise_extents_take_task SELF(take)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                         size_t bytes, size_t align, bool object)
{
    if (align < MORTISE_GRANULE)
        align = MORTISE_GRANULE;
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local)))
        local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(enter)(heap, local);
    struct mortise_extents_take_task task = {&arena->extents, bytes, align, NULL,
                                             {NULL, 0, 0},    false};
    if (MORTISE_LIKELY(bytes != 0))
        SELF(exec)(heap, local, arena, mortise_extents_do_take, &task);
    if (MORTISE_UNLIKELY(task.extent == NULL) && bytes != 0)
        SELF(grow)(heap, SELF(attach)(heap, local), arena, &task);
    SELF(leave)(heap, arena);
    if (MORTISE_UNLIKELY(task.extent == NULL))
        return task;
    task.extent->object = object;
    SELF(forget)(heap, local, task.extent->base + MORTISE_GRANULE, mortise_extent_end(task.extent));
    if (SELF(record)(heap, local, task.cut.payload, MORTISE_GRANULE, SELF(owned_by)(task.extent)))
        return task;
    arena = (struct SELF(arena) *)task.extent->owner;
    struct mortise_extents_give_task give = {
        &arena->extents, task.extent, task.extent->base, false, 0, 0, 0};
    SELF(exec)(heap, local, arena, mortise_extents_do_give, &give);
    task.cut.payload = NULL;
    return task;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool object = ctx->kind == MORTISE_OBJECT;
    if (object && !SELF(handles)(ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    struct mortise_extents_take_task task =
        SELF(take)(heap, local, SELF(bytes_for)(ctx->size, ctx->align), ctx->align, object);
    SELF(answer)(ctx, task.cut);
    if (!object)
        ctx->zeroed = task.cut.dirty == 0;
    return ctx;
}

/* What is wrong with an address on record as `owned`, if an object should begin there. */
MORTISE_FAST enum mortise_error SELF(judge)(const void *address, uint64_t owned)
{
    const struct mortise_extent *extent = SELF(extent_of)(owned);
    if (MORTISE_LIKELY(extent != NULL))
        return extent->base == address && extent->object ? MORTISE_OK : MORTISE_FOREIGN_POINTER;
    return mortise_owner_data(owned) == SELF(mark_freed) &&
                   ((uintptr_t)address & (MORTISE_GRANULE - 1)) == 0
               ? MORTISE_DOUBLE_FREE
               : MORTISE_FOREIGN_POINTER;
}

/* What was freed, under the lock, and whether the policy wants a look. */
struct SELF(give_task) {
    struct SELF(arena) * arena;
    struct mortise_extents_give_task give;
    bool due; /* answer */
};

MORTISE_FAST void SELF(do_give)(void *argument)
{
    struct SELF(give_task) *task = (struct SELF(give_task) *)argument;
    mortise_extents_do_give(&task->give);
    if (PURGE(purges) && task->give.done && (NEXT(facts)() & MORTISE_RETURNS) != 0)
        task->due = PURGE(due)(&task->arena->purge, task->give.used, task->give.resident, PURGING);
}

/* Gives an extent back to its arena; its bytes, 0: it was not in use any more. */
MORTISE_SLOW size_t SELF(give)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_extent *extent,
                               void *base)
{
    struct SELF(arena) *arena = (struct SELF(arena) *)extent->owner;
    struct SELF(give_task)
        task = {arena, {&arena->extents, extent, (char *)base, false, 0, 0, 0}, false};
    local = SELF(attach)(heap, local);
    SELF(exec)(heap, local, arena, SELF(do_give), &task);
    if (task.due)
        SELF(purge_more)(heap, local, arena);
    return task.give.bytes;
}

/* A region comes back; if a layer had claimed it, all of it is on record again as it was before. */
MORTISE_SLOW mctx_t *SELF(free_region)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_extent *extent = SELF(extent_of)(ctx->owned);
    if (extent == NULL)
        return NEXT(free)(ctx, heap, local);
    mctx_t first = mctx_make(MORTISE_REGION, ctx->ptr, ctx->size, 1);
    if (NEXT(whose)(&first, heap, local)->owned == ctx->owned) {
        SELF(forget)(heap, local, (char *)ctx->ptr, (char *)ctx->ptr + MORTISE_GRANULE);
    } else if (!SELF(record)(heap, local, ctx->ptr, ctx->size,
                             mortise_owned(SELF(number)(), SELF(mark_none)))) {
        ctx->status = MORTISE_NO_MEMORY; /* it stays the caller's */
        return ctx;
    }
    ctx->status = SELF(give)(heap, local, extent, ctx->ptr) != 0 ? MORTISE_OK : MORTISE_DOUBLE_FREE;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT)
        return SELF(free_region)(ctx, heap, local);
    if (mortise_owner_of(ctx->owned) != SELF(number)())
        return NEXT(free)(ctx, heap, local);
    ctx->status = SELF(judge)(ctx->ptr, ctx->owned);
    if (MORTISE_UNLIKELY(ctx->status != MORTISE_OK))
        return ctx;
    (void)SELF(record)(heap, local, ctx->ptr, MORTISE_GRANULE,
                       mortise_owned(SELF(number)(), SELF(mark_freed)));
    if (SELF(give)(heap, local, SELF(extent_of)(ctx->owned), ctx->ptr) == 0)
        ctx->status = MORTISE_DOUBLE_FREE; /* by another thread, at the same time */
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (mortise_owner_of(ctx->owned) != SELF(number)())
        return NEXT(getmeta)(ctx, heap, local);
    enum mortise_error error = SELF(judge)(ctx->ptr, ctx->owned);
    ctx->usable = error == MORTISE_OK ? SELF(extent_of)(ctx->owned)->bytes : 0;
    if (MORTISE_UNLIKELY(error != MORTISE_OK))
        ctx->status = error;
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_extent *extent = SELF(extent_of)(ctx->owned);
    if (extent == NULL)
        return NEXT(resize)(ctx, heap, local);
    struct SELF(arena) *arena = (struct SELF(arena) *)extent->owner;
    struct mortise_extents_resize_task task = {&arena->extents, extent, (char *)ctx->ptr,
                                               SELF(bytes_for)(ctx->size, 1), false};
    char *end = mortise_extent_end(extent);
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local)))
        local = SELF(attach)(heap, local);
    if (task.bytes != 0 && SELF(handles)(ctx->size, 1))
        SELF(exec)(heap, local, arena, mortise_extents_do_resize, &task);
    if (task.done) {
        ctx->usable = task.bytes;
        SELF(forget)(heap, local, end, mortise_extent_end(extent));
    }
    ctx->status = task.done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL && (NEXT(facts)() & MORTISE_RETURNS) != 0) {
        struct SELF(arena) *arena = NULL;
        local = SELF(attach)(heap, local);
        ctx->usable += SELF(return_all_chunks)(heap, local);
        while ((arena = SELF(next_arena)(heap, arena)) != NULL)
            ctx->usable += SELF(purge_all)(heap, local, arena, ctx->size);
    }
    return NEXT(trim)(ctx, heap, local);
}

/* What would have gone by now, had anybody freed something. */
#define LAYER_HAS_AGE
MORTISE_SLOW mctx_t *SELF(age)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(arena) *arena = NULL;
    local = SELF(attach)(heap, local);
    while ((arena = SELF(next_arena)(heap, arena)) != NULL) {
        size_t later = PURGE(later)(&arena->purge, PURGING);
        if (later == 0)
            continue;
        SELF(purge)(heap, local, arena);
        ctx->size = later > ctx->size ? later : ctx->size;
    }
    return NEXT(age)(ctx, heap, local);
}

MORTISE_SLOW void SELF(count_arena)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                    struct mortise_stats *stats)
{
    struct mortise_extents_stats_task task = {&arena->extents, 0, 0, 0};
    SELF(exec)(heap, local, arena, mortise_extents_do_stats, &task);
    stats->free += task.free;
    stats->free_blocks += task.free_extents;
}

#endif
