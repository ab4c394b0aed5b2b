/* SPDX-License-Identifier: MIT */
/*
 * Closes a layer: fills in the operations that it leaves to its neighbour, builds its gates, checks
 * its types, and takes the words of layer_begin.h back.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#define WHOLE_HEAP struct MORTISE_CAT(COMPOSITION, _heap)
#define WHOLE_LOCAL struct MORTISE_CAT(COMPOSITION, _local)
#define mctx_pack_batch MORTISE_CAT(COMPOSITION, _mctx_pack_batch)

#ifdef MORTISE_SYSTEM
enum { SELF(system) = 1 };
#include "defaults_system.h"
#else
enum { SELF(system) = 0 };
#include "defaults_layer.h"
#endif

/* Whether the layer shows what it has; one that does not is an opaque region to others. */
#ifdef LAYER_HAS_WALK
enum { SELF(walks) = 1 };
#else
enum { SELF(walks) = 0 };
#endif

/* Which size classes the layer has, and which it takes for granted; 0: none. */
#ifndef LAYER_HAS_SIZECLASS
enum { SELF(sizeclass_id) = 0 };
#endif
#ifndef LAYER_NEEDS_SIZECLASS
enum { SELF(needs_sizeclass) = 0 };
#endif

#ifndef LAYER_HAS_BATCH
/* Up to ctx->count blocks of ctx->size bytes, linked by their first words; ctx->count says how many
 * it became. */
MORTISE_SLOW mctx_t *SELF(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    void *chain = NULL;
    unsigned got = 0;
    while (got < ctx->count) {
        mctx_t one = mctx_make(MORTISE_OBJECT, NULL, ctx->size, ctx->align);
        one.extra = ctx->extra;
        SELF(alloc)(&one, heap, local);
        if (one.ptr == NULL)
            break;
        *(void **)one.ptr = chain;
        chain = one.ptr;
        got++;
    }
    ctx->ptr = chain;
    ctx->count = got;
    return ctx;
}

/* Frees the chain at ctx->ptr. */
MORTISE_SLOW mctx_t *SELF(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    void *block = ctx->ptr;
    while (block != NULL) {
        mctx_t one = mctx_make(MORTISE_OBJECT, block, 0, 1);
        block = *(void **)block;
        one.extra = ctx->extra;
        SELF(whose)(&one, heap, local);
        SELF(free)(&one, heap, local);
    }
    return ctx;
}
#endif

/* The gates: scalars in, two registers out, so that the caller's context does not escape. They take
 * the whole heap, so that the call does not depend on which layer is next. */
MORTISE_FAST mctx_t *SELF(enter_alloc)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);
MORTISE_FAST mctx_t *SELF(enter_free)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);
MORTISE_FAST mctx_t *SELF(enter_resize)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);
MORTISE_FAST mctx_t *SELF(enter_whose)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);
MORTISE_FAST mctx_t *SELF(enter_alloc_batch)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);
MORTISE_FAST mctx_t *SELF(enter_free_batch)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);

MORTISE_SLOW struct mortise_answer SELF(gate_alloc)(WHOLE_HEAP *heap, WHOLE_LOCAL *local,
                                                    size_t size, size_t align,
                                                    enum mortise_kind kind, mctx_extra_t extra)
{
    mctx_t ctx = mctx_make(kind, NULL, size, align);
    ctx.extra = extra;
    return mctx_pack(SELF(enter_alloc)(&ctx, heap, local));
}

#ifdef MORTISE_SYSTEM
/* Regions for the composition itself, all zero, apart from the neighbour's gate. */
MORTISE_SLOW void *SELF(gate_region)(WHOLE_HEAP *heap, WHOLE_LOCAL *local, size_t size)
{
    mctx_t ctx = mctx_make(MORTISE_REGION, NULL, size, MORTISE_GRANULE);
    SELF(enter_alloc)(&ctx, heap, local);
    return ctx.ptr != NULL && !ctx.zeroed ? mortise_set(ctx.ptr, 0, size) : ctx.ptr;
}
#endif

MORTISE_SLOW struct mortise_answer SELF(gate_free)(WHOLE_HEAP *heap, WHOLE_LOCAL *local, void *ptr,
                                                   size_t size, enum mortise_kind kind,
                                                   uint64_t owned, mctx_extra_t extra)
{
    mctx_t ctx = mctx_make(kind, ptr, size, 1);
    ctx.owned = owned;
    ctx.extra = extra;
    return mctx_pack(SELF(enter_free)(&ctx, heap, local));
}

MORTISE_SLOW struct mortise_answer SELF(gate_resize)(WHOLE_HEAP *heap, WHOLE_LOCAL *local,
                                                     void *ptr, size_t size, enum mortise_kind kind,
                                                     bool may_move, uint64_t owned,
                                                     mctx_extra_t extra)
{
    mctx_t ctx = mctx_make(kind, ptr, size, 1);
    ctx.may_move = may_move;
    ctx.owned = owned;
    ctx.extra = extra;
    return mctx_pack(SELF(enter_resize)(&ctx, heap, local));
}

MORTISE_SLOW struct mortise_answer SELF(gate_alloc_batch)(WHOLE_HEAP *heap, WHOLE_LOCAL *local,
                                                          size_t size, unsigned count,
                                                          mctx_extra_t extra)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, NULL, size, 1);
    ctx.count = count;
    ctx.extra = extra;
    return mctx_pack_batch(SELF(enter_alloc_batch)(&ctx, heap, local));
}

MORTISE_SLOW struct mortise_answer SELF(gate_free_batch)(WHOLE_HEAP *heap, WHOLE_LOCAL *local,
                                                         void *ptr, unsigned count,
                                                         mctx_extra_t extra)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, ptr, 0, 1);
    ctx.count = count;
    ctx.extra = extra;
    return mctx_pack_batch(SELF(enter_free_batch)(&ctx, heap, local));
}

#ifndef LAYER_HAS_REST
MORTISE_FAST mctx_t *SELF(alloc_rest)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return SELF(alloc)(ctx, heap, local);
}

MORTISE_FAST mctx_t *SELF(free_rest)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    return SELF(free)(ctx, heap, local);
}
#endif

#ifndef LAYER_HAS_FREE_LOOK
MORTISE_FAST mctx_t *SELF(free_look)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    return ctx;
}
#endif

MORTISE_FAST mctx_t *SELF(enter_alloc_rest)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);
MORTISE_FAST mctx_t *SELF(enter_free_rest)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);
MORTISE_FAST mctx_t *SELF(enter_free_look)(mctx_t *ctx, WHOLE_HEAP *heap, WHOLE_LOCAL *local);

/* The gates of the rest, see run/announce.h. Their first argument stays in the register in which
 * the user passed it. */
MORTISE_APART struct mortise_answer SELF(gate_alloc_rest)(size_t size, WHOLE_HEAP *heap,
                                                          WHOLE_LOCAL *local, size_t align,
                                                          bool want_zero, mctx_extra_t extra)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, NULL, size, align);
    ctx.want_zero = want_zero;
    ctx.extra = extra;
    uint32_t *inside = MORTISE_CAT(COMPOSITION, _announce)(heap, local, false);
    if (MORTISE_LIKELY(inside != NULL)) {
        SELF(enter_alloc_rest)(&ctx, heap, local);
        MORTISE_CAT(COMPOSITION, _depart)(inside);
    } else {
        ctx.ptr = MORTISE_CAT(COMPOSITION, _alloc_elsewhere)(size, align);
        ctx.usable = size;
        ctx.status = ctx.ptr != NULL ? MORTISE_OK : MORTISE_NO_MEMORY;
    }
    return mctx_pack(&ctx);
}

/* Asks once more whose the block is: cheaper here than kept in a register on the hot path. */
MORTISE_APART struct mortise_answer SELF(gate_free_rest)(void *block, WHOLE_HEAP *heap,
                                                         WHOLE_LOCAL *local, mctx_extra_t extra)
{
    mctx_t ctx = mctx_make(MORTISE_OBJECT, block, 0, 1);
    ctx.extra = extra;
    SELF(enter_whose)(&ctx, heap, local);
    SELF(enter_free_look)(&ctx, heap, local);
    uint32_t *inside = MORTISE_CAT(COMPOSITION, _announce)(heap, local, block == NULL);
    if (MORTISE_LIKELY(inside != NULL)) {
        SELF(enter_free_rest)(&ctx, heap, local);
        MORTISE_CAT(COMPOSITION, _depart)(inside);
    } else if (!ctx.done) {
        if (ctx.owned != 0)
            mortise_poison_show(block, 1, 1); /* it is not free yet, and nobody must think so */
        MORTISE_CAT(COMPOSITION, _free_later)(heap, block);
    }
    return mctx_pack(&ctx);
}

/* A wrong signature is an error here, in the file that has it. */
MORTISE_PLAIN void SELF(check_types)(void)
{
    mctx_t *(*const operations[])(mctx_t *, SELF_HEAP *, SELF_LOCAL *) = {
        SELF(create),     SELF(destroy),   SELF(alloc),    SELF(free),        SELF(getmeta),
        SELF(resize),     SELF(trim),      SELF(age),      SELF(stats),       SELF(walk),
        SELF(fork),       SELF(claim),     SELF(whose),    SELF(alloc_batch), SELF(free_batch),
        SELF(alloc_rest), SELF(free_rest), SELF(free_look)};
    (void)operations;
}

#include "compose.h"

#undef LAYER_HAS_DESTROY
#undef LAYER_HAS_RESIZE
#undef LAYER_HAS_TRIM
#undef LAYER_HAS_AGE
#undef LAYER_HAS_STATS
#undef LAYER_HAS_WALK
#undef LAYER_HAS_FORK
#undef LAYER_HAS_CLAIM
#undef LAYER_HAS_WHOSE
#undef LAYER_HAS_BATCH
#undef LAYER_HAS_REST
#undef LAYER_HAS_FREE_LOOK
#undef LAYER_HAS_SIZECLASS
#undef LAYER_NEEDS_SIZECLASS
#undef WHOLE_HEAP
#undef WHOLE_LOCAL
#undef mctx_pack_batch
#undef SELF_HEAP
#undef SELF_LOCAL
#undef SELF
#undef NEXT
#undef NEXT_COLD
#undef REST
#undef mctx_t
#undef mctx_extra_t
#undef mctx_make
#undef mctx_caller
#undef mctx_pack
#undef mctx_unpack
#undef MORTISE_SYSTEM
#undef LAYER

#include "alone_end.h"

#endif
