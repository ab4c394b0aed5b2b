/* SPDX-License-Identifier: MIT */
/*
 * What bins answers to requests. Part of layer/bins.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../bins.h"
#else
MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    if (ctx->status != MORTISE_OK)
        return ctx;
    if (ctx->kind == MORTISE_THREAD) {
        struct SELF(whose) whose = {heap, local};
        SELF(join)(heap, local, SELF(source)(heap, &whose));
    } else {
        SYNC(init)(&heap->main.sync);
    }
    return ctx;
}

/* What an arena had no memory for: after adding some to it, or else to the main one. */
MORTISE_SLOW struct mortise_cut SELF(alloc_slowly)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                   struct SELF(arena) * arena, size_t need,
                                                   size_t align)
{
    struct mortise_bins_alloc_task task = {&arena->bins, SELF(rules)(), need,
                                           align,        {NULL, 0, 0},  NULL};
    local = SELF(attach)(heap, local); /* the heap may not have begun */
    SELF(grow)(heap, local, arena, &task);
    if (task.cut.payload == NULL && arena != &heap->main) {
        task.bins = &heap->main.bins;
        SELF(grow)(heap, local, &heap->main, &task);
    }
    if (task.corrupt != NULL)
        SELF(raise)(MORTISE_CORRUPT, task.corrupt);
    return task.cut;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT || !SELF(handles)(heap, ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local)))
        local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(enter)(heap, local);
    struct mortise_bins_alloc_task task = {
        &arena->bins, SELF(rules)(), mortise_chunk_for(ctx->size), ctx->align, {NULL, 0, 0}, NULL};
    if (MORTISE_LIKELY(mortise_bins_room(task.need, task.align) != 0))
        SELF(exec)(heap, local, arena, mortise_bins_do_alloc, &task);
    if (MORTISE_UNLIKELY(task.corrupt != NULL))
        SELF(raise)(MORTISE_CORRUPT, task.corrupt);
    if (MORTISE_UNLIKELY(task.cut.payload == NULL))
        task.cut = SELF(alloc_slowly)(heap, local, arena, task.need, task.align);
    SELF(leave)(heap, arena);
    return SELF(answer)(ctx, task.cut);
}

/* The thresholds follow the largest object of the neighbour that is freed, up to 32 MB: a program
 * that has such blocks for a while only would pay for new pages each time. */
MORTISE_SLOW void SELF(note_mapping)(SELF_HEAP *heap, SELF_LOCAL *local, void *block,
                                     uint64_t owned)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, block, 0, 1);
    ctx.owned = owned;
    NEXT(getmeta)(&ctx, heap, local);
    if (ctx.status == MORTISE_OK && ctx.usable <= (size_t)32 << 20 &&
        ctx.usable >= SELF(threshold)(heap, BINS_MMAP_THRESHOLD, 1))
        MORTISE_STORE_RELAXED(&heap->mapped, ctx.usable + 1);
}

/* What is left to do outside the lock after blocks were freed. */
MORTISE_SLOW void SELF(freed)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                              const struct mortise_bins_free_task *task)
{
    if (task->trim && (NEXT(facts)() & MORTISE_RETURNS) != 0)
        SELF(trim_arena)(heap, local, arena, BINS_TOP_PAD, task->trim_threshold);
    if (task->corrupt != NULL)
        SELF(raise)(MORTISE_CORRUPT, task->corrupt);
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT || mortise_owner_of(ctx->owned) != SELF(number)()) {
        if (BINS_DYNAMIC && ctx->kind == MORTISE_OBJECT && SELF(is_mapping)(ctx->owned) &&
            SELF(is_large)(heap, SIZE_MAX))
            SELF(note_mapping)(heap, local, ctx->ptr, ctx->owned);
        return NEXT(free)(ctx, heap, local);
    }
    if (MORTISE_UNLIKELY(((uintptr_t)ctx->ptr & (MORTISE_CHUNK_ALIGN - 1)) != 0)) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local)))
        local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(arena_of)(heap, ctx->owned);
    struct mortise_bins_free_task task = {
        &arena->bins, SELF(rules)(), ctx->ptr, SELF(top_threshold)(heap), MORTISE_OK, false, NULL};
    SELF(exec)(heap, local, arena, mortise_bins_do_free, &task);
    ctx->status = task.status;
    if (MORTISE_UNLIKELY(task.trim || task.corrupt != NULL))
        SELF(freed)(heap, local, arena, &task);
    if (MORTISE_UNLIKELY(task.status == MORTISE_CORRUPT))
        ctx->status = SELF(raise)(MORTISE_CORRUPT, ctx->ptr);
    return ctx;
}

/* The class is the largest of which the block is large enough, for a cache gives it as one. */
MORTISE_FAST size_t SELF(class_of)(size_t usable)
{
    if (usable >= SIZECLASS(most)(CLASSES) + MORTISE_SIZECLASS_UNIT)
        return SELF(classes);
    if (usable >= SIZECLASS(most)(CLASSES))
        usable = SIZECLASS(most)(CLASSES);
    unsigned szcls = SIZECLASS(size_to_szcls)(usable, CLASSES);
    return SIZECLASS(szcls_to_size)(szcls, CLASSES) > usable ? szcls - 1 : szcls;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (mortise_owner_of(ctx->owned) != SELF(number)()) {
        NEXT(getmeta)(ctx, heap, local)->szcls = SELF(classes); /* none of its own */
        return ctx;
    }
    if (MORTISE_UNLIKELY(((uintptr_t)ctx->ptr & (MORTISE_CHUNK_ALIGN - 1)) != 0)) {
        ctx->szcls = SELF(classes);
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    size_t word = mortise_chunk_word(mortise_chunk_of(ctx->ptr));
    ctx->usable = (word & ~MORTISE_CHUNK_FLAGS) - MORTISE_CHUNK_WORD;
    if (MORTISE_UNLIKELY((word & MORTISE_CHUNK_FREE) != 0))
        ctx->status = MORTISE_DOUBLE_FREE;
    else if (BINS_CHECKS && MORTISE_UNLIKELY(word < MORTISE_CHUNK_LEAST))
        ctx->status = MORTISE_CORRUPT;
    ctx->szcls = ctx->status == MORTISE_OK ? SELF(class_of)(ctx->usable) : (size_t)SELF(classes);
    return ctx;
}

#define LAYER_HAS_SIZECLASS
MORTISE_FAST const void *SELF(sizeclass)(void)
{
    return (const void *)&SIZECLASS(size_to_szcls);
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT || mortise_owner_of(ctx->owned) != SELF(number)())
        return NEXT(resize)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local)))
        local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(arena_of)(heap, ctx->owned);
    struct mortise_bins_resize_task task = {
        &arena->bins, SELF(rules)(), ctx->ptr, mortise_chunk_for(ctx->size), false, NULL};
    if (task.need != 0 && SELF(handles)(heap, ctx->size, 1))
        SELF(exec)(heap, local, arena, mortise_bins_do_resize, &task);
    if (task.done)
        ctx->usable = mortise_chunk_usable(ctx->ptr);
    ctx->status = task.done ? MORTISE_OK : MORTISE_NO_MEMORY;
    if (MORTISE_UNLIKELY(task.corrupt != NULL))
        SELF(raise)(MORTISE_CORRUPT, task.corrupt);
    return ctx;
}

/* Blocks of one class, for a cache, under one lock. */
#define LAYER_HAS_BATCH
MORTISE_SLOW mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_bins_batch_task task;
    mortise_set(&task, 0, sizeof task);
    local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(enter)(heap, local);
    if (SELF(handles)(heap, ctx->size, ctx->align)) {
        task.bins = &arena->bins;
        task.rules = SELF(rules)();
        task.need = mortise_chunk_for(ctx->size);
        task.count = ctx->count;
        SELF(exec)(heap, local, arena, mortise_bins_do_alloc_batch, &task);
        if (task.corrupt != NULL)
            SELF(raise)(MORTISE_CORRUPT, task.corrupt);
    }
    SELF(leave)(heap, arena);
    if (task.got == 0) {
        mctx_t one = mctx_make(MORTISE_OBJECT, NULL, ctx->size, ctx->align);
        one.extra = ctx->extra;
        SELF(alloc)(&one, heap, local);
        task.chain = one.ptr;
        task.got = one.ptr != NULL;
        if (one.ptr != NULL)
            *(void **)one.ptr = NULL;
    }
    ctx->ptr = task.chain;
    ctx->count = task.got;
    return ctx;
}

/* What goes to one arena in a row goes under one lock; what is none of this layer's, one by one. */
MORTISE_SLOW mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    void *block = ctx->ptr;
    local = SELF(attach)(heap, local);
    while (block != NULL) {
        mctx_t one = mctx_make(MORTISE_OBJECT, block, 0, 1), other;
        void *last = block;
        one.extra = ctx->extra;
        NEXT(whose)(&one, heap, local);
        block = *(void **)block;
        if (mortise_owner_of(one.owned) != SELF(number)()) {
            SELF(free)(&one, heap, local);
            continue;
        }
        for (; block != NULL; block = *(void **)block) {
            other = mctx_make(MORTISE_OBJECT, block, 0, 1);
            if (NEXT(whose)(&other, heap, local)->owned != one.owned)
                break;
            last = block;
        }
        *(void **)last = NULL;
        struct SELF(arena) *arena = SELF(arena_of)(heap, one.owned);
        size_t threshold = SELF(top_threshold)(heap);
        struct mortise_bins_free_task task = {&arena->bins, SELF(rules)(), one.ptr, threshold,
                                              MORTISE_OK,   false,         NULL};
        SELF(exec)(heap, local, arena, mortise_bins_do_free_batch, &task);
        SELF(freed)(heap, local, arena, &task);
    }
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL && (NEXT(facts)() & MORTISE_RETURNS) != 0) {
        struct SELF(arena) *arena = NULL;
        local = SELF(attach)(heap, local);
        while ((arena = SELF(next_arena)(heap, arena)) != NULL) {
            ctx->usable += SELF(purge_arena)(heap, local, arena);
            ctx->usable += SELF(trim_arena)(heap, local, arena, ctx->size, 0);
        }
    }
    return NEXT(trim)(ctx, heap, local);
}

MORTISE_SLOW void SELF(count_arena)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                    struct mortise_stats *stats)
{
    struct mortise_bins_stats_task mine = {&arena->bins, 0, 0, 0};
    SELF(exec)(heap, local, arena, mortise_bins_do_stats, &mine);
    stats->free += mine.held - mine.used;
    stats->free_blocks += mine.free_chunks;
}

#endif
