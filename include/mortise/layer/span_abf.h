/* SPDX-License-Identifier: MIT */
/*
 * span_abf - spans of any size by address-ordered best fit in chunks, in one arena or several
 *
 * A span is a block with a header of half a cache line in front, which keeps blocks of two threads
 * apart. The smallest free one that is large enough serves, of equal ones the lowest, from its
 * beginning; what comes back is joined with its neighbours. data/spans.h has the order.
 *
 * An arena is such a heap with a lock of its own; the policy `arena` says how many there are, and
 * which serves a thread. A span goes back to the arena that it is from. Of empty chunks an arena
 * keeps one, others go back to the neighbour. What is too large for a chunk is left to it too.
 *
 * Needs: regions; objects of any alignment for what is too large or size_handle leaves to the
 *     neighbour; a thread-safe neighbour unless sync=none
 * Offers: objects of any size and alignment; resizing in place; recognises a block that is free
 *     already; thread-safe unless sync=none
 *
 * Parameters:
 *   name         type   default       range        meaning
 *   sync         sync   futex         -            how threads exclude each other from an arena
 *   arena        arena  one           -            which arena serves a thread
 *   arenas       int    0             0..65536     most arenas, 0: one for each core
 *   size_handle  range  [0,SIZE_MAX]  0..SIZE_MAX  sizes served here; others go to next
 *   chunk_size   size   1MB           256KB..1GB   memory fetched at a time
 *
 * Invariants: those of data/spans.h, under the lock of an arena. A chunk is claimed before it is
 *     added, with the address of its arena, so that a block always leads to that.
 * Ordering: the sync policy's. getmeta reads size and mark of a block that the caller owns without
 *     the lock: nobody else changes these.
 * Wins: none yet
 * Source: thestinger/allocator, alloc.c: large allocations
 */
#include "../core/layer_begin.h"
#include "../data/spans_tasks.h"
#include "../os/os.h"
#include "../policy/arena.h"
#include "../policy/sync.h"

#ifndef SPAN_ABF_SYNC
#define SPAN_ABF_SYNC futex
#endif
#ifndef SPAN_ABF_ARENA
#define SPAN_ABF_ARENA one
#endif
#ifndef SPAN_ABF_ARENAS
#define SPAN_ABF_ARENAS 0
#endif
#ifndef SPAN_ABF_SIZE_HANDLE
#define SPAN_ABF_SIZE_HANDLE 0, SIZE_MAX
#endif
#ifndef SPAN_ABF_CHUNK_SIZE
#define SPAN_ABF_CHUNK_SIZE 1048576
#endif
#include MORTISE_POLICY(sync, SPAN_ABF_SYNC)
#include MORTISE_POLICY(arena, SPAN_ABF_ARENA)

#define SYNC(x) MORTISE_MEMBER(SPAN_ABF_SYNC, x)
#define ARENA(x) MORTISE_MEMBER(SPAN_ABF_ARENA, x)

MORTISE_ASSERT_STATIC(SPAN_ABF_ARENAS >= 0 && SPAN_ABF_ARENAS <= 65536,
                      "mortise: span_abf: arenas must lie in 0..65536");
MORTISE_ASSERT_STATIC(SPAN_ABF_CHUNK_SIZE >= 262144 && SPAN_ABF_CHUNK_SIZE <= 1 << 30,
                      "mortise: span_abf: chunk_size must lie in 256KB..1GB");
MORTISE_ASSERT_STATIC(MORTISE_LOW(SPAN_ABF_SIZE_HANDLE) < MORTISE_HIGH(SPAN_ABF_SIZE_HANDLE),
                      "mortise: span_abf: size_handle=[lo,hi] needs lo < hi");

enum {
    SELF(chunk) = (SPAN_ABF_CHUNK_SIZE + 65535) / 65536 * 65536,
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | SELF(safe),
    SELF(offers) = MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_RESIZES | MORTISE_PLACES |
                   SELF(safe) | (SYNC(sleeps) ? MORTISE_SLEEPS : 0),
    SELF(passes) = MORTISE_REGIONS | MORTISE_RETURNS | MORTISE_PRECISE | MORTISE_CHECKS
};

struct SELF(arena) {
    struct mortise_arena link;
    MORTISE_MEMBER_STATE(SPAN_ABF_SYNC) sync;
    struct mortise_spans spans MORTISE_ALIGNED(MORTISE_CACHE_LINE);
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

SELF_HEAP
{
    struct SELF(arena) main;
    struct mortise_arenas arenas;
    MORTISE_MEMBER_STATE(SPAN_ABF_ARENA) choice;
};

/* The sync state is for the arena of the thread. */
SELF_LOCAL
{
    struct ARENA(local) choice;
    struct SYNC(local) sync;
};

MORTISE_FAST bool SELF(has_one)(void)
{
    return !ARENA(many);
}

MORTISE_FAST uint32_t SELF(most_arenas)(void)
{
    return SPAN_ABF_ARENAS != 0 ? (uint32_t)SPAN_ABF_ARENAS : mortise_os_cores();
}

MORTISE_FAST void SELF(begin_arena)(SELF_HEAP *heap, struct SELF(arena) * arena, size_t bytes)
{
    (void)heap, (void)bytes;
    SYNC(init)(&arena->sync);
}

#include "shared/answer.h"
#include "shared/arenas.h"

#include "shared/arena_lock.h"
#include "shared/region.h"

#include "shared/arena_regions.h"

/* Does size_handle say so, and has a chunk room for it? */
MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    size_t judged = size > align || align <= MORTISE_SPAN_UNIT ? size : align;
    size_t room = mortise_span_room(mortise_span_for(size), align);
    return mortise_within(judged, MORTISE_LOW(SPAN_ABF_SIZE_HANDLE),
                          MORTISE_HIGH(SPAN_ABF_SIZE_HANDLE)) &&
           room != 0 && room <= SELF(chunk) - MORTISE_SPAN_CHUNK_COST;
}

MORTISE_FAST struct SELF(arena) * SELF(arena_of)(uint64_t owned)
{
    return (struct SELF(arena) *)(uintptr_t)(owned & ~(uint64_t)(MORTISE_CACHE_LINE - 1));
}

MORTISE_FAST uint64_t SELF(owned_by)(const struct SELF(arena) * arena)
{
    return (uint64_t)(uintptr_t)arena | SELF(number)();
}

/* ---- chunks, outside the lock ---- */

/* An empty chunk of an arena, or NULL. */
MORTISE_SLOW struct mortise_span *SELF(fetch)(SELF_HEAP *heap, SELF_LOCAL *local,
                                              const struct SELF(arena) * arena)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, SELF(chunk), MORTISE_GRANULE);
    if (!SELF(fetch_region)(&ctx, heap, local) ||
        !SELF(claim_region)(&ctx, heap, local, SELF(owned_by)(arena)))
        return NULL;
    return mortise_spans_begin(ctx.ptr, ctx.size, ctx.zeroed, ctx.owned);
}

/* Gives a chunk back that has left its arena; the bytes, 0: the neighbour refused, and it stays. */
MORTISE_SLOW size_t SELF(give_back)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                    struct mortise_span_chunk *chunk)
{
    size_t bytes = chunk->bytes;
    if (SELF(return_region)(heap, local, chunk, bytes, chunk->region_owned))
        return bytes;
    struct mortise_spans_empty_task task = {&arena->spans, chunk};
    SELF(exec)(heap, local, arena, mortise_spans_do_add, &task);
    return 0;
}

/* What an arena had no room for: from a new chunk, or else from whichever arena has some. */
MORTISE_SLOW struct mortise_cut SELF(grow)(SELF_HEAP *heap, SELF_LOCAL *local,
                                           struct SELF(arena) * arena, size_t size, size_t align)
{
    struct mortise_spans_take_task task = {&arena->spans, size, align, NULL, {NULL, 0, 0}};
    local = SELF(attach)(heap, local); /* the heap may not have begun */
    task.chunk = SELF(fetch)(heap, local, arena);
    if (task.chunk != NULL)
        SELF(exec)(heap, local, arena, mortise_spans_do_take, &task);
    task.chunk = NULL;
    struct SELF(arena) *other = NULL;
    while (task.cut.payload == NULL && (other = SELF(next_arena)(heap, other)) != NULL) {
        task.spans = &other->spans;
        SELF(exec)(heap, local, other, mortise_spans_do_take, &task);
    }
    return task.cut;
}

/* ---- the operations ---- */

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT || !SELF(handles)(ctx->size, ctx->align))
        return NEXT(alloc)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local)))
        local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(enter)(heap, local);
    struct mortise_spans_take_task task = {
        &arena->spans, mortise_span_for(ctx->size), ctx->align, NULL, {NULL, 0, 0}};
    SELF(exec)(heap, local, arena, mortise_spans_do_take, &task);
    if (MORTISE_UNLIKELY(task.cut.payload == NULL))
        task.cut = SELF(grow)(heap, local, arena, task.size, task.align);
    SELF(leave)(heap, arena);
    return SELF(answer)(ctx, task.cut);
}

/* What is wrong with an address of this layer's, if a block should begin there. Nothing is read in
 * front of a chunk. */
MORTISE_FAST enum mortise_error SELF(judge)(const mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (MORTISE_UNLIKELY(((uintptr_t)ctx->ptr & (MORTISE_SPAN_UNIT - 1)) != 0))
        return MORTISE_FOREIGN_POINTER;
    if (MORTISE_UNLIKELY(((uintptr_t)ctx->ptr & (MORTISE_GRANULE - 1)) == 0)) {
        mctx_t before = mctx_make(MORTISE_OBJECT, (char *)ctx->ptr - 1, 0, 1);
        if (NEXT(whose)(&before, heap, local)->owned != ctx->owned)
            return MORTISE_FOREIGN_POINTER;
    }
    const struct mortise_span *span = mortise_span_of(ctx->ptr);
    if (MORTISE_LIKELY(mortise_span_is_used(span)))
        return MORTISE_OK;
    return mortise_span_is_freed(span) ? MORTISE_DOUBLE_FREE : MORTISE_FOREIGN_POINTER;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT || mortise_owner_of(ctx->owned) != SELF(number)())
        return NEXT(free)(ctx, heap, local);
    ctx->status = SELF(judge)(ctx, heap, local);
    if (MORTISE_UNLIKELY(ctx->status != MORTISE_OK))
        return ctx;
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local)))
        local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(arena_of)(ctx->owned);
    struct mortise_spans_give_task task = {&arena->spans, mortise_span_of(ctx->ptr), false, NULL};
    SELF(exec)(heap, local, arena, mortise_spans_do_give, &task);
    if (MORTISE_UNLIKELY(task.gone != NULL))
        SELF(give_back)(heap, local, arena, task.gone);
    if (MORTISE_UNLIKELY(!task.done))
        ctx->status = MORTISE_DOUBLE_FREE; /* by another thread, at the same time */
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (mortise_owner_of(ctx->owned) != SELF(number)())
        return NEXT(getmeta)(ctx, heap, local);
    enum mortise_error error = SELF(judge)(ctx, heap, local);
    ctx->usable = error == MORTISE_OK ? mortise_span_of(ctx->ptr)->size - MORTISE_SPAN_HEAD : 0;
    if (MORTISE_UNLIKELY(error != MORTISE_OK))
        ctx->status = error;
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT || mortise_owner_of(ctx->owned) != SELF(number)())
        return NEXT(resize)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SELF(is_ready)(heap, local)))
        local = SELF(attach)(heap, local);
    struct SELF(arena) *arena = SELF(arena_of)(ctx->owned);
    struct mortise_spans_resize_task task = {&arena->spans, mortise_span_of(ctx->ptr),
                                             mortise_span_for(ctx->size), false};
    if (SELF(handles)(ctx->size, 1))
        SELF(exec)(heap, local, arena, mortise_spans_do_resize, &task);
    if (task.done)
        ctx->usable = task.span->size - MORTISE_SPAN_HEAD;
    ctx->status = task.done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_SLOW size_t SELF(return_empty)(SELF_HEAP *heap, SELF_LOCAL *local,
                                       struct SELF(arena) * arena)
{
    struct mortise_spans_empty_task task = {&arena->spans, NULL};
    SELF(exec)(heap, local, arena, mortise_spans_do_leave, &task);
    return task.chunk != NULL ? SELF(give_back)(heap, local, arena, task.chunk) : 0;
}

/* Empty chunks go, and the pages inside of free spans; the bytes. */
MORTISE_SLOW size_t SELF(trim_arena)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena)
{
    size_t bytes = SELF(return_empty)(heap, local, arena);
    struct mortise_spans_lend_task lend = {&arena->spans, MORTISE_GRANULE / 2, NULL};
    SELF(exec)(heap, local, arena, mortise_spans_do_lend, &lend);
    for (struct mortise_span *span = lend.chain, *next; span != NULL; span = next) {
        struct mortise_rb_node *link = span->by_size.child[0];
        next = link != NULL ? mortise_span_of_node(link) : NULL;
        mctx_t ctx = mctx_make(MORTISE_REGION, span + 1, span->size - sizeof *span, 1);
        bytes += NEXT(trim)(&ctx, heap, local)->usable;
        struct mortise_spans_give_task give = {&arena->spans, span, false, NULL};
        SELF(exec)(heap, local, arena, mortise_spans_do_give, &give);
        if (give.gone != NULL)
            SELF(give_back)(heap, local, arena, give.gone);
    }
    return bytes + SELF(return_empty)(heap, local, arena);
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL && (NEXT(facts)() & MORTISE_RETURNS) != 0) {
        struct SELF(arena) *arena = NULL;
        local = SELF(attach)(heap, local);
        while ((arena = SELF(next_arena)(heap, arena)) != NULL)
            ctx->usable += SELF(trim_arena)(heap, local, arena);
    }
    return NEXT(trim)(ctx, heap, local);
}

MORTISE_SLOW void SELF(count_arena)(SELF_HEAP *heap, SELF_LOCAL *local, struct SELF(arena) * arena,
                                    struct mortise_stats *stats)
{
    struct mortise_spans_stats_task task = {&arena->spans, 0, 0};
    SELF(exec)(heap, local, arena, mortise_spans_do_stats, &task);
    stats->free += task.free;
    stats->free_blocks += task.free_spans;
}

#include "span_abf/walk.h"

#undef SYNC
#undef ARENA
#undef SPAN_ABF_SYNC
#undef SPAN_ABF_ARENA
#undef SPAN_ABF_ARENAS
#undef SPAN_ABF_SIZE_HANDLE
#undef SPAN_ABF_CHUNK_SIZE
#include "../core/layer_end.h"
