/* SPDX-License-Identifier: MIT */
/*
 * batched_free - frees of blocks that belong to others, gathered and sent home together
 *
 * Each thread gathers blocks that it frees until there are `batch` of them or they are `bytes`
 * together; then they go to the neighbour in one call, in the order of their addresses, so that
 * what lies in the same slab or page goes home together: slab_wf sets up to 64 bits by one atomic
 * operation then, and slab_lk takes a lock once for all blocks in a row that are of one class.
 *
 * Where the neighbour tells whose a block is (the fact HOMES), blocks of the thread itself are not
 * gathered but freed at once. Elsewhere all are. What a thread has gathered goes home when it ends,
 * and in trim.
 *
 * A block that is freed twice while it waits is not noticed, and goes home once.
 *
 * Needs: objects of known size; a thread-safe neighbour, for threads meet there
 * Offers: what its neighbour offers, but regions and checks: it keeps blocks unseen
 *
 * Parameters:
 *   name         type   default       range        meaning
 *   size_handle  range  [0,SIZE_MAX]  0..SIZE_MAX  sizes that are gathered; others go to next
 *   batch        int    64            2..1024      most blocks that a thread gathers
 *   bytes        size   64KB          4KB..1GB     most bytes that a thread gathers
 *
 * Invariants: room + blocks gathered = batch, and left + their bytes = `bytes`, but for nobody's
 *     state, which has no room, so that every free takes the slow path before it writes
 * Ordering: none; what is gathered belongs to one thread, and states pass from thread to thread
 *     under the heap's lock
 * Wins: none yet
 * Source: paper table 2, and section 4 for what it costs
 */
#include "../core/layer_begin.h"
#include "../data/chain.h"

#ifndef BATCHED_FREE_SIZE_HANDLE
#define BATCHED_FREE_SIZE_HANDLE 0, SIZE_MAX
#endif
#ifndef BATCHED_FREE_BATCH
#define BATCHED_FREE_BATCH 64
#endif
#ifndef BATCHED_FREE_BYTES
#define BATCHED_FREE_BYTES 65536
#endif

MORTISE_ASSERT_STATIC(BATCHED_FREE_BATCH >= 2 && BATCHED_FREE_BATCH <= 1024,
                      "mortise: batched_free: batch must lie in 2..1024");
MORTISE_ASSERT_STATIC(BATCHED_FREE_BYTES >= 4096 && BATCHED_FREE_BYTES <= 1 << 30,
                      "mortise: batched_free: bytes must lie in 4KB..1GB");

enum {
    SELF(needs) = MORTISE_OBJECTS | MORTISE_THREADSAFE,
    SELF(offers) = 0,
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_CHECKS | MORTISE_REGIONS)
};

SELF_HEAP
{
    MORTISE_NO_STATE;
};

SELF_LOCAL
{
    size_t left; /* bytes that may still be gathered */
    size_t room; /* blocks */
    bool begun;
    void *blocks[BATCHED_FREE_BATCH]; /* from `room` on */
};

/* Is the block, after getmeta, one to gather? */
MORTISE_FAST bool SELF(gathers)(const mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    if (ctx->owned == 0 || ctx->status != MORTISE_OK)
        return false;
    if ((NEXT(facts)() & MORTISE_HOMES) != 0 && !ctx->remote)
        return false;
    return ctx->usable >= sizeof(void *) && /* which NULL, if anybody owns it, is not */
           ctx->usable <= BATCHED_FREE_BYTES &&
           mortise_within(ctx->usable, MORTISE_LOW(BATCHED_FREE_SIZE_HANDLE),
                          MORTISE_HIGH(BATCHED_FREE_SIZE_HANDLE));
}

/* Is there room for a block of a size? */
MORTISE_FAST bool SELF(fits)(const SELF_LOCAL *local, size_t size)
{
    return local->room != 0 && size <= local->left;
}

MORTISE_FAST void SELF(gather)(SELF_LOCAL *local, void *block, size_t size)
{
    local->left -= size;
    local->blocks[--local->room] = block;
}

MORTISE_FAST void SELF(forget)(SELF_LOCAL *local)
{
    local->left = BATCHED_FREE_BYTES;
    local->room = BATCHED_FREE_BATCH;
}

#include "shared/send.h"
#include "shared/walk.h"

MORTISE_SLOW void SELF(flush)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (!local->begun || local->room == BATCHED_FREE_BATCH)
        return;
    void **blocks = &local->blocks[local->room];
    size_t count = BATCHED_FREE_BATCH - local->room;
    mortise_sort_addresses(blocks, count);
    SELF(forget)(local);
    SELF(send)(heap, local, blocks, count);
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD) {
        SELF(forget)(local);
        local->begun = true;
    }
    return NEXT(create)(ctx, heap, local);
}

/* The thread has ended: what it gathered goes home. */
#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD)
        SELF(flush)(heap, local);
    return NEXT(destroy)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(alloc)(ctx, heap, local);
}

#define LAYER_HAS_REST
MORTISE_FAST mctx_t *SELF(alloc_rest)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(alloc)(ctx, heap, local); /* nobody asks for it: alloc does all that there is */
}

/* Gathers a block for which there was no room, after sending the others home. It goes alone where
 * the thread can have no state. */
MORTISE_FAST mctx_t *SELF(free_rest)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    NEXT(getmeta)(ctx, heap, local);
    SELF_LOCAL *mine = SELF(attach)(heap, local);
    if (mine->begun && !SELF(fits)(mine, ctx->usable))
        SELF(flush)(heap, mine);
    if (!SELF(fits)(mine, ctx->usable))
        return NEXT_COLD(free)(ctx, heap, mine);
    SELF(gather)(mine, ctx->ptr, ctx->usable);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    bool gathers = false;
    if (ctx->kind == MORTISE_OBJECT) {
        if (ctx->owned != 0)
            NEXT(getmeta)(ctx, heap, local);
        gathers = SELF(gathers)(ctx, heap, local);
        ctx->status = MORTISE_OK; /* what is wrong with the block, the neighbour says again */
    }
    if (!gathers)
        return NEXT(free)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!SELF(fits)(local, ctx->usable)))
        return REST(free)(ctx, heap, local);
    SELF(gather)(local, ctx->ptr, ctx->usable);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return NEXT(getmeta)(ctx, heap, local);
}

/* Only what the caller gathered: that of others is not ours to touch. */
#define LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL)
        SELF(flush)(heap, local);
    return NEXT(trim)(ctx, heap, local);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind == MORTISE_THREAD && local->begun) {
        size_t count = BATCHED_FREE_BATCH - local->room;
        SELF(walk_array)(walk, heap, local, &local->blocks[local->room], count, 0);
    }
    return NEXT(walk)(ctx, heap, local);
}

/* On a quick stack blocks are gathered without an announcement, so a vanished thread may have been
 * about to do it: what it had is lost to the child. Elsewhere it was at rest, and its state is
 * drained. */
#define LAYER_HAS_FORK
MORTISE_SLOW mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_FORK_ORPHAN && (NEXT(facts)() & MORTISE_QUICK) != 0)
        SELF(forget)(local);
    return NEXT(fork)(ctx, heap, local);
}

#undef BATCHED_FREE_SIZE_HANDLE
#undef BATCHED_FREE_BATCH
#undef BATCHED_FREE_BYTES
#include "../core/layer_end.h"
