/* SPDX-License-Identifier: MIT */
/*
 * tail_chksum - a checksum right behind the bytes that the user asked for
 *
 * Every block gets a word after its last byte, and one with its size at the end of what the
 * neighbour gave. Both are looked at when the block is freed or resized: writing past the end is
 * found then, from the first byte on, and a block that is free already, until it is used again.
 * usable_size tells the size that was asked for, since nothing else is the user's.
 *
 * A write of more than the word may reach the size too; then, and where no block of this layer
 * begins at an address, the error is `corrupt`, and the block is left alone. An overflow is
 * reported, and the block freed, unless err_handle says drop.
 *
 * Costs 16 bytes a block, 12 with crc32. Stands with other checks next to the socket.
 *
 * Needs: objects of known size
 * Offers: checks; the exact size of blocks; resizing
 *
 * Parameters:
 *   name        type        default  range  meaning
 *   chksum      chksum      xor      -      how the word is made
 *   err_handle  err_handle  default  -      what happens when it is wrong
 *
 * Invariants: of a living block at p with u bytes from the neighbour, the last 8 of these are its
 *     size, masked, and the bytes from p + size on the sum of p and size. The first of them is not
 *     zero, so that one more zero behind a string is seen for certain.
 * Ordering: none; the words belong to whoever owns the block
 * Wins: none, it finds mistakes
 * Source: paper table 2, section 3 (wfslabs)
 */
#include "../core/layer_begin.h"
#include "../core/poison.h"
#include "../os/os.h"
#include "../policy/chksum.h"
#include "../policy/err_handle.h"
#include "../run/reserve.h"

#ifndef TAIL_CHKSUM_CHKSUM
#define TAIL_CHKSUM_CHKSUM xor
#endif
#ifndef TAIL_CHKSUM_ERR_HANDLE
#define TAIL_CHKSUM_ERR_HANDLE default
#endif
#include MORTISE_POLICY(chksum, TAIL_CHKSUM_CHKSUM)
#include MORTISE_POLICY(err_handle, TAIL_CHKSUM_ERR_HANDLE)

#define CHKSUM(x) MORTISE_MEMBER(TAIL_CHKSUM_CHKSUM, x)
#define RAISE MORTISE_MEMBER(TAIL_CHKSUM_ERR_HANDLE, raise)

enum {
    SELF(needs) = MORTISE_OBJECTS,
    SELF(offers) = MORTISE_RESIZES | MORTISE_EXACT | MORTISE_GUARDS,
    SELF(passes) = ~(MORTISE_PLACES | MORTISE_QUICK),
    SELF(cost) = CHKSUM(bytes) + 8
};

SELF_HEAP
{
    uint64_t sum_key;
    uint64_t size_key;
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

/* What the words of a block say. */
struct SELF(found) {
    enum mortise_error error; /* DOUBLE_FREE, OVERFLOW, or CORRUPT: no block, or its size is lost */
    size_t size;              /* that was asked for; the most that it can be where it is lost */
    char *size_word;
};

/* Bits in the first and the last byte are set, whatever the order of bytes in a word. */
MORTISE_FAST uint64_t SELF(sum)(const SELF_HEAP *heap, const char *block, size_t size)
{
    uint64_t sum = CHKSUM(calculate)(heap->sum_key, (uintptr_t)block, size);
    return sum | 1 | (uint64_t)1 << (8 * CHKSUM(bytes) - 8);
}

MORTISE_FAST void SELF(mark)(const SELF_HEAP *heap, char *block, size_t size, size_t room)
{
    uint64_t sum = SELF(sum)(heap, block, size);
    uint64_t masked = size ^ heap->size_key ^ (uintptr_t)block;
    uint32_t folded = (uint32_t)sum;
    if (CHKSUM(bytes) == 8)
        mortise_copy(block + size, &sum, 8);
    else
        mortise_copy(block + size, &folded, 4);
    mortise_copy(block + room - 8, &masked, 8);
}

/* The bytes of a block that the neighbour gave, as it will tell them again. */
MORTISE_FAST size_t SELF(room)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if ((NEXT(facts)() & MORTISE_PRECISE) == 0) {
        NEXT(whose)(ctx, heap, local);
        NEXT(getmeta)(ctx, heap, local);
    }
    return ctx->usable;
}

/* Can the end of what may be no block be looked at? The granule that it begins in is this heap's;
 * others then have the same owner on record, perhaps with other data, or none in a mapping. */
MORTISE_SLOW bool SELF(reaches)(SELF_HEAP *heap, SELF_LOCAL *local, uint64_t owned, char *end)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, end, 0, 1);
    NEXT(whose)(&ctx, heap, local);
    return mortise_owner_of(ctx.owned) == mortise_owner_of(owned) ||
           (ctx.owned == 0 && SELF(is_mapping)(owned));
}

/* Judges the block of a context, which has an owner; ctx->usable is what the neighbour gave. */
MORTISE_FAST struct SELF(found) SELF(look)(const mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    char *block = (char *)ctx->ptr;
    size_t room = ctx->usable;
    struct SELF(found) found = {MORTISE_CORRUPT, 0, NULL};
    if (MORTISE_UNLIKELY(room < SELF(cost)))
        return found;
    char *last = block + room - 1;
    if (MORTISE_UNLIKELY(((uintptr_t)block ^ (uintptr_t)last) >= MORTISE_GRANULE) &&
        !SELF(reaches)(heap, local, ctx->owned, last))
        return found;
    uint64_t size;
    found.size_word = block + room - 8;
    mortise_copy(&size, found.size_word, 8);
    size ^= heap->size_key ^ (uintptr_t)block;
    found.size = room - SELF(cost);
    if (MORTISE_UNLIKELY(size > found.size)) {
        if (~size <= found.size) {
            found.error = MORTISE_DOUBLE_FREE;
            found.size = ~size;
        }
        return found;
    }
    uint64_t sum = 0;
    mortise_copy(&sum, block + size, CHKSUM(bytes));
    uint64_t expected = SELF(sum)(heap, block, size);
    if (CHKSUM(bytes) == 4)
        expected = (uint32_t)expected;
    found.error = MORTISE_LIKELY(sum == expected) ? MORTISE_OK : MORTISE_OVERFLOW;
    found.size = size;
    return found;
}

/* Raises an error; true where the block can be freed all the same. */
MORTISE_SLOW bool SELF(report)(enum mortise_error error, const void *block, size_t size,
                               const void *caller)
{
    struct mortise_description found =
        mortise_describe(MORTISE_STRING(LAYER), error == MORTISE_CORRUPT ? SIZE_MAX : size, caller);
    enum mortise_verdict verdict = RAISE(error, block, found.text);
    return error == MORTISE_OVERFLOW && verdict == MORTISE_GO_ON;
}

/* The last look at a block, which says from now on that it is free. False: it is not to be. */
MORTISE_FAST bool SELF(ends)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (MORTISE_UNLIKELY(NEXT(getmeta)(ctx, heap, local)->status != MORTISE_OK))
        return false;
    struct SELF(found) found = SELF(look)(ctx, heap, local);
    if (MORTISE_UNLIKELY(found.error != MORTISE_OK) &&
        !SELF(report)(found.error, ctx->ptr, found.size, mctx_caller(ctx))) {
        ctx->status = MORTISE_REPORTED;
        return false;
    }
    uint64_t masked = ~(found.size ^ heap->size_key ^ (uintptr_t)ctx->ptr);
    mortise_copy(found.size_word, &masked, 8);
    return true;
}

MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (ctx->kind != MORTISE_THREAD) {
        heap->sum_key = mortise_os_secret();
        heap->size_key = mortise_os_secret();
    }
    return NEXT(create)(ctx, heap, local);
}

/* A size that is too large with the cost is so without, for every layer. */
MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t cost = ctx->kind == MORTISE_OBJECT && ctx->size <= MORTISE_MAX_SIZE ? SELF(cost) : 0;
    ctx->size += cost;
    NEXT(alloc)(ctx, heap, local);
    ctx->size -= cost;
    if ((NEXT(facts)() & MORTISE_PRECISE) == 0 && mortise_reserve_covers(ctx->ptr))
        return ctx; /* it belongs to no layer, so nobody will look */
    if (MORTISE_LIKELY(ctx->ptr != NULL && ctx->kind == MORTISE_OBJECT)) {
        SELF(mark)(heap, (char *)ctx->ptr, ctx->size, SELF(room)(ctx, heap, local));
        ctx->usable = ctx->size;
    }
    return ctx;
}

MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    if (MORTISE_LIKELY(ctx->kind == MORTISE_OBJECT && ctx->owned != 0) &&
        !SELF(ends)(ctx, heap, local))
        return ctx;
    return NEXT(free)(ctx, heap, local);
}

/* Whether the sum is right is found out when the block is freed. */
MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    NEXT(getmeta)(ctx, heap, local);
    if (MORTISE_LIKELY(ctx->kind == MORTISE_OBJECT && ctx->status == MORTISE_OK)) {
        struct SELF(found) found = SELF(look)(ctx, heap, local);
        ctx->usable = found.size;
        ctx->fixed = false; /* the sum moves within the block */
        if (found.error == MORTISE_DOUBLE_FREE) {
            SELF(report)(found.error, ctx->ptr, found.size, mctx_caller(ctx));
            ctx->status = MORTISE_REPORTED;
        }
    }
    return ctx;
}

/* Moves the sum. Where it is wrong the block is not resized, so that freeing it reports that. */
#define LAYER_HAS_RESIZE
MORTISE_SLOW mctx_t *SELF(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    size_t size = ctx->size;
    NEXT(getmeta)(ctx, heap, local);
    bool sound = ctx->status == MORTISE_OK && size <= MORTISE_MAX_SIZE &&
                 SELF(look)(ctx, heap, local).error == MORTISE_OK;
    size_t room = ctx->usable;
    size_t needed = size + SELF(cost);
    ctx->status = MORTISE_NO_MEMORY;
    if (!sound)
        return ctx;
    bool fits = needed <= room, resized = false;
    char *block = (char *)ctx->ptr;
    if (!(fits && room - needed <= room / 4) && (NEXT(facts)() & MORTISE_RESIZES) != 0) {
        ctx->size = needed;
        NEXT_COLD(resize)(ctx, heap, local);
        ctx->size = size;
        resized = ctx->status == MORTISE_OK && ctx->ptr != NULL;
        if (resized) {
            block = (char *)ctx->ptr;
            room = SELF(room)(ctx, heap, local);
        }
    }
    ctx->ptr = block;
    if (!fits && !resized)
        return ctx;
    SELF(mark)(heap, block, size, room);
    ctx->usable = size;
    ctx->status = MORTISE_OK;
    return ctx;
}

#undef CHKSUM
#undef RAISE
#undef TAIL_CHKSUM_CHKSUM
#undef TAIL_CHKSUM_ERR_HANDLE
#include "../core/layer_end.h"
