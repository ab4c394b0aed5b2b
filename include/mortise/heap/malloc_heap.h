/* SPDX-License-Identifier: MIT */
/*
 * malloc_heap - memory from the malloc beneath
 *
 * Serves objects and regions by the malloc that the program would have without this composition:
 * libc's, or that of a library which is loaded behind it. So the layers upon it measure, check or
 * cache for whatever malloc there is. realloc, calloc, malloc_usable_size and malloc_trim are those
 * of that malloc too.
 *
 * It keeps no record of what it hands out, so it cannot tell its blocks from other addresses: what
 * no layer has claimed, and the reserve has not, is for that malloc to judge, which may end the
 * program over a pointer that is none of its own. Nor can it give all blocks of a heap back at
 * once, so there is no heap beside the default one.
 *
 * Needs: nothing; the dynamic linker
 * Offers: regions; objects of any size and alignment; thread-safe, without a lock; returns memory
 *     when that malloc does; resizes
 *
 * Parameters: none
 *
 * Invariants: a request that comes while the functions are being found is served from the reserve
 *     (run/reserve.h), whose blocks belong to no layer
 * Ordering: that of the functions, see os/next_malloc.h
 * Wins: none, it measures others
 * Source: paper table 2, section 4; dlsym(3)
 */
#include "../core/system_begin.h"
#include "../data/granule_map.h"
#include "../os/next_malloc.h"
#include "../os/os.h"
#include "../run/reserve.h"

enum {
    SELF(needs) = 0,
    SELF(passes) = 0,
    SELF(offers) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_THREADSAFE |
                   MORTISE_LOCKLESS | MORTISE_RETURNS | MORTISE_RESIZES | MORTISE_PLACES
};

SELF_HEAP
{
    struct mortise_granule_map map; /* only touched when other layers place */
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE)
        ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

/* Are the functions found, or can they be now? */
MORTISE_FAST bool SELF(is_ready)(void)
{
    return MORTISE_LIKELY(mortise_next_is_found()) || mortise_next_state() == MORTISE_NEXT_FOUND;
}

/* Before the functions are found. */
MORTISE_SLOW void *SELF(first_alloc)(size_t size, size_t align)
{
    switch (mortise_next_state()) {
    case MORTISE_NEXT_FOUND:
        return mortise_next_alloc(size, align, false);
    case MORTISE_NEXT_NONE:
        return NULL;
    default:
        return mortise_reserve_alloc(size, align);
    }
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    size_t size = ctx->size;
    if (ctx->kind == MORTISE_REGION && size <= MORTISE_MAX_SIZE - MORTISE_GRANULE)
        size = mortise_round_up(size, MORTISE_GRANULE);
    if (size < ctx->align && ctx->align <= 16)
        size = ctx->align; /* a smaller block may be aligned to less, and one of no bytes be NULL */
    if (MORTISE_LIKELY(mortise_next_is_found())) {
        ctx->ptr = mortise_next_alloc(size, ctx->align, ctx->want_zero);
        ctx->zeroed = ctx->want_zero && ctx->align <= 16;
    } else {
        ctx->ptr = SELF(first_alloc)(size, ctx->align);
        ctx->zeroed = false;
    }
    ctx->usable = size;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_OBJECT && mortise_owner_of(ctx->owned) != SELF(number)()) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    if (ctx->kind == MORTISE_REGION && SELF(placers)() > 1)
        mortise_granule_map_set(&heap->map, ctx->ptr, ctx->size, 0);
    ctx->status = MORTISE_OK;
    if (SELF(is_ready)()) /* else nobody knows whose it is */
        mortise_next_free(ctx->ptr);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    ctx->usable = SELF(is_ready)() ? mortise_next_usable_size(ctx->ptr) : 0;
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    void *moved = NULL;
    if (ctx->may_move && SELF(is_ready)())
        moved = mortise_next_realloc(ctx->ptr, ctx->size + (ctx->size == 0));
    ctx->status = moved != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    if (moved != NULL) {
        ctx->ptr = moved;
        ctx->usable = ctx->size;
    }
    return ctx;
}

/* A layer asks to drop the content of pages that it keeps, or the user to return what is free; how
 * much that was is not said, so it counts as a page. */
#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    if (ctx->ptr != NULL) {
        if (mortise_os_purge(ctx->ptr, ctx->size))
            ctx->usable += ctx->size;
    } else if (SELF(is_ready)() && mortise_next_trim(ctx->size)) {
        ctx->usable += mortise_os_page_size();
    }
    return ctx;
}

#define LAYER_HAS_CLAIM
MORTISE_FAST mctx_t *SELF(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ctx->status = MORTISE_OK;
    if (SELF(placers)() > 1 &&
        !mortise_granule_map_set(&heap->map, ctx->ptr, ctx->size, ctx->owned))
        ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

/* Of its own blocks it has no record. */
MORTISE_SLOW void SELF(walk_run)(void *argument, void *base, size_t size, uint64_t entry)
{
    struct mortise_walk *walk = (struct mortise_walk *)argument;
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, base, size, "region", 0);
    mortise_walk_claimed(walk, base, size, entry);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP && SELF(placers)() > 1)
        mortise_granule_map_walk(&heap->map, SELF(walk_run), ctx->ptr);
    return ctx;
}

/* What neither the reserve nor a layer has. */
#define LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ctx->owned = 0;
    if (SELF(placers)() > 1)
        ctx->owned = mortise_granule_map_get(&heap->map, ctx->ptr);
    bool possible = ctx->ptr != NULL && !mortise_reserve_covers(ctx->ptr);
    if (ctx->owned == 0 && MORTISE_LIKELY(possible))
        ctx->owned = mortise_owned(SELF(number)(), 0);
    return ctx;
}

#include "../core/layer_end.h"
