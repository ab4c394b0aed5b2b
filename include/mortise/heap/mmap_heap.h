/* SPDX-License-Identifier: MIT */
/*
 * mmap_heap - memory from mmap, one mapping a request
 *
 * Regions are mappings that layers cut up. Objects may come straight here too, from a layer whose
 * size_handle leaves large ones to its neighbour: each is a mapping of its own, goes back to the
 * system when freed, and grows by mremap, which moves page tables instead of bytes.
 *
 * With faa_heap_growth regions are carved from large ranges by one atomic addition, so that growing
 * needs no lock and no system call until a range is used up; each range is as large as all that is
 * in use, at least 32 MB. With threadlocal_heap_size each thread takes so much at a time for itself
 * and carves its regions from that, so that threads do not meet; what is left when it ends goes to
 * the next thread. Regions that come back are unmapped in either case: the layers on the user side
 * keep what they expect to need again, and the kernel keeps the books of addresses, so that a limit
 * on them has its room back and a heap can be destroyed in parts.
 *
 * Objects that come back stay mapped, up to `keep` bytes in 16 mappings, for nobody else can know
 * that the next one is as large; most of the cost of an object is that of its pages being new. The
 * next of about half to twice the size gets the nearest, resized by mremap unless it is just as
 * large or up to a quarter larger. malloc_trim unmaps what is kept, and so does a request for which
 * there is no memory otherwise.
 *
 * Linux has a limit on the mappings of a process, 65,530, and refuses at that limit to unmap what
 * lies between two others. Such memory loses its pages and serves the next requests.
 *
 * Needs: nothing
 * Offers: regions; objects of any size up to an alignment of any power of two; thread-safe; gives
 *     every byte back to the system; resizes
 *
 * Parameters:
 *   name                   type  default  range   meaning
 *   faa_heap_growth        bool  0        -       carve regions from large ranges
 *   threadlocal_heap_size  size  0        0..1TB  taken by each thread at a time, 0: nothing
 *   huge_page              bool  0        -       ask for huge pages once 8 MB are in use
 *   keep                   size  16MB     0..1GB  freed objects that stay mapped, 0: none
 *
 * Invariants: every mapping starts at a granule and is a multiple of one. The map holds how many
 *     granules it has at the first one, under this layer's number if it is an object, or was one
 *     and is kept, under nobody's if it is a region that no layer has claimed, or could not be
 *     unmapped. Of what a thread has
 *     taken for itself, each granule is on record as a mapping of its own.
 * Ordering: the entry of a mapping is cleared before it is unmapped, for the kernel may give the
 *     address to another thread at once
 * Wins: none yet
 * Source: paper table 2; mmap(2), mremap(2), madvise(2)
 */
#include "../core/system_begin.h"
#include "../data/granule_map.h"
#include "../data/kept.h"
#include "../data/ranges.h"
#include "../data/refused.h"
#include "../os/os.h"

#ifndef MMAP_HEAP_FAA_HEAP_GROWTH
#define MMAP_HEAP_FAA_HEAP_GROWTH 0
#endif
#ifndef MMAP_HEAP_THREADLOCAL_HEAP_SIZE
#define MMAP_HEAP_THREADLOCAL_HEAP_SIZE 0
#endif
#ifndef MMAP_HEAP_HUGE_PAGE
#define MMAP_HEAP_HUGE_PAGE 0
#endif
#ifndef MMAP_HEAP_KEEP
#define MMAP_HEAP_KEEP 16777216
#endif

#define OWN_SIZE mortise_round_up(MMAP_HEAP_THREADLOCAL_HEAP_SIZE, MORTISE_GRANULE)

MORTISE_ASSERT_STATIC(MMAP_HEAP_THREADLOCAL_HEAP_SIZE <= SIZE_MAX / 16 &&
                          MMAP_HEAP_THREADLOCAL_HEAP_SIZE >> 20 <= 1 << 20,
                      "mortise: mmap_heap: threadlocal_heap_size must lie in 0..1TB");
MORTISE_ASSERT_STATIC(MMAP_HEAP_KEEP <= 1 << 30, "mortise: mmap_heap: keep must lie in 0..1GB");

enum {
    SELF(needs) = 0,
    SELF(passes) = 0,
    SELF(offers) = MORTISE_HEAPS | MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS |
                   MORTISE_THREADSAFE | MORTISE_RETURNS | MORTISE_RESIZES | MORTISE_PRECISE |
                   MORTISE_CHECKS | MORTISE_PLACES
};

SELF_HEAP
{
    size_t system; /* bytes mapped, but for what is left of ranges */
    size_t direct; /* of these, in objects */
    size_t directs;
    struct mortise_kept kept;
    struct mortise_refused refused;
    struct mortise_ranges ranges;
    struct mortise_granule_map map;
};

/* What a thread has taken for itself. */
struct SELF(own) {
    char *at;
    char *end;
    char *range_end;
    bool joined; /* false: this is the state of nobody */
};

SELF_LOCAL
{
    __extension__ char
        own[MMAP_HEAP_THREADLOCAL_HEAP_SIZE != 0 ? sizeof(struct SELF(own)) : 0] MORTISE_ALIGNED(
            MMAP_HEAP_THREADLOCAL_HEAP_SIZE != 0 ? __alignof__(struct SELF(own)) : 1);
};

#include "shared/mappings.h"
#include "mmap_heap/regions.h"

/* Where the kernel has no more, perhaps because of a limit on addresses, the range has some. */
MORTISE_SLOW void *SELF(map_new)(SELF_HEAP *heap, size_t size, size_t align)
{
    size_t huge =
        MMAP_HEAP_HUGE_PAGE && size >= (size_t)2 << 20 ? (size_t)2 << 20 : MORTISE_GRANULE;
    char *base = SELF(take_refused)(heap, size, align);
    if (base == NULL)
        base = (char *)mortise_os_map(size, align > huge ? align : huge);
    if (base == NULL && MMAP_HEAP_FAA_HEAP_GROWTH && align <= MORTISE_GRANULE)
        base = (char *)mortise_ranges_take_rest(&heap->ranges, size);
    if (base == NULL)
        return NULL;
    if (!SELF(record)(heap, base, size, true)) {
        mortise_os_unmap(base, size);
        return NULL;
    }
    if (MMAP_HEAP_HUGE_PAGE)
        SELF(advise)(heap, base, size, base + size);
    SELF(count)(heap, size, true);
    return base;
}

#include "mmap_heap/kept.h"

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap;
    if (OWN_SIZE != 0 && ctx->kind == MORTISE_THREAD)
        ((struct SELF(own) *)(void *)local)->joined = true;
    return ctx;
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_HEAP_BESIDE) {
        mortise_granule_map_walk(&heap->map, SELF(unmap_run), heap);
        mortise_granule_map_destroy(&heap->map);
        mortise_ranges_destroy(&heap->ranges);
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool object = ctx->kind == MORTISE_OBJECT;
    bool sound = ctx->size <= MORTISE_MAX_SIZE - MORTISE_GRANULE;
    size_t size = mortise_round_up(ctx->size + (ctx->size == 0), MORTISE_GRANULE);
    struct mortise_kept_piece got = {NULL, size};
    if (sound && object && MMAP_HEAP_KEEP != 0 && ctx->align <= MORTISE_GRANULE)
        got = SELF(reuse)(heap, size);
    ctx->zeroed = got.base == NULL;
    if (sound && got.base == NULL && object)
        got.base = (char *)SELF(map_object)(heap, size, ctx->align);
    else if (sound && got.base == NULL)
        got.base = (char *)SELF(map_region)(heap, local, size, ctx->align);
    ctx->ptr = got.base;
    ctx->usable = got.size;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (MORTISE_UNLIKELY(ctx->kind != MORTISE_OBJECT)) {
        SELF(unmap)(heap, ctx->ptr, ctx->size, false);
        ctx->status = MORTISE_OK;
        return ctx;
    }
    ctx->status = SELF(judge)(ctx->ptr, ctx->owned);
    if (MORTISE_LIKELY(ctx->status == MORTISE_OK))
        SELF(keep)(heap, ctx->ptr, SELF(bytes_of)(ctx->owned));
    return ctx;
}

#define LAYER_HAS_RESIZE
MORTISE_FAST mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    void *moved = NULL;
    if (ctx->size <= MORTISE_MAX_SIZE - MORTISE_GRANULE &&
        SELF(judge)(ctx->ptr, ctx->owned) == MORTISE_OK) {
        ctx->usable = mortise_round_up(ctx->size + (ctx->size == 0), MORTISE_GRANULE);
        moved = SELF(remap)(heap, ctx->ptr, SELF(bytes_of)(ctx->owned), ctx->usable, ctx->may_move);
    }
    ctx->status = moved != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    if (moved != NULL)
        ctx->ptr = moved;
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->ptr == NULL)
        ctx->usable += SELF(give_back)(heap, SIZE_MAX);
    else if (mortise_os_purge(ctx->ptr, ctx->size))
        ctx->usable += ctx->size;
    return ctx;
}

#define LAYER_KEEPS
#include "shared/mapped.h"
#define LAYER_WALKS_THREADS
#include "shared/walk.h"

/* What a thread has taken and never used. */
MORTISE_SLOW void SELF(walk_thread)(struct mortise_walk *walk, SELF_LOCAL *local)
{
    const struct SELF(own) *own = (const struct SELF(own) *)(const void *)local;
    if (OWN_SIZE != 0)
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_TOP, own->at,
                           (size_t)(own->end - own->at), "reserve", 0);
}

#undef LAYER_KEEPS
#undef LAYER_REFUSED
#undef LAYER_WALKS_THREADS
#undef MARK
#undef OWN_SIZE
#undef MMAP_HEAP_FAA_HEAP_GROWTH
#undef MMAP_HEAP_THREADLOCAL_HEAP_SIZE
#undef MMAP_HEAP_HUGE_PAGE
#undef MMAP_HEAP_KEEP
#include "../core/layer_end.h"
