/* SPDX-License-Identifier: MIT */
/*
 * vmalloc_heap - memory from two functions that the embedder supplies
 *
 * For a kernel, a libc, or whatever has no libc beneath it:
 *     void *vmalloc(void *addr, size_t length);    pages, a multiple of 4096 bytes, or NULL
 *     void vmfree(void *addr, size_t length);      what one vmalloc gave, whole
 * Nothing else is asked of anybody; addr is NULL. A composition that begins with this layer is
 * freestanding, with all that is in its unit: no header of libc is included, nothing is called.
 *
 * Memory is taken region_size at a time, up to 4 MB as the heap grows, and cut into granules. What
 * runs empty goes back, but for the smallest. Objects come here from a layer whose size_handle
 * leaves large ones to its neighbour; those above half of region_size have memory of their own, to
 * the page.
 *
 * Needs: nothing
 * Offers: regions; objects of any size and alignment; thread-safe unless sync=none; gives memory
 *     back; no system for threads to sleep in
 *
 * Parameters:
 *   name          type  default   range      meaning
 *   region_size   size  1MB       64KB..4MB  least taken from vmalloc at a time
 *   sync          sync  spinlock  -          how threads exclude each other; a lock that spins and
 *                                            needs no thread state
 *   freestanding  bool  1         -          0: only the memory comes from there, for a socket that
 *                                            needs libc and its system
 *
 * Invariants: a chunk, what one vmalloc gave, is on record at each whole granule in it. One bit of
 *     its record for each says whether it is free; a chunk is in the list exactly while one is. The
 *     owner of a granule that is free or a region without a claim is 0; that of an object stands at
 *     its first granule.
 * Ordering: the sync policy's. Granules are nobody's before they can be handed out, and the memory
 *     of a chunk goes back after the last look at its record.
 * Wins: none yet
 * Source: the mymalloc lab of Nanjing University's course on operating systems (2025, M5)
 */
#ifndef VMALLOC_HEAP_FREESTANDING
#define VMALLOC_HEAP_FREESTANDING 1
#endif
#if VMALLOC_HEAP_FREESTANDING
#if defined MORTISE_CORE_COMPILER_H && !MORTISE_FREESTANDING
#error "mortise: vmalloc_heap must come first in a freestanding unit, or have freestanding=0"
#endif
#undef MORTISE_FREESTANDING
#define MORTISE_FREESTANDING 1
#endif
#include "../core/system_begin.h"
#include "../data/area_map.h"
#include "../os/vmalloc.h"
#include "../policy/sync.h"

#ifndef VMALLOC_HEAP_REGION_SIZE
#define VMALLOC_HEAP_REGION_SIZE 1048576
#endif
#ifndef VMALLOC_HEAP_SYNC
#define VMALLOC_HEAP_SYNC spinlock
#endif
#include MORTISE_POLICY(sync, VMALLOC_HEAP_SYNC)

#define SYNC(x) MORTISE_MEMBER(VMALLOC_HEAP_SYNC, x)

MORTISE_ASSERT_STATIC(VMALLOC_HEAP_REGION_SIZE >= 65536 && VMALLOC_HEAP_REGION_SIZE <= 4 << 20,
                      "mortise: vmalloc_heap: region_size must lie in 64KB..4MB");
MORTISE_ASSERT_STATIC(sizeof(struct SYNC(local)) == 0 && !SYNC(sleeps),
                      "mortise: vmalloc_heap: sync must be a lock that spins and needs no state of "
                      "threads: give it spinlock");

enum {
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(needs) = 0,
    SELF(passes) = 0,
    SELF(offers) = MORTISE_HEAPS | MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS |
                   MORTISE_RETURNS | MORTISE_PRECISE | MORTISE_CHECKS | MORTISE_PLACES |
                   MORTISE_BARE | SELF(safe),
    SELF(granules) = (VMALLOC_HEAP_REGION_SIZE + 65535) / 65536
};

/* What one vmalloc gave. */
struct SELF(chunk) {
    void *taken;
    size_t bytes;
    char *base;    /* the first whole granule, or the object */
    uint64_t all;  /* a bit for each granule; 0: it is one object or one large region */
    uint64_t free; /* of these */
    struct SELF(chunk) * next, *prev; /* next also among spare records */
};

struct SELF(page) {
    struct SELF(page) * next;
};

SELF_HEAP
{
    MORTISE_MEMBER_STATE(VMALLOC_HEAP_SYNC) sync;
    struct SELF(chunk) * first; /* those with free granules */
    struct SELF(chunk) * empty; /* the one of these that is without use and stays, or NULL */
    struct SELF(chunk) * spare; /* records */
    struct SELF(page) * pages;  /* of records */
    size_t system;              /* bytes */
    size_t direct;              /* of these, in objects */
    size_t directs;
    struct mortise_area_map map;
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

#include "vmalloc_heap/tasks.h"

#include "vmalloc_heap/chunks.h"

/* Memory of a heap starts as zeros, which is a heap without chunks and an open lock. */
MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind != MORTISE_THREAD)
        SYNC(init)(&heap->sync);
    return ctx;
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE)
        SELF(give_all)(heap);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    struct SELF(piece) piece = {NULL, 0};
    bool object = ctx->kind == MORTISE_OBJECT;
    if (ctx->size <= MORTISE_MAX_SIZE - MORTISE_GRANULE && ctx->align <= MORTISE_MAX_SIZE / 2)
        piece = SELF(obtain)(heap, ctx->size + (ctx->size == 0), ctx->align, object);
    ctx->ptr = piece.base;
    ctx->usable = piece.size;
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

/* What is wrong with an address that is on record as `owned`, if an object should begin there. */
MORTISE_FAST enum mortise_error SELF(judge)(SELF_HEAP *heap, const void *address, uint64_t owned)
{
    if (mortise_owner_of(owned) != SELF(number)())
        return MORTISE_FOREIGN_POINTER;
    const struct SELF(chunk) *chunk =
        (const struct SELF(chunk) *)mortise_area_map_record(&heap->map, address);
    bool begins = chunk->all == 0 ? address == (const void *)chunk->base
                                  : ((uintptr_t)address & (MORTISE_GRANULE - 1)) == 0;
    return begins ? MORTISE_OK : MORTISE_FOREIGN_POINTER;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_OBJECT)
        ctx->status = SELF(judge)(heap, ctx->ptr, ctx->owned);
    if (ctx->status == MORTISE_OK && ctx->kind == MORTISE_OBJECT)
        SELF(give_object)(heap, ctx->ptr, SELF(size_of)(ctx->owned));
    else if (ctx->status == MORTISE_OK)
        SELF(give_region)(heap, (char *)ctx->ptr, ctx->size);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    enum mortise_error error = SELF(judge)(heap, ctx->ptr, ctx->owned);
    ctx->usable = error == MORTISE_OK ? SELF(size_of)(ctx->owned) : 0;
    ctx->fixed = true;
    if (error != MORTISE_OK)
        ctx->status = error;
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->ptr == NULL)
        ctx->usable += SELF(give_empties)(heap);
    return ctx;
}

#include "shared/counts.h"

#define LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_FORK_CHILD)
        SYNC(reset)(&heap->sync);
    return ctx;
}

#define LAYER_HAS_CLAIM
MORTISE_FAST mctx_t *SELF(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    mortise_area_map_set(&heap->map, ctx->ptr, ctx->size, ctx->owned);
    ctx->status = MORTISE_OK;
    return ctx;
}

#define LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ctx->owned = mortise_area_map_get(&heap->map, ctx->ptr);
    return ctx;
}

#include "vmalloc_heap/walk.h"

#undef SYNC
#undef VMALLOC_HEAP_REGION_SIZE
#undef VMALLOC_HEAP_SYNC
#undef VMALLOC_HEAP_FREESTANDING
#include "../core/layer_end.h"
