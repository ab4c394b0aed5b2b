/* SPDX-License-Identifier: MIT */
/*
 * brk_mmap_heap - memory from the program break and from mmap, as glibc's malloc has it
 *
 * There are four kinds of memory. The program break serves whoever asks for more of it by name
 * (resize of a region whose end is NULL), and no other request, so that what one layer has from
 * there stays one range as long as the program leaves the break alone. A region aligned to more
 * than its size is the beginning of a room: that much is reserved without memory, and the region
 * grows and shrinks in it. Other regions are mappings, and so are objects, which come here from a
 * layer that leaves large ones to its neighbour: each goes back to the system when it is freed, and
 * grows by mremap. Heaps beside the default one have no break, and where the composition does not
 * stand in for malloc none has, see shared/break.h.
 *
 * Needs: nothing
 * Offers: regions, which can grow where they are; objects of any size up to an alignment of any
 *     power of two; thread-safe; gives every byte back to the system, but for what lies before the
 *     end of the break; resizes
 *
 * Parameters: none
 *
 * Invariants: regions and objects start at a granule and are multiples of one. The map holds how
 *     many granules an object has at the first one, under this layer's number, and that of a region
 *     that no layer has claimed under nobody's; at the last granule of a room, which is never
 *     handed out, how large the room is. [lo, hi) covers all that the break gave.
 * Ordering: the entry of a mapping is cleared before it is unmapped, for the kernel may give the
 *     address to another thread at once
 * Wins: none yet
 * Source: GNU C library, malloc/malloc.c and malloc/arena.c; sbrk(2), mmap(2), mprotect(2)
 */
#include "../core/system_begin.h"
#include "../data/granule_map.h"
#include "../data/refused.h"
#include "../os/os.h"

enum {
    SELF(needs) = 0,
    SELF(passes) = 0,
    SELF(offers) = MORTISE_HEAPS | MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS |
                   MORTISE_THREADSAFE | MORTISE_RETURNS | MORTISE_RESIZES | MORTISE_PRECISE |
                   MORTISE_CHECKS | MORTISE_ROOMS | MORTISE_PLACES
};

SELF_HEAP
{
    struct mortise_os_mutex lock; /* of the break */
    bool beside;                  /* not the default heap: it has no break */
    uintptr_t lo;                 /* the first byte that the break gave, 0: none yet */
    uintptr_t hi;                 /* the end of the last */
    size_t system;                /* bytes that are readable and writable */
    size_t direct;                /* of these, in objects */
    size_t directs;
    struct mortise_refused refused;
    struct mortise_granule_map map;
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

#include "shared/mappings.h"
#include "brk_mmap_heap/regions.h"
#include "shared/break.h"

/* More of the break, or NULL. */
MORTISE_SLOW void *SELF(more_break)(SELF_HEAP *heap, size_t size)
{
    uintptr_t base = 0;
    if (heap->beside)
        return NULL;
    mortise_os_mutex_lock(&heap->lock);
    base = SELF(grow_break)(size);
    if (base != 0) {
        if (heap->lo == 0)
            heap->lo = base;
        heap->hi = base + size;
    }
    mortise_os_mutex_unlock(&heap->lock);
    return (void *)base;
}

/* Was the region the break's? If so, *done says whether it could go. */
MORTISE_SLOW bool SELF(less_break)(SELF_HEAP *heap, void *region, size_t size, bool *done)
{
    uintptr_t base = (uintptr_t)region;
    mortise_os_mutex_lock(&heap->lock);
    bool ours = base >= heap->lo && base < heap->hi;
    *done = ours && base + size == heap->hi && SELF(shrink_break)(heap->hi, size);
    if (*done) {
        heap->hi = base;
        mortise_granule_map_set(&heap->map, region, size,
                                0); /* what comes there next is nobody's */
    }
    mortise_os_mutex_unlock(&heap->lock);
    return ours;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE)
        heap->beside = true;
    return ctx;
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE) {
        mortise_granule_map_walk(&heap->map, SELF(unmap_rooms), heap);
        mortise_granule_map_walk(&heap->map, SELF(unmap_run), heap);
        mortise_granule_map_destroy(&heap->map);
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    bool object = ctx->kind == MORTISE_OBJECT;
    ctx->ptr = NULL;
    if (ctx->size <= MORTISE_MAX_SIZE - MORTISE_GRANULE) {
        ctx->usable = mortise_round_up(ctx->size + (ctx->size == 0), MORTISE_GRANULE);
        if (!object && ctx->usable < ctx->align)
            ctx->ptr = SELF(make_room)(heap, ctx->usable, ctx->align);
        else
            ctx->ptr = SELF(map)(heap, ctx->usable, ctx->align, object);
    }
    ctx->zeroed = true;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

/* NO_MEMORY: the region stays the caller's, because it is not the last of the break, or the system
 * has no memory to take it back. */
MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    bool done = true;
    if (ctx->kind == MORTISE_OBJECT) {
        ctx->status = SELF(judge)(ctx->ptr, ctx->owned);
        if (ctx->status == MORTISE_OK)
            SELF(unmap)(heap, ctx->ptr, SELF(bytes_of)(ctx->owned), true);
        return ctx;
    }
    if (SELF(less_break)(heap, ctx->ptr, ctx->size, &done)) {
        if (done)
            MORTISE_SUB_RELAXED(&heap->system, ctx->size);
    } else {
        done = SELF(free_region)(heap, (char *)ctx->ptr, ctx->size);
    }
    ctx->status = done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    void *result = NULL;
    size_t size = ctx->size <= MORTISE_MAX_SIZE - MORTISE_GRANULE
                      ? mortise_round_up(ctx->size + (ctx->size == 0), MORTISE_GRANULE)
                      : 0;
    ctx->zeroed = ctx->kind == MORTISE_REGION;
    if (size == 0)
        ctx->status = MORTISE_NO_MEMORY;
    else if (ctx->kind == MORTISE_REGION)
        result = ctx->ptr == NULL ? SELF(more_break)(heap, size)
                                  : SELF(widen)(heap, (char *)ctx->ptr, size);
    else if (SELF(judge)(ctx->ptr, ctx->owned) == MORTISE_OK)
        result = SELF(remap)(heap, ctx->ptr, SELF(bytes_of)(ctx->owned), size, ctx->may_move);
    if (result != NULL && ctx->kind == MORTISE_REGION)
        SELF(count)(heap, size, false);
    ctx->status = result != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    if (result != NULL || ctx->kind == MORTISE_REGION)
        ctx->ptr = result;
    ctx->usable = size;
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->ptr == NULL)
        ctx->usable += SELF(return_refused)(heap, SIZE_MAX);
    else if (mortise_os_purge(ctx->ptr, ctx->size))
        ctx->usable += ctx->size;
    return ctx;
}

#include "shared/mapped.h"
#include "shared/walk.h"

#undef LAYER_REFUSED
#undef MARK
#undef ROOM
#include "../core/layer_end.h"
