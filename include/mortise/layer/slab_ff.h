/* SPDX-License-Identifier: MIT */
/*
 * slab_ff - blocks of one size in folios, of which the fullest that has room serves
 *
 * Requests are rounded up to a size class. Each class has chunks of chunk_size, which hold nothing
 * but its folios: the fewest pages that hold a whole number of blocks, or, where that would be more
 * than half a chunk, one block each. A block comes from the fullest folio that has one free, so
 * that others run empty; the pages of those go back to the system, but for `spare` of each class.
 * Which chunk an address is in, the record of its granules says, and which folio, one
 * multiplication. Free blocks are not touched. Chunks stay with their class until malloc_trim, or
 * until memory is out; a chunk that nobody has a block of goes back whole then.
 *
 * Blocks that have a folio to themselves are moved by `spread` against each other's cache sets,
 * which a cache on the user side cannot know of: then the layer names no classes to caches.
 *
 * Needs: regions; objects of any alignment for what size_handle leaves to the neighbour; a
 *     thread-safe neighbour unless sync=none
 * Offers: objects of known size; batches; size classes to caches, if spread=first_line; recognises
 *     a block that is free already; thread-safe unless sync=none
 *
 * Parameters:
 *   name         type       default      range        meaning
 *   sync         sync       futex        -            how threads exclude each other from a class
 *   sizeclass    sizeclass  supermalloc  -            which block sizes there are
 *   size_handle  range      [0,14272]    0..SIZE_MAX  sizes served here; others go to next
 *   chunk_size   size       2MB          256KB..64MB  memory fetched at a time; what is larger than
 *                                                     it goes to next
 *   spare        int        1            0..65536     empty folios of a class that keep their pages
 *   spread       spread     first_line   -            where in its folio a block begins that has
 *                                                     one to itself
 *
 * Invariants: those of data/folio.h, under the lock of the class. The granules of a chunk are
 *     claimed before its first block is handed out. A block cannot leave its class, so resize
 *     refuses.
 * Ordering: the sync policy's. Whoever frees a block got it after the claim of its granules; base
 *     and class of a chunk do not change while a block of it is out.
 * Wins: none yet
 * Source: Kuszmaul, SuperMalloc, ISMM 2015
 */
#include "../core/layer_begin.h"
#include "../data/folio_tasks.h"
#include "../policy/sizeclass.h"
#include "../policy/spread.h"
#include "../policy/sync.h"

#ifndef SLAB_FF_SYNC
#define SLAB_FF_SYNC futex
#endif
#ifndef SLAB_FF_SIZECLASS
#define SLAB_FF_SIZECLASS supermalloc
#endif
#ifndef SLAB_FF_SIZECLASS_LEAST
#define SLAB_FF_SIZECLASS_LEAST 0
#endif
#ifndef SLAB_FF_SIZECLASS_MOST
#define SLAB_FF_SIZECLASS_MOST 0
#endif
#ifndef SLAB_FF_SIZECLASS_STEP
#define SLAB_FF_SIZECLASS_STEP 0
#endif
#ifndef SLAB_FF_SIZE_HANDLE
#define SLAB_FF_SIZE_HANDLE 0, 14272
#endif
#ifndef SLAB_FF_CHUNK_SIZE
#define SLAB_FF_CHUNK_SIZE 2097152
#endif
#ifndef SLAB_FF_SPARE
#define SLAB_FF_SPARE 1
#endif
#ifndef SLAB_FF_SPREAD
#define SLAB_FF_SPREAD first_line
#endif
#include MORTISE_POLICY(sync, SLAB_FF_SYNC)
#include MORTISE_POLICY(sizeclass, SLAB_FF_SIZECLASS)
#include MORTISE_POLICY(spread, SLAB_FF_SPREAD)

#define SYNC(x) MORTISE_MEMBER(SLAB_FF_SYNC, x)
#define STATE MORTISE_MEMBER_STATE(SLAB_FF_SYNC)
#define SIZECLASS(x) MORTISE_MEMBER(SLAB_FF_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SLAB_FF_SIZECLASS_LEAST, SLAB_FF_SIZECLASS_MOST, SLAB_FF_SIZECLASS_STEP)
#define SPREAD(x) MORTISE_MEMBER(SLAB_FF_SPREAD, x)
#define SIZE_HANDLE SLAB_FF_SIZE_HANDLE

MORTISE_ASSERT_STATIC(SLAB_FF_CHUNK_SIZE >= 262144 && SLAB_FF_CHUNK_SIZE <= 64 << 20,
                      "mortise: slab_ff: chunk_size must lie in 256KB..64MB");
MORTISE_ASSERT_STATIC(SLAB_FF_SPARE >= 0 && SLAB_FF_SPARE <= 65536,
                      "mortise: slab_ff: spare must lie in 0..65536");
MORTISE_ASSERT_STATIC(MORTISE_LOW(SIZE_HANDLE) < MORTISE_HIGH(SIZE_HANDLE),
                      "mortise: slab_ff: size_handle=[lo,hi] needs lo < hi");
MORTISE_ASSERT_STATIC(SIZECLASS(classes) <= 256, "mortise: slab_ff: more than 256 size classes");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(sizeclass_id) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), SLAB_FF),
    SELF(chunk) = (SLAB_FF_CHUNK_SIZE + 65535) / 65536 * 65536,
    SELF(folio_most) = SELF(chunk) / 2 < 1 << 20 ? SELF(chunk) / 2 : 1 << 20,
    SELF(room) = SPREAD(room),
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | SELF(safe),
    SELF(offers) = MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_PLACES |
                   (SPREAD(room) == 0 ? MORTISE_CLASSES : 0) | SELF(safe) |
                   (SYNC(sleeps) ? MORTISE_SLEEPS : 0),
    /* A block that is freed twice may be another, at another line, by then. */
    SELF(passes) = MORTISE_REGIONS | MORTISE_ONE_RANGE | MORTISE_RETURNS | MORTISE_RESIZES |
                   MORTISE_PRECISE | (SPREAD(room) == 0 ? MORTISE_CHECKS : 0)
};

struct SELF(class) {
    STATE sync;
    struct mortise_folios list;
    struct mortise_folio_chunk *records; /* spare ones; under records_sync */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

SELF_HEAP
{
    struct SELF(class) classes[SELF(classes)];
    STATE records_sync;
    struct mortise_folio_store store; /* of records; under records_sync */
};

SELF_LOCAL
{
    struct SYNC(local) sync[SELF(classes) + 1]; /* the last one for the records */
    struct SPREAD(local) spread;
};

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    const size_t lo = MORTISE_LOW(SIZE_HANDLE), hi = MORTISE_HIGH(SIZE_HANDLE);
    size_t judged = size > align || align <= 16 ? size : align;
    return judged <= SIZECLASS(most)(CLASSES) && mortise_within(judged, lo, hi) &&
           judged <= SELF(chunk) && align <= MORTISE_GRANULE; /* to which a chunk is aligned */
}

MORTISE_FAST struct mortise_folio_shape SELF(shape)(unsigned szcls)
{
    return mortise_folio_shape(SIZECLASS(szcls_to_size)(szcls, CLASSES), SELF(folio_most));
}

MORTISE_FAST void SELF(give)(struct mortise_folios *list, uint64_t owned, void *block,
                             struct mortise_folio **emptied)
{
    struct mortise_folio_back task = {list,
                                      (struct mortise_folio_chunk *)mortise_owner_record(owned),
                                      block, MORTISE_OK, *emptied};
    mortise_folio_do_give(&task);
    *emptied = task.lent;
}

MORTISE_SLOW size_t SELF(unused)(const struct mortise_folios *list)
{
    return list->there_are - list->out;
}

MORTISE_SLOW void SELF(release)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_folio *folio);

#include "shared/region.h"
#include "shared/slabs.h"

#include "slab_ff/classes.h"
#include "slab_ff/chunks.h"

/* Up to `count` blocks of a class; at least one, unless memory is out. */
MORTISE_FAST struct mortise_folio_request SELF(take)(SELF_HEAP *heap, SELF_LOCAL *local,
                                                     unsigned szcls, unsigned count, unsigned shift)
{
    struct mortise_folio_request task = {&heap->classes[szcls].list, NULL, count, shift, 0, NULL};
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[szcls])))
        local = SELF(attach)(heap, local);
    SELF(exec)(heap, local, szcls, mortise_folio_do_take, &task);
    if (MORTISE_UNLIKELY(task.chain == NULL))
        SELF(grow)(heap, local, &task, szcls);
    return task;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    SELF(begin_syncs)(ctx, heap, local);
    if (ctx->status == MORTISE_OK && ctx->kind == MORTISE_THREAD)
        SPREAD(join)(&local->spread);
    else if (ctx->status == MORTISE_OK)
        SELF(begin_lists)(heap);
    return ctx;
}

/* The class that serves a request, and how far the block is moved in its folio. */
struct SELF(choice) {
    unsigned szcls;
    unsigned shift;
};

/* Where the block has a folio to itself, with what it may be moved by: whole cache lines, so that
 * all alignments up to one are kept. */
MORTISE_SLOW struct SELF(choice)
    SELF(spread)(SELF_HEAP *heap, SELF_LOCAL *local, size_t size, size_t align)
{
    struct SELF(choice) choice = {SIZECLASS(size_to_szcls)(size, CLASSES), 0};
    size_t wanted = size + SELF(room);
    if (SELF(shape)(choice.szcls).blocks == 1 && wanted <= SIZECLASS(most)(CLASSES) &&
        wanted <= SELF(chunk)) {
        unsigned moved = SIZECLASS(size_to_szcls)(wanted, CLASSES);
        if (SELF(shape)(moved).blocks == 1) {
            local = SELF(attach)(heap, local);
            choice.szcls = moved;
            choice.shift = (unsigned)SPREAD(offset)(&local->spread);
            return choice;
        }
    }
    if (align > 16)
        choice.szcls = SELF(aligned_class)(size, align);
    return choice;
}

MORTISE_FAST struct SELF(choice) SELF(choose)(SELF_HEAP *heap, SELF_LOCAL *local, const mctx_t *ctx)
{
    struct SELF(choice) choice = {SELF(classes), 0};
    if (ctx->kind != MORTISE_OBJECT || !SELF(handles)(ctx->size, ctx->align))
        return choice;
    if (MORTISE_UNLIKELY(ctx->align > MORTISE_CACHE_LINE || (SELF(room) == 0 && ctx->align > 16)))
        choice.szcls = SELF(aligned_class)(ctx->size, ctx->align);
    else if (SELF(room) != 0)
        choice = SELF(spread)(heap, local, ctx->size, ctx->align);
    else
        choice.szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
    if (SIZECLASS(most)(CLASSES) > SELF(chunk) && choice.szcls < SELF(classes) &&
        SIZECLASS(szcls_to_size)(choice.szcls, CLASSES) > SELF(chunk))
        choice.szcls = SELF(classes);
    return choice;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(choice) choice = SELF(choose)(heap, local, ctx);
    if (MORTISE_UNLIKELY(choice.szcls >= SELF(classes)))
        return NEXT(alloc)(ctx, heap, local);
    ctx->ptr = SELF(take)(heap, local, choice.szcls, 1, choice.shift).chain;
    ctx->usable = SIZECLASS(szcls_to_size)(choice.szcls, CLASSES) - choice.shift;
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t szcls = ctx->kind == MORTISE_OBJECT ? SELF(class_of)(ctx->owned) : (size_t)SELF(classes);
    if (szcls >= SELF(classes))
        return NEXT(free)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SYNC(ready)(&local->sync[szcls])))
        local = SELF(attach)(heap, local);
    struct mortise_folio_back task = {
        &heap->classes[szcls].list, (struct mortise_folio_chunk *)mortise_owner_record(ctx->owned),
        ctx->ptr, MORTISE_OK, NULL};
    SELF(exec)(heap, local, szcls, mortise_folio_do_give, &task);
    if (MORTISE_UNLIKELY(task.lent != NULL))
        SELF(release)(heap, local, task.lent);
    ctx->status = task.error;
    return ctx;
}

#define LAYER_HAS_BATCH
MORTISE_FAST mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (SELF(room) != 0 || !SELF(handles)(ctx->size, 16))
        return NEXT(alloc_batch)(ctx, heap, local);
    unsigned szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
    struct mortise_folio_request task = SELF(take)(heap, local, szcls, ctx->count, 0);
    if (ctx->count == 1 && task.chain != NULL)
        *(void **)task.chain = NULL;
    ctx->ptr = task.chain;
    ctx->count = task.got;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (SELF(tell_class)(ctx, heap, local) && SELF(room) != 0 &&
        SELF(shape)((unsigned)ctx->szcls).blocks == 1) {
        const struct mortise_folio_chunk *chunk =
            (const struct mortise_folio_chunk *)mortise_owner_record(ctx->owned);
        size_t shift =
            (size_t)((char *)ctx->ptr - chunk->base) % SELF(shape)((unsigned)ctx->szcls).bytes;
        ctx->usable = shift < ctx->usable ? ctx->usable - shift : 0;
    }
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_SLOW mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL)
        ctx->usable += SELF(trim_all)(heap, SELF(attach)(heap, local));
    return NEXT(trim)(ctx, heap, local);
}

#include "slab_ff/walk.h"

#undef SYNC
#undef STATE
#undef SIZECLASS
#undef CLASSES
#undef SPREAD
#undef SIZE_HANDLE
#undef SLAB_FF_SYNC
#undef SLAB_FF_SIZECLASS
#undef SLAB_FF_SIZECLASS_LEAST
#undef SLAB_FF_SIZECLASS_MOST
#undef SLAB_FF_SIZECLASS_STEP
#undef SLAB_FF_SIZE_HANDLE
#undef SLAB_FF_CHUNK_SIZE
#undef SLAB_FF_SPARE
#undef SLAB_FF_SPREAD
#include "../core/layer_end.h"
