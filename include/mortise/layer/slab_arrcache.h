/* SPDX-License-Identifier: MIT */
/*
 * slab_arrcache - free blocks kept by each thread in one array for each slab that they lie in
 *
 * For the locality of pages: what a thread allocates in a row comes out of one slab, until the
 * array of that slab is empty; then the slab goes on of which most is kept. What is given back goes
 * there slab by slab as well, so that slabs run empty sooner. A slab is a stretch of slab_size
 * bytes; those of a class share `slabs` arrays by their addresses, and where two want the same one,
 * what is kept of the first goes home. A block is not touched while it is kept.
 *
 * A class may use one more array each time that it has no room, until it uses `slabs` of them or
 * all that the arrays of a thread can hold adds up to cache_size; then another class has to give up
 * an array for it, in turn. What a thread keeps goes back when it ends, and in trim.
 *
 * A block that is freed twice while it is kept is not noticed, and may be handed out twice; on its
 * way to the neighbour each block goes once.
 *
 * Needs: objects of known size, and their size classes from the same sizeclass policy; a
 *     thread-safe neighbour, for threads meet there
 * Offers: what its neighbour offers, but regions and checks: it keeps blocks unseen; quick
 *
 * Parameters:
 *   name         type       default    range        meaning
 *   sizeclass    sizeclass  tc         -            the neighbour's
 *   size_handle  range      [0,32768]  0..SIZE_MAX  sizes that are kept; others go to next
 *   slab_size    size       64KB       4KB..64MB    a power of two; what lies within is near
 *   slabs        int        4          1..64        most arrays of a class
 *   slots        int        16         2..256       most blocks in an array
 *   cache_size   size       2MB        64KB..1GB    most bytes that one thread keeps
 *
 * Steps: a warm malloc up to 1 KiB is 16 instructions on slab_lk and mmap_heap; free, which looks
 *     for the slab's array, is 30; neither has an atomic operation (x86-64, gcc 12, -O3;
 *     tests/budget counts them)
 * Invariants: those of layer/shared/budget.h. An array whose slab is 0 is empty; of a class `used`
 *     have another one, at most `allowed`. For array k, with base = k * (slots + 1), base <= top <=
 *     base + the class's batch; slots[base] is NULL, and the blocks lie behind it, up to top. In
 *     the state of nobody every slab and every slot is 0, so that every operation takes the slow
 *     path before it writes.
 * Ordering: none; the arrays belong to one thread, and states pass from thread to thread under the
 *     heap's lock
 * Wins: none yet
 * Source: paper section 2.2, which says what it is for
 */
#include "../core/layer_begin.h"
#include "../data/chain.h"
#include "../policy/sizeclass.h"

#ifndef SLAB_ARRCACHE_SIZECLASS
#define SLAB_ARRCACHE_SIZECLASS tc
#endif
#ifndef SLAB_ARRCACHE_SIZECLASS_LEAST
#define SLAB_ARRCACHE_SIZECLASS_LEAST 0
#endif
#ifndef SLAB_ARRCACHE_SIZECLASS_MOST
#define SLAB_ARRCACHE_SIZECLASS_MOST 0
#endif
#ifndef SLAB_ARRCACHE_SIZECLASS_STEP
#define SLAB_ARRCACHE_SIZECLASS_STEP 0
#endif
#ifndef SLAB_ARRCACHE_SIZE_HANDLE
#define SLAB_ARRCACHE_SIZE_HANDLE 0, 32768
#endif
#ifndef SLAB_ARRCACHE_SLAB_SIZE
#define SLAB_ARRCACHE_SLAB_SIZE 65536
#endif
#ifndef SLAB_ARRCACHE_SLABS
#define SLAB_ARRCACHE_SLABS 4
#endif
#ifndef SLAB_ARRCACHE_SLOTS
#define SLAB_ARRCACHE_SLOTS 16
#endif
#ifndef SLAB_ARRCACHE_CACHE_SIZE
#define SLAB_ARRCACHE_CACHE_SIZE 2097152
#endif
#include MORTISE_POLICY(sizeclass, SLAB_ARRCACHE_SIZECLASS)

#define SIZECLASS(x) MORTISE_MEMBER(SLAB_ARRCACHE_SIZECLASS, x)
#define CLASSES                                                                                    \
    mortise_sizeclass_of(SLAB_ARRCACHE_SIZECLASS_LEAST, SLAB_ARRCACHE_SIZECLASS_MOST,              \
                         SLAB_ARRCACHE_SIZECLASS_STEP)
#define KEPT SLAB_ARRCACHE_SIZE_HANDLE

MORTISE_ASSERT_STATIC(SLAB_ARRCACHE_SLAB_SIZE >= 4096 && SLAB_ARRCACHE_SLAB_SIZE <= 64 << 20,
                      "mortise: slab_arrcache: slab_size must lie in 4KB..64MB");
MORTISE_ASSERT_STATIC((SLAB_ARRCACHE_SLAB_SIZE & (SLAB_ARRCACHE_SLAB_SIZE - 1)) == 0,
                      "mortise: slab_arrcache: slab_size must be a power of two");
MORTISE_ASSERT_STATIC(SLAB_ARRCACHE_SLABS >= 1 && SLAB_ARRCACHE_SLABS <= 64,
                      "mortise: slab_arrcache: slabs must lie in 1..64");
MORTISE_ASSERT_STATIC(SLAB_ARRCACHE_SLOTS >= 2 && SLAB_ARRCACHE_SLOTS <= 256,
                      "mortise: slab_arrcache: slots must lie in 2..256");
MORTISE_ASSERT_STATIC(SLAB_ARRCACHE_CACHE_SIZE >= 65536 && SLAB_ARRCACHE_CACHE_SIZE <= 1 << 30,
                      "mortise: slab_arrcache: cache_size must lie in 64KB..1GB");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(arrays) = SELF(classes) * SLAB_ARRCACHE_SLABS,
    SELF(stride) = SLAB_ARRCACHE_SLOTS + 1, /* from the base of an array to the next one's */
    SELF(needs_sizeclass) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), SLAB_ARRCACHE),
    SELF(needs) = MORTISE_OBJECTS | MORTISE_CLASSES | MORTISE_THREADSAFE,
    SELF(offers) = MORTISE_QUICK,
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_CHECKS | MORTISE_REGIONS | MORTISE_PRECISE)
};

SELF_HEAP
{
    MORTISE_NO_STATE;
};

struct SELF(array) {
    uintptr_t slab; /* its address divided by slab_size; 0: not used */
    uint32_t top;   /* the slot of the block that was freed last, or the base */
    uint32_t end;   /* the last slot that may hold one */
};

SELF_LOCAL
{
    struct SELF(array) arrays[SELF(arrays)];
    uint32_t active[SELF(classes)]; /* how far the array that serves a class is from the first */
    uint8_t allowed[SELF(classes)]; /* how many arrays the class may use */
    uint8_t used[SELF(classes)];
    size_t budget; /* what the allowed ones can hold, in bytes */
    unsigned next_victim;
    bool begun;
    void *slots[SELF(arrays) * SELF(stride)];
};

#include "shared/classes.h"
#include "shared/send.h"
#include "slab_arrcache/arrays.h"

#include "shared/thread.h"
#include "shared/walk.h"

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD)
        SELF(begin)(local);
    return NEXT(create)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT)
        return NEXT_COLD(alloc)(ctx, heap, local);
    if (MORTISE_LIKELY(SELF(handles)(ctx->size, ctx->align))) {
        unsigned szcls = SIZECLASS(size_to_szcls)(ctx->size, CLASSES);
        struct SELF(array) *array = SELF(active)(local, szcls);
        void *block = local->slots[array->top];
        if (MORTISE_LIKELY(block != NULL)) {
            MORTISE_BASE(array); /* the top is counted in place */
            array->top--;
            ctx->ptr = block;
            ctx->usable = SIZECLASS(szcls_to_size)(szcls, CLASSES);
            ctx->zeroed = false;
            ctx->status = MORTISE_OK;
            return ctx;
        }
    }
    return REST(alloc)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT)
        return NEXT_COLD(free)(ctx, heap, local);
    ctx->szcls = SELF(classes); /* getmeta names a class where there is one */
    NEXT(getmeta)(ctx, heap, local);
    if (MORTISE_LIKELY(SELF(keeps)(ctx->szcls))) {
        struct SELF(array) *array =
            &local->arrays[SELF(number_of)((unsigned)ctx->szcls, SELF(slab_at)(ctx->ptr))];
        if (MORTISE_LIKELY(array->slab == SELF(slab_at)(ctx->ptr) && array->top < array->end)) {
            local->slots[(size_t)array->top + 1] = ctx->ptr;
            MORTISE_BASE(array);
            array->top++;
            return ctx;
        }
    }
    return REST(free)(ctx, heap, local);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    for (unsigned i = 0; ctx->kind == MORTISE_THREAD && local->begun && i < SELF(arrays); i++) {
        void **blocks = &local->slots[SELF(base)(i) + 1];
        size_t size = SIZECLASS(szcls_to_size)(SELF(class_of)(i), CLASSES);
        SELF(walk_array)(walk, heap, local, blocks, SELF(held)(local, i), size);
    }
    return NEXT(walk)(ctx, heap, local);
}

/* Blocks pass without an announcement, so a vanished thread may have been about to move one. Its
 * arrays are not looked at: what they hold is lost to the child. */
#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_ORPHAN)
        SELF(forget)(local);
    return NEXT(fork)(ctx, heap, local);
}

#undef SIZECLASS
#undef CLASSES
#undef KEPT
#undef SLAB_ARRCACHE_SIZECLASS
#undef SLAB_ARRCACHE_SIZECLASS_LEAST
#undef SLAB_ARRCACHE_SIZECLASS_MOST
#undef SLAB_ARRCACHE_SIZECLASS_STEP
#undef SLAB_ARRCACHE_SIZE_HANDLE
#undef SLAB_ARRCACHE_SLAB_SIZE
#undef SLAB_ARRCACHE_SLABS
#undef SLAB_ARRCACHE_SLOTS
#undef SLAB_ARRCACHE_CACHE_SIZE
#define LAYER_NEEDS_SIZECLASS
#include "../core/layer_end.h"
