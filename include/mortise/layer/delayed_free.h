/* SPDX-License-Identifier: MIT */
/*
 * delayed_free - freed blocks wait in a queue, and are looked at when they leave it
 *
 * Every block gets a header of 16 bytes. When it is freed the header says so, the block is filled
 * with a pattern, and it waits in the thread's queue until delayed_size bytes have been freed after
 * it; only then is it freed indeed. A block whose header says that it waits, is freed twice; one
 * whose header makes no sense was written before its beginning, or is no block; one whose pattern
 * has changed was written to after it was freed. The last is found when the block leaves the queue,
 * as is an overwritten header of a block that waits. Blocks larger than delayed_size do not wait.
 *
 * A thread that ends, and trim, empty the queue; the child of a fork empties those of the threads
 * that have vanished.
 *
 * Blocks that are aligned to 64KB or more pass by without a header, and are not checked. Aligned
 * blocks cost as much as their alignment. Stands with other checks next to the socket.
 *
 * Needs: objects of known size; any alignment
 * Offers: checks
 *
 * Parameters:
 *   name          type        default  range      meaning
 *   chksum        chksum      xor      -          how the word in the header is made
 *   node_xor      bool        1        -          mask links and sizes in the header
 *   delayed_size  size        64KB     4KB..64MB  most bytes in the queue of a thread
 *   err_handle    err_handle  default  -          what happens when something is wrong
 *
 * Invariants: a block at p that is not a multiple of 64KB begins p - 16 with its header; the
 *     neighbour's block begins at p - 2^shift, in the same region as the header. The queue of a
 *     thread is linked through the headers, oldest first, and holds at most delayed_size bytes.
 * Ordering: one exchange decides who frees a block; whatever else is written belongs to the block's
 *     owner or to the thread whose queue it is in
 * Wins: none, it finds mistakes
 * Source: paper table 2, section 3 (hslabd); Scudo's quarantine
 */
#include "../core/layer_begin.h"
#include "../data/fill.h"
#include "../data/header.h"
#include "../os/os.h"
#include "../policy/chksum.h"
#include "../policy/err_handle.h"
#include "../run/reserve.h"

#ifndef DELAYED_FREE_CHKSUM
#define DELAYED_FREE_CHKSUM xor
#endif
#ifndef DELAYED_FREE_NODE_XOR
#define DELAYED_FREE_NODE_XOR 1
#endif
#ifndef DELAYED_FREE_DELAYED_SIZE
#define DELAYED_FREE_DELAYED_SIZE 65536
#endif
#ifndef DELAYED_FREE_ERR_HANDLE
#define DELAYED_FREE_ERR_HANDLE default
#endif
#include MORTISE_POLICY(chksum, DELAYED_FREE_CHKSUM)
#include MORTISE_POLICY(err_handle, DELAYED_FREE_ERR_HANDLE)

#define CHKSUM(x) MORTISE_MEMBER(DELAYED_FREE_CHKSUM, x)
#define RAISE MORTISE_MEMBER(DELAYED_FREE_ERR_HANDLE, raise)

MORTISE_ASSERT_STATIC(DELAYED_FREE_DELAYED_SIZE >= 4096 && DELAYED_FREE_DELAYED_SIZE <= 64 << 20,
                      "mortise: delayed_free: delayed_size must lie in 4KB..64MB");

enum {
    SELF(needs) = MORTISE_OBJECTS | MORTISE_ALIGNS,
    SELF(offers) = MORTISE_GUARDS,
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_QUICK | MORTISE_LOCKLESS)
};

SELF_HEAP
{
    uint64_t sum_key;
    uint64_t node_key;
};

/* The state of nobody has a limit of 0. */
SELF_LOCAL
{
    struct mortise_header *oldest;
    struct mortise_header *newest;
    size_t bytes; /* in the queue, with headers */
    size_t limit;
};

MORTISE_FAST bool SELF(passes_by)(const void *block)
{
    return ((uintptr_t)block & (MORTISE_GRANULE - 1)) == 0;
}

MORTISE_FAST struct mortise_header_scheme SELF(scheme)(const SELF_HEAP *heap)
{
    struct mortise_header_scheme scheme = {heap->sum_key, heap->node_key, DELAYED_FREE_NODE_XOR,
                                           CHKSUM(calculate)};
    return scheme;
}

/* `size` is SIZE_MAX where it is not known. */
MORTISE_SLOW enum mortise_verdict SELF(report)(enum mortise_error error, const void *block,
                                               size_t size, const void *caller)
{
    struct mortise_description found = mortise_describe(MORTISE_STRING(LAYER), size, caller);
    return RAISE(error, block, found.text);
}

/* The neighbour's block with a header, as a context; usable bytes are the user's. */
MORTISE_FAST mctx_t SELF(below)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_header *header,
                                uint64_t word)
{
    size_t cost = mortise_header_cost(word);
    mctx_t ctx = mctx_make(MORTISE_OBJECT, (char *)mortise_header_block(header) - cost, 0, 1);
    NEXT(whose)(&ctx, heap, local);
    NEXT(getmeta)(&ctx, heap, local);
    ctx.usable = ctx.usable > cost ? ctx.usable - cost : 0;
    return ctx;
}

/* Raises what is wrong with an address where no living block begins. What makes no sense here may
 * be known to the neighbour as free for long. */
MORTISE_SLOW enum mortise_error SELF(judge)(SELF_HEAP *heap, SELF_LOCAL *local, void *block,
                                            const void *caller)
{
    struct mortise_header *header = mortise_header_of(block);
    enum mortise_error error = MORTISE_DOUBLE_FREE;
    size_t size = SIZE_MAX;
    uint64_t word = 0, node;
    enum mortise_header_state state = mortise_header_read(SELF(scheme)(heap), header, &word, &node);
    if (state == MORTISE_HEADER_WAITS)
        size = SELF(below)(heap, local, header, word).usable;
    if (state == MORTISE_HEADER_NONE) {
        mctx_t next = SELF(below)(heap, local, header, (uint64_t)4 << 40);
        error = next.status == MORTISE_OK ? MORTISE_CORRUPT : next.status;
    }
    if (error != MORTISE_REPORTED)
        SELF(report)(error, block, size, caller);
    return MORTISE_REPORTED;
}

/* ---- the queue ---- */

/* Takes the oldest block out of the queue and frees it. Behind one with a wrong header nothing can
 * be found any more, so what was there is lost. `caller` is where the program asked for what is
 * done meanwhile. */
MORTISE_PLAIN void SELF(evict)(SELF_HEAP *heap, SELF_LOCAL *local, const void *caller)
{
    struct mortise_header *header = local->oldest;
    void *block = mortise_header_block(header);
    uint64_t word = 0, next;
    if (mortise_header_read(SELF(scheme)(heap), header, &word, &next) != MORTISE_HEADER_WAITS) {
        local->oldest = local->newest = NULL;
        local->bytes = 0;
        SELF(report)(MORTISE_CORRUPT, block, SIZE_MAX, caller);
        return;
    }
    mctx_t ctx = SELF(below)(heap, local, header, word);
    size_t size = ctx.usable;
    size_t bytes = size + sizeof *header;
    local->oldest = (struct mortise_header *)(uintptr_t)next;
    local->newest = next != 0 ? local->newest : NULL;
    local->bytes = next != 0 && local->bytes > bytes ? local->bytes - bytes : 0;
    if (!mortise_is_filled(block, size) &&
        SELF(report)(MORTISE_USED_AFTER_FREE, block, size, caller) == MORTISE_DROP)
        return;
    mortise_header_leave(SELF(scheme)(heap), header, mortise_header_cost(word));
    ctx.status = MORTISE_OK;
    NEXT_COLD(free)(&ctx, heap, local);
    if (ctx.status != MORTISE_OK && ctx.status != MORTISE_REPORTED)
        SELF(report)(ctx.status, block, size, caller);
}

MORTISE_SLOW void SELF(drain)(SELF_HEAP *heap, SELF_LOCAL *local)
{
    while (local->oldest != NULL)
        SELF(evict)(heap, local, NULL);
}

/* Appends a block with a header that says WAITS. */
MORTISE_PLAIN void SELF(append)(SELF_HEAP *heap, SELF_LOCAL *local, struct mortise_header *header,
                                size_t size, const void *caller)
{
    struct mortise_header *newest = local->newest;
    uint64_t word = 0, node;
    if (newest != NULL &&
        mortise_header_read(SELF(scheme)(heap), newest, &word, &node) == MORTISE_HEADER_WAITS) {
        mortise_header_write(SELF(scheme)(heap), newest, (uintptr_t)header, MORTISE_HEADER_WAITS,
                             mortise_header_cost(word));
    } else {
        SELF(drain)(heap, local); /* up to an overwritten header, if there is anything */
        local->oldest = header;
    }
    local->newest = header;
    local->bytes += size + sizeof *header;
    while (local->bytes > local->limit && local->oldest != NULL)
        SELF(evict)(heap, local, caller);
}

/* ---- the operations ---- */

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD) {
        local->limit = DELAYED_FREE_DELAYED_SIZE;
    } else {
        heap->sum_key = mortise_os_secret();
        heap->node_key = mortise_os_secret();
    }
    return NEXT(create)(ctx, heap, local);
}

#define LAYER_HAS_DESTROY
MORTISE_FAST mctx_t *SELF(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind == MORTISE_THREAD)
        SELF(drain)(heap, local);
    return NEXT(destroy)(ctx, heap, local);
}

/* From the neighbour's block to the user's. */
MORTISE_FAST void SELF(step)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local, size_t cost)
{
    if ((NEXT(facts)() & MORTISE_PRECISE) == 0) { /* as many bytes as it will tell again */
        NEXT(whose)(ctx, heap, local);
        NEXT(getmeta)(ctx, heap, local);
    }
    ctx->usable -= cost;
    ctx->ptr = (char *)ctx->ptr + cost;
}

MORTISE_FAST void SELF(begin)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local, size_t cost)
{
    SELF(step)(ctx, heap, local, cost);
    mortise_header_settle(SELF(scheme)(heap), mortise_header_of(ctx->ptr), ctx->usable,
                          MORTISE_HEADER_LIVES, cost);
}

/* Takes another block instead of `block`, which would, by chance, look as if it passed by: with
 * room for two places for the beginning, of which one will do. */
MORTISE_SLOW struct mortise_answer SELF(again)(SELF_HEAP *heap, SELF_LOCAL *local, void *block,
                                               size_t size, size_t cost, mctx_extra_t extra)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, NULL, size + 2 * cost, cost);
    ctx.extra = extra;
    NEXT_COLD(alloc)(&ctx, heap, local);
    ctx.size = size;
    mctx_t before = mctx_make(MORTISE_OBJECT, block, 0, 1);
    before.extra = extra;
    NEXT(whose)(&before, heap, local);
    NEXT_COLD(free)(&before, heap, local);
    if (ctx.ptr != NULL)
        SELF(begin)(&ctx, heap, local, SELF(passes_by)((char *)ctx.ptr + cost) ? 2 * cost : cost);
    return mctx_pack(&ctx);
}

/* A size that is too large with the cost is so without, for every layer. */
MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t align = ctx->align;
    bool headed = ctx->kind == MORTISE_OBJECT && ctx->size <= MORTISE_MAX_SIZE &&
                  MORTISE_LIKELY(align < MORTISE_GRANULE);
    size_t cost = align < sizeof(struct mortise_header) ? sizeof(struct mortise_header) : align;
    if (MORTISE_LIKELY(headed)) {
        if (MORTISE_UNLIKELY(local->limit == 0)) /* the first free may come when it is too late */
            local = SELF(attach)(heap, local);
        ctx->size += cost;
        ctx->align = cost;
    }
    NEXT(alloc)(ctx, heap, local);
    if (MORTISE_UNLIKELY(!headed))
        return ctx;
    ctx->size -= cost;
    ctx->align = align;
    if (MORTISE_UNLIKELY(ctx->ptr == NULL))
        return ctx;
    if ((NEXT(facts)() & MORTISE_PRECISE) == 0 && mortise_reserve_covers(ctx->ptr))
        return ctx; /* it belongs to no layer */
    if (MORTISE_UNLIKELY(SELF(passes_by)((char *)ctx->ptr + cost)))
        return mctx_unpack(ctx, SELF(again)(heap, local, ctx->ptr, ctx->size, cost, ctx->extra));
    SELF(begin)(ctx, heap, local, cost);
    return ctx;
}

/* Has the block wait, or go to the neighbour at once where it is too large or the thread can have
 * no state. */
MORTISE_APART enum mortise_error SELF(end)(SELF_HEAP *heap, SELF_LOCAL *local, void *block,
                                           uint64_t owned, const void *caller)
{
    struct mortise_header *header = mortise_header_of(block);
    uint64_t word = 0, size = 0;
    if (MORTISE_UNLIKELY(((uintptr_t)block & 15) != 0))
        return MORTISE_FOREIGN_POINTER;
    if (MORTISE_UNLIKELY(local->limit == 0))
        local = SELF(attach)(heap, local);
    if (MORTISE_UNLIKELY(mortise_header_read(SELF(scheme)(heap), header, &word, &size) !=
                             MORTISE_HEADER_LIVES ||
                         !mortise_header_claim(SELF(scheme)(heap), header, word)))
        return SELF(judge)(heap, local, block, caller);
    size_t cost = mortise_header_cost(word);
    if (MORTISE_LIKELY(local->limit != 0 && size + sizeof *header <= local->limit)) {
        mortise_header_settle(SELF(scheme)(heap), header, 0, MORTISE_HEADER_WAITS, cost);
        mortise_fill(block, size);
        SELF(append)(heap, local, header, size, caller);
        return MORTISE_OK;
    }
    mortise_header_leave(SELF(scheme)(heap), header, cost);
    mctx_t next = mctx_make(MORTISE_OBJECT, (char *)block - cost, 0, 1);
    next.owned = owned;
    return NEXT_COLD(free)(&next, heap, local)->status;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (MORTISE_UNLIKELY(ctx->kind != MORTISE_OBJECT || ctx->owned == 0 ||
                         SELF(passes_by)(ctx->ptr)))
        return NEXT(free)(ctx, heap, local);
    ctx->status = SELF(end)(heap, local, ctx->ptr, ctx->owned, mctx_caller(ctx));
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_OBJECT || SELF(passes_by)(ctx->ptr))
        return NEXT(getmeta)(ctx, heap, local);
    if (MORTISE_UNLIKELY(((uintptr_t)ctx->ptr & 15) != 0)) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    uint64_t word = 0, size = 0;
    if (MORTISE_UNLIKELY(mortise_header_read(SELF(scheme)(heap), mortise_header_of(ctx->ptr), &word,
                                             &size) != MORTISE_HEADER_LIVES))
        ctx->status = SELF(judge)(heap, local, ctx->ptr, mctx_caller(ctx));
    else
        ctx->usable = size;
    return ctx;
}

/* The header is part of the block, so that it has the same owner. */
#define LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t back = ctx->kind != MORTISE_OBJECT || SELF(passes_by)(ctx->ptr)
                      ? 0
                      : sizeof(struct mortise_header);
    ctx->ptr = (void *)((uintptr_t)ctx->ptr - back);
    NEXT(whose)(ctx, heap, local);
    ctx->ptr = (void *)((uintptr_t)ctx->ptr + back);
    return ctx;
}

/* A block that moves takes its header along, which then needs another sum. It must not move to
 * where it would seem to pass by. */
#define LAYER_HAS_RESIZE
MORTISE_SLOW mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    char *block = (char *)ctx->ptr;
    uint64_t word = 0, node;
    ctx->status = MORTISE_NO_MEMORY; /* one that passes by may move to where it does not */
    if (SELF(passes_by)(block) || ctx->size > MORTISE_MAX_SIZE ||
        mortise_header_read(SELF(scheme)(heap), mortise_header_of(block), &word, &node) !=
            MORTISE_HEADER_LIVES)
        return ctx;
    size_t cost = mortise_header_cost(word);
    bool may_move = ctx->may_move;
    ctx->ptr = block - cost;
    ctx->size += cost;
    ctx->may_move = may_move && (NEXT(facts)() & MORTISE_PRECISE) != 0;
    NEXT_COLD(resize)(ctx, heap, local);
    ctx->may_move = may_move;
    ctx->size -= cost;
    if (ctx->status != MORTISE_OK) {
        ctx->ptr = block;
        return ctx;
    }
    SELF(step)(ctx, heap, local, cost);
    mortise_header_write(SELF(scheme)(heap), mortise_header_of(ctx->ptr), ctx->usable,
                         MORTISE_HEADER_LIVES, cost);
    return ctx;
}

#define LAYER_HAS_TRIM
MORTISE_FAST mctx_t *SELF(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->ptr == NULL && local->limit != 0)
        SELF(drain)(heap, local);
    return NEXT(trim)(ctx, heap, local);
}

#include "delayed_free/walk.h"

#undef CHKSUM
#undef RAISE
#undef DELAYED_FREE_CHKSUM
#undef DELAYED_FREE_NODE_XOR
#undef DELAYED_FREE_DELAYED_SIZE
#undef DELAYED_FREE_ERR_HANDLE
#include "../core/layer_end.h"
