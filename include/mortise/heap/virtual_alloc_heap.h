/* SPDX-License-Identifier: MIT */
/*
 * virtual_alloc_heap - memory reserved first and committed as needed, as VirtualAlloc does it
 *
 * Each request is a reservation of addresses of its own, of which what was asked for is committed.
 * An object shrinks by decommitting, and grows where it is by committing more, as far as its
 * reservation goes: addresses are plenty, unless a limit on them is set. A reservation is released
 * as a whole, for Windows knows no other way: what a layer returns of a region is decommitted until
 * there is nothing left of it.
 *
 * On Windows these are VirtualAlloc and VirtualFree; elsewhere os/os.h does the same with what the
 * system has, on Linux mmap and mprotect.
 *
 * Needs: nothing
 * Offers: regions; objects of any size up to an alignment of any power of two; thread-safe; gives
 *     every byte back to the system; resizes
 *
 * Parameters:
 *   name     type  default  range   meaning
 *   reserve  int   1        1..64   an object may grow in place to so many times its first size
 *
 * Invariants: every reservation starts at a granule and is a multiple of one; `spans` has, for each
 *     of its granules, the number of the first one, and there how many are committed. One granule
 *     behind a region stays without memory, so that layers do not join two regions. `map` has the
 *     number of this layer at the first granule of an object, and what layers claim.
 * Ordering: entries are cleared before a reservation is released, for the system may give the
 *     address to another thread at once. Pages of a region are decommitted before they are counted
 *     as gone: whoever counts the last ones sees that nobody is at work there any more.
 * Wins: none yet
 * Source: paper table 2; Windows, VirtualAlloc and VirtualFree
 */
#include "../core/system_begin.h"
#include "../data/granule_map.h"
#include "../os/os.h"

#ifndef VIRTUAL_ALLOC_HEAP_RESERVE
#define VIRTUAL_ALLOC_HEAP_RESERVE 1
#endif

MORTISE_ASSERT_STATIC(VIRTUAL_ALLOC_HEAP_RESERVE >= 1 && VIRTUAL_ALLOC_HEAP_RESERVE <= 64,
                      "mortise: virtual_alloc_heap: reserve must lie in 1..64");

enum {
    SELF(needs) = 0,
    SELF(passes) = 0,
    SELF(offers) = MORTISE_HEAPS | MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS |
                   MORTISE_THREADSAFE | MORTISE_RETURNS | MORTISE_RESIZES | MORTISE_PRECISE |
                   MORTISE_CHECKS | MORTISE_PLACES
};

SELF_HEAP
{
    size_t system; /* bytes committed */
    size_t direct; /* of these, in objects */
    size_t directs;
    struct mortise_granule_map map;
    struct mortise_granule_map spans;
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

MORTISE_FAST uint64_t SELF(span_entry)(const void *base, size_t committed)
{
    return (uint64_t)((uintptr_t)base / MORTISE_GRANULE) << 32 | committed / MORTISE_GRANULE;
}

/* Where the reservation begins that an address is in, NULL where none is. */
MORTISE_FAST char *SELF(base_of)(SELF_HEAP *heap, const void *address)
{
    uint64_t entry = mortise_granule_map_get(&heap->spans, address);
    return (char *)((uintptr_t)(entry >> 32) * MORTISE_GRANULE);
}

MORTISE_FAST size_t SELF(committed_at)(SELF_HEAP *heap, const void *base)
{
    return (size_t)(uint32_t)mortise_granule_map_get(&heap->spans, base) * MORTISE_GRANULE;
}

MORTISE_SLOW size_t SELF(reserved_at)(SELF_HEAP *heap, char *base)
{
    size_t size = MORTISE_GRANULE;
    while (SELF(base_of)(heap, base + size) == base)
        size += MORTISE_GRANULE;
    return size;
}

/* Counters order nothing; modulo 2^n, so that shrinking subtracts. */
MORTISE_FAST void SELF(count)(SELF_HEAP *heap, size_t bytes, size_t objects, bool object)
{
    MORTISE_ADD_RELAXED(&heap->system, bytes);
    if (object) {
        MORTISE_ADD_RELAXED(&heap->direct, bytes);
        MORTISE_ADD_RELAXED(&heap->directs, objects);
    }
}

/* A reservation of *reserved bytes, or, where there are no addresses to spare, of no more than
 * `least`, which becomes *reserved. */
MORTISE_SLOW char *SELF(reserve)(size_t *reserved, size_t least, size_t align)
{
    char *base = (char *)mortise_os_reserve(*reserved, align);
    if (base == NULL && *reserved > least) {
        *reserved = least;
        base = (char *)mortise_os_reserve(least, align);
    }
    return base;
}

MORTISE_SLOW void *SELF(get)(SELF_HEAP *heap, size_t size, size_t align, bool object)
{
    const size_t most = (size_t)UINT32_MAX / 2 * MORTISE_GRANULE;
    if (size > most)
        return NULL;
    size_t least = object ? size : size + MORTISE_GRANULE, reserved = least;
    if (object && size <= most / VIRTUAL_ALLOC_HEAP_RESERVE)
        reserved = size * VIRTUAL_ALLOC_HEAP_RESERVE;
    char *base = SELF(reserve)(&reserved, least, align > MORTISE_GRANULE ? align : MORTISE_GRANULE);
    if (base == NULL)
        return NULL;
    uint64_t owned = mortise_owned(object ? SELF(number)() : 0, 1);
    if (mortise_os_commit(base, size) &&
        mortise_granule_map_set(&heap->spans, base, reserved, SELF(span_entry)(base, 0))) {
        mortise_granule_map_set(&heap->spans, base, MORTISE_GRANULE, SELF(span_entry)(base, size));
        if (mortise_granule_map_set(&heap->map, base, MORTISE_GRANULE, owned)) {
            SELF(count)(heap, size, 1, object);
            return base;
        }
        mortise_granule_map_set(&heap->spans, base, reserved, 0);
    }
    mortise_os_unmap(base, reserved);
    return NULL;
}

/* Of a reservation in which nobody has anything any more. Where the system refuses, its pages go
 * back as far as possible, and its addresses when the heap is destroyed. */
MORTISE_SLOW void SELF(release)(SELF_HEAP *heap, char *base)
{
    size_t reserved = SELF(reserved_at)(heap, base);
    mortise_granule_map_set(&heap->spans, base, reserved, 0);
    if (mortise_os_unmap(base, reserved))
        return;
    mortise_os_decommit(base, reserved);
    mortise_granule_map_set(&heap->spans, base, reserved, SELF(span_entry)(base, 0));
    mortise_granule_map_set(&heap->spans, base, MORTISE_GRANULE,
                            SELF(span_entry)(base, MORTISE_GRANULE));
}

/* Takes back a region or a part of one; what is in it is nobody's. */
MORTISE_SLOW void SELF(take_back)(SELF_HEAP *heap, void *part, size_t size)
{
    char *base = SELF(base_of)(heap, part);
    mortise_granule_map_set(&heap->map, part, size, 0);
    uintptr_t granule = (uintptr_t)base / MORTISE_GRANULE;
    const uintptr_t entries = mortise_granule_map_leaf_entries;
    mortise_granule_map_entry_t *entry =
        &mortise_granule_map_leaf(&heap->spans, granule / entries)[granule % entries];
    if (SELF(committed_at)(heap, base) != size && !mortise_os_decommit(part, size))
        return; /* the heap keeps it, until it is destroyed */
    SELF(count)(heap, -size, 0, false);
    /* Release: what was decommitted here is so for whoever counts the last. Acquire: for that. */
    uint64_t granules = size / MORTISE_GRANULE;
    if ((uint32_t)MORTISE_ADD_ACQ_REL(entry, -granules) == granules)
        SELF(release)(heap, base);
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}

/* Of each reservation the first granule is a run of its own, for only there something is
 * committed. */
MORTISE_SLOW void SELF(release_run)(void *self, void *base, size_t size, uint64_t entry)
{
    (void)size;
    if ((uint32_t)entry != 0)
        mortise_os_unmap(base, SELF(reserved_at)((SELF_HEAP *)self, (char *)base));
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE) {
        mortise_granule_map_walk(&heap->spans, SELF(release_run), heap);
        mortise_granule_map_destroy(&heap->spans);
        mortise_granule_map_destroy(&heap->map);
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ctx->ptr = NULL;
    if (ctx->size <= MORTISE_MAX_SIZE - MORTISE_GRANULE) {
        ctx->usable = mortise_round_up(ctx->size + (ctx->size == 0), MORTISE_GRANULE);
        ctx->ptr = SELF(get)(heap, ctx->usable, ctx->align, ctx->kind == MORTISE_OBJECT);
    }
    ctx->zeroed = true;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    bool object = ctx->kind == MORTISE_OBJECT;
    if (object && (mortise_owner_of(ctx->owned) != SELF(number)() ||
                   ((uintptr_t)ctx->ptr & (MORTISE_GRANULE - 1)) != 0)) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    if (object) {
        mortise_granule_map_set(&heap->map, ctx->ptr, MORTISE_GRANULE, 0);
        SELF(count)(heap, -SELF(committed_at)(heap, ctx->ptr), (size_t)-1, true);
        SELF(release)(heap, (char *)ctx->ptr);
    } else {
        SELF(take_back)(heap, ctx->ptr, ctx->size);
    }
    ctx->status = MORTISE_OK;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ctx->usable = SELF(committed_at)(heap, ctx->ptr);
    if (((uintptr_t)ctx->ptr & (MORTISE_GRANULE - 1)) != 0)
        ctx->status = MORTISE_FOREIGN_POINTER;
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    char *base = (char *)ctx->ptr;
    size_t old = SELF(committed_at)(heap, base);
    ctx->status = MORTISE_NO_MEMORY;
    if (ctx->size > SELF(reserved_at)(heap, base))
        return ctx;
    size_t size = mortise_round_up(ctx->size + (ctx->size == 0), MORTISE_GRANULE);
    if (size > old && !mortise_os_commit(base + old, size - old))
        return ctx;
    if (size < old && !mortise_os_decommit(base + size, old - size))
        return ctx;
    mortise_granule_map_set(&heap->spans, base, MORTISE_GRANULE, SELF(span_entry)(base, size));
    SELF(count)(heap, size - old, 0, true);
    ctx->usable = size;
    ctx->status = MORTISE_OK;
    return ctx;
}

struct SELF(walking) {
    struct mortise_walk *walk;
    SELF_HEAP *heap;
};

/* A run of equal entries: granules that a layer claimed, or the first ones of reservations. */
MORTISE_SLOW void SELF(walk_run)(void *argument, void *base, size_t size, uint64_t entry)
{
    struct SELF(walking) *walking = (struct SELF(walking) *)argument;
    unsigned owner = mortise_owner_of(entry);
    bool claimed = owner != 0 && owner != SELF(number)();
    for (size_t at = 0; at < size; at += claimed ? size : MORTISE_GRANULE) {
        char *begin = (char *)base + at;
        size_t has = claimed ? size : SELF(committed_at)(walking->heap, begin);
        mortise_walk_piece(walking->walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, begin, has,
                           "reservation", 0);
        if (owner == SELF(number)())
            mortise_walk_piece(walking->walk, MORTISE_STRING(LAYER), MORTISE_WALK_ALLOCATED, begin,
                               has, "reservation", 0);
    }
    if (claimed)
        mortise_walk_claimed(walking->walk, base, size, entry);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    struct SELF(walking) walking = {(struct mortise_walk *)ctx->ptr, heap};
    if (ctx->kind == MORTISE_HEAP)
        mortise_granule_map_walk(&heap->map, SELF(walk_run), &walking);
    return ctx;
}

#include "shared/mapped.h"
#include "shared/trim.h"

#undef VIRTUAL_ALLOC_HEAP_RESERVE
#include "../core/layer_end.h"
