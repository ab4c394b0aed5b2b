/* SPDX-License-Identifier: MIT */
/*
 * slab_wf - slabs that belong to one thread each, without locks and without waiting
 *
 * Each thread takes blocks from slabs of its own, by a few plain instructions. A block that another
 * thread frees is one bit in the slab's record, set by one atomic operation; the owner collects the
 * bits when it runs out. A slab that runs empty serves any class; a thread keeps up to tllabs of
 * them, and gives the others back to the neighbour. When a thread ends, the next one takes over
 * its state with all slabs.
 *
 * Needs: regions; objects of any alignment for what size_handle leaves to the neighbour; a
 *     thread-safe neighbour
 * Offers: objects of known size; size classes to caches; batches; whose a block is; thread-safe;
 *     quick
 *
 * Parameters:
 *   name         type       default    range        meaning
 *   sizeclass    sizeclass  prime      -            which block sizes there are
 *   slab_size    size       64KB       64KB..1MB    least size of a slab
 *   tllabs       int        40         0..4096      most empty slabs that a thread keeps
 *   size_handle  range      [0,65536]  0..SIZE_MAX  sizes served here; others go to next
 *
 * Invariants: those of data/wf_slab.h. Every slab of a class that has room is the active one or in
 *     `partial`, every other one in `full`. The state of nobody owns nothing: its `none` is an
 *     empty slab that stands for every active one.
 * Ordering: data/wf_slab.h. A thread's state passes to the next under the heap's lock.
 * Wins: threads that free what others allocated: wfslab takes 0.51 of mimalloc's time for sh8bench,
 *     0.72 for mstress and 0.84 for xmalloc (docs/results/workloads.md, two cores)
 * Source: paper section 3 (wfslab); Leijen et al., Mimalloc, 2019, for slabs with an owner
 */
#include "../core/layer_begin.h"
#include "../data/wf_slab.h"
#include "../policy/sizeclass.h"

#ifndef SLAB_WF_SIZECLASS
#define SLAB_WF_SIZECLASS prime
#endif
#ifndef SLAB_WF_SIZECLASS_LEAST
#define SLAB_WF_SIZECLASS_LEAST 0
#endif
#ifndef SLAB_WF_SIZECLASS_MOST
#define SLAB_WF_SIZECLASS_MOST 0
#endif
#ifndef SLAB_WF_SIZECLASS_STEP
#define SLAB_WF_SIZECLASS_STEP 0
#endif
#ifndef SLAB_WF_SLAB_SIZE
#define SLAB_WF_SLAB_SIZE 65536
#endif
#ifndef SLAB_WF_TLLABS
#define SLAB_WF_TLLABS 40
#endif
#ifndef SLAB_WF_SIZE_HANDLE
#define SLAB_WF_SIZE_HANDLE 0, 65536
#endif
#include MORTISE_POLICY(sizeclass, SLAB_WF_SIZECLASS)

#define SIZECLASS(x) MORTISE_MEMBER(SLAB_WF_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SLAB_WF_SIZECLASS_LEAST, SLAB_WF_SIZECLASS_MOST, SLAB_WF_SIZECLASS_STEP)

MORTISE_ASSERT_STATIC(SLAB_WF_SLAB_SIZE >= 65536 && SLAB_WF_SLAB_SIZE <= 1 << 20,
                      "mortise: slab_wf: slab_size must lie in 64KB..1MB");
MORTISE_ASSERT_STATIC(SLAB_WF_TLLABS >= 0 && SLAB_WF_TLLABS <= 4096,
                      "mortise: slab_wf: tllabs must lie in 0..4096");
MORTISE_ASSERT_STATIC(MORTISE_LOW(SLAB_WF_SIZE_HANDLE) < MORTISE_HIGH(SLAB_WF_SIZE_HANDLE),
                      "mortise: slab_wf: size_handle=[lo,hi] needs lo < hi");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(sizeclass_id) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), SLAB_WF),
    SELF(looks) = 8, /* full slabs of a class that a request looks at before it takes a new one */
    SELF(most) = 1 << 17, /* the largest block: eight of them make the largest slab */
    SELF(slab_size) = (SLAB_WF_SLAB_SIZE + 65535) / 65536 * 65536,
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_THREADSAFE,
    SELF(offers) = MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_CLASSES | MORTISE_PLACES |
                   MORTISE_THREADSAFE | MORTISE_QUICK | MORTISE_HOMES,
    SELF(passes) =
        MORTISE_REGIONS | MORTISE_ONE_RANGE | MORTISE_RETURNS | MORTISE_RESIZES | MORTISE_PRECISE
};

struct SELF(pool);

SELF_HEAP
{
    struct SELF(pool) * pool; /* of records */
};

SELF_LOCAL
{
    struct mortise_wf_slab none;
    size_t active[SELF(classes)]; /* how far the slab that serves a class is from `none` */
    struct mortise_wf_slab *partial[SELF(classes)];
    struct mortise_wf_slab *full[SELF(classes)];
    struct mortise_wf_slab *empty;   /* of slab_size, linked by next */
    struct mortise_wf_slab *records; /* without a slab, linked by next */
    unsigned empties;
    bool begun;
};

MORTISE_FAST struct mortise_wf_slab *SELF(at)(SELF_LOCAL *local, size_t offset)
{
    return (struct mortise_wf_slab *)((uintptr_t)&local->none + offset);
}

MORTISE_FAST struct mortise_wf_slab *SELF(active)(SELF_LOCAL *local, unsigned szcls)
{
    return local->active[szcls] == 0 ? NULL : SELF(at)(local, local->active[szcls]);
}

MORTISE_FAST void SELF(set_active)(SELF_LOCAL *local, unsigned szcls, struct mortise_wf_slab *slab)
{
    slab->count += mortise_wf_active;
    local->active[szcls] = (uintptr_t)slab - (uintptr_t)&local->none;
}

/* The record of an owned place; its low bits are the owner's number. */
MORTISE_FAST struct mortise_wf_slab *SELF(slab_of)(uint64_t owned)
{
    return (struct mortise_wf_slab *)(uintptr_t)(owned - SELF(number)());
}

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    const size_t lo = MORTISE_LOW(SLAB_WF_SIZE_HANDLE), hi = MORTISE_HIGH(SLAB_WF_SIZE_HANDLE);
    const size_t most =
        SIZECLASS(most)(CLASSES) < SELF(most) ? SIZECLASS(most)(CLASSES) : (size_t)SELF(most);
    const size_t fine = SIZECLASS(fine)(CLASSES);
    if (lo == 0 && fine <= hi && fine <= most && align <= MORTISE_SIZECLASS_UNIT &&
        MORTISE_LIKELY(size <= fine))
        return true; /* the look-up of the class asks the same, and then it is asked once */
    size_t judged = size > align || align <= MORTISE_SIZECLASS_UNIT ? size : align;
    return mortise_within(judged, lo, hi) && judged <= most &&
           align <= MORTISE_GRANULE; /* to which a slab is aligned */
}

/* The least class whose blocks all lie at multiples of `align`; SELF(classes): none. */
MORTISE_SLOW unsigned SELF(aligned_class)(size_t size, size_t align)
{
    unsigned szcls = SIZECLASS(size_to_szcls)(size > align ? size : align, CLASSES);
    unsigned last = SIZECLASS(size_to_szcls)(SIZECLASS(most)(CLASSES), CLASSES);
    while (szcls <= last && SIZECLASS(szcls_to_size)(szcls, CLASSES) % align != 0)
        szcls++;
    return szcls <= last && SIZECLASS(szcls_to_size)(szcls, CLASSES) <= SELF(most)
               ? szcls
               : (unsigned)SELF(classes);
}

#include "shared/region.h"

#include "slab_wf/slabs.h"

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    ctx = NEXT(create)(ctx, heap, local);
    if (ctx->status == MORTISE_OK && ctx->kind == MORTISE_THREAD)
        local->begun = true;
    return ctx;
}

/* What the thread holds empty goes back; the rest stays with the state, for the next thread. */
#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD)
        SELF(purge)(heap, local);
    return NEXT(destroy)(ctx, heap, local);
}

#define LAYER_HAS_REST
MORTISE_FAST mctx_t *SELF(alloc_rest)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    unsigned szcls = SELF(classes);
    if (SELF(handles)(ctx->size, ctx->align))
        szcls = MORTISE_LIKELY(ctx->align <= MORTISE_SIZECLASS_UNIT)
                    ? SIZECLASS(size_to_szcls)(ctx->size, CLASSES)
                    : SELF(aligned_class)(ctx->size, ctx->align);
    if (MORTISE_UNLIKELY(!local->begun))
        local = SELF(attach)(heap, local);
    if (MORTISE_UNLIKELY(szcls >= SELF(classes) || !local->begun))
        return NEXT(alloc)(ctx, heap, local);
    ctx->ptr = SELF(take)(heap, local, szcls);
    ctx->usable = SIZECLASS(szcls_to_size)(szcls, CLASSES);
    ctx->zeroed = false;
    ctx->status = ctx->ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

/* The bases are told anew, so that record and list stay operands of the instructions that use them:
 * a warm malloc is 16 instructions, a free 22 (x86-64, gcc; tests/budget counts them). */
MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT)
        return NEXT_COLD(alloc)(ctx, heap, local);
    if (MORTISE_LIKELY(ctx->align <= MORTISE_SIZECLASS_UNIT &&
                       SELF(handles)(ctx->size, ctx->align))) {
        unsigned szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
        size_t offset = local->active[szcls];
        void *block = SELF(at)(local, offset)->free;
        if (MORTISE_LIKELY(block != NULL)) {
            MORTISE_BASE(block);
            MORTISE_BASE(offset);
            SELF(at)(local, offset)->free = *(void **)block;
            MORTISE_BASE(offset);
            SELF(at)(local, offset)->count++;
            ctx->ptr = block;
            ctx->usable = SIZECLASS(szcls_to_size)(szcls, CLASSES);
            ctx->zeroed = false;
            ctx->status = MORTISE_OK;
            return ctx;
        }
    }
    return REST(alloc)(ctx, heap, local);
}

/* A block comes here that is not ours, or after its free in a slab of this thread, when the count
 * has reached 0: the slab is empty, or full no longer. */
#define LAYER_HAS_FREE_LOOK
MORTISE_FAST mctx_t *SELF(free_look)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    ctx->done = mortise_owned_by(ctx->owned, SELF(number)());
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free_rest)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!ctx->done)
        return NEXT(free)(ctx, heap, local);
    SELF(look_at)(heap, local, SELF(slab_of)(ctx->owned));
    return ctx;
}

/* Takes the word as it is, so that the hot path needs no address of the record either. */
MORTISE_APART void SELF(remote_free)(void *block, uint64_t owned)
{
    mortise_wf_remote_free(SELF(slab_of)(owned), block);
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT)
        return NEXT_COLD(free)(ctx, heap, local);
    if (MORTISE_LIKELY(mortise_owned_by(ctx->owned, SELF(number)()))) {
        if (MORTISE_UNLIKELY(SELF(slab_of)(ctx->owned)->owner != local)) {
            SELF(remote_free)(ctx->ptr, ctx->owned);
            return ctx;
        }
        MORTISE_BASE(ctx->owned);
        mortise_wf_push(SELF(slab_of)(ctx->owned), ctx->ptr);
        MORTISE_BASE(ctx->owned);
        if (MORTISE_LIKELY(--SELF(slab_of)(ctx->owned)->count != 0))
            return ctx;
    }
    return REST(free)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!mortise_owned_by(ctx->owned, SELF(number)())) {
        NEXT(getmeta)(ctx, heap, local)->szcls = SELF(classes); /* none of its own */
        return ctx;
    }
    ctx->szcls = SELF(slab_of)(ctx->owned)->szcls;
    ctx->usable = SELF(slab_of)(ctx->owned)->block;
    ctx->fixed = true;
    ctx->remote = SELF(slab_of)(ctx->owned)->owner != local;
    return ctx;
}

#define LAYER_HAS_BATCH
MORTISE_SLOW mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    local = SELF(attach)(heap, local);
    if (!local->begun || !SELF(handles)(ctx->size, 1))
        return NEXT(alloc_batch)(ctx, heap, local);
    SELF(take_batch)(heap, local, ctx);
    return ctx;
}

MORTISE_SLOW mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct SELF(bits) bits = {NULL, 0};
    void *block = ctx->ptr;
    while (block != NULL) {
        mctx_t one = mctx_make(MORTISE_OBJECT, block, 0, 1);
        block = *(void **)block;
        one.extra = ctx->extra;
        NEXT(whose)(&one, heap, local);
        if (mortise_owned_by(one.owned, SELF(number)()) && SELF(slab_of)(one.owned)->owner != local)
            SELF(add_bit)(&bits, SELF(slab_of)(one.owned), one.ptr);
        else
            SELF(free)(&one, heap, local);
    }
    SELF(set_bits)(&bits);
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
    if (!mortise_owned_by(ctx->owned, SELF(number)()))
        return NEXT(resize)(ctx, heap, local);
    ctx->status = MORTISE_NO_MEMORY;
    return ctx;
}

/* Only the caller's own slabs: those of others are not ours to touch. */
#define LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL) {
        local = SELF(attach)(heap, local);
        SELF(purge)(heap, local);
    }
    return NEXT(trim)(ctx, heap, local);
}

#include "slab_wf/walk.h"

#define LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    SELF(add_up)(local, (struct mortise_stats *)ctx->ptr);
    return NEXT(stats)(ctx, heap, local);
}

/* A vanished thread may have been in the middle of its list, and no one can tell: its slabs are
 * never used again, and frees into them go on as from another thread. */
#define LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_ORPHAN)
        ctx->status = MORTISE_CORRUPT;
    return NEXT(fork)(ctx, heap, local);
}

#undef SIZECLASS
#undef CLASSES
#undef SLAB_WF_SIZECLASS
#undef SLAB_WF_SIZECLASS_LEAST
#undef SLAB_WF_SIZECLASS_MOST
#undef SLAB_WF_SIZECLASS_STEP
#undef SLAB_WF_SLAB_SIZE
#undef SLAB_WF_TLLABS
#undef SLAB_WF_SIZE_HANDLE
#include "../core/layer_end.h"
