/* SPDX-License-Identifier: MIT */
/*
 * Opens a layer: binds the words that its body is written in. layer_end.h takes them back.
 *
 *   SELF(x)      x of this instance; alloc, free, create and getmeta at least are defined as
 *                mctx_t *SELF(op)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
 *   SELF_HEAP    the layer's state shared by all threads; the layer defines SELF_HEAP { ... };
 *   SELF_LOCAL   its state of one thread; both start zeroed, MORTISE_NO_STATE where there is none
 *   NEXT(op)     the same operation of the neighbour on the system side, inlined: call it from one
 *                place only, or code doubles with each layer
 *   NEXT_COLD(op)  the same through a gate out of line (alloc, free, resize and
 *                the batch calls): every other place
 *   NEXT(facts)()  the neighbour's facts, a constant
 *   REST(op)     the rest of this layer's alloc or free of an object, out of line: what its few
 *                hot steps do not answer. A layer that has it defines LAYER_HAS_REST, alloc_rest
 *                and free_rest, and offers MORTISE_QUICK; the hot steps touch no lock.
 *                If they can have freed the block already, LAYER_HAS_FREE_LOOK and free_look find
 *                that out and set ctx->done: what follows is left out while a fork is under way
 *   SELF(number)() a placing layer's number among those that place, see owned.h
 *   SELF(placers)() how many there are; both are constants
 *   SELF(attach)(heap, local)  the state of this thread after making sure that heap and thread
 *                have begun; the same `local` when memory for it is out. For slow paths
 *   SELF(age_later)(heap)  something lies free that may go back later: where there is a thread in
 *                the background, it will call age for a while. For slow paths, without a lock
 *   mctx_t       the request context of this composition; mctx_make(kind, ptr, size, align).
 *                A hot body's context stays in registers as long as nothing out of line gets its
 *                address: give that scalars, and have it answer with mctx_pack(ctx), which
 *                mctx_unpack(ctx, answer) takes up
 *
 * Operations beyond the four pass to the neighbour, unless the layer defines them and says so:
 * LAYER_HAS_DESTROY, _RESIZE, _TRIM, _AGE, _STATS, _WALK, _FORK, _CLAIM, _WHOSE, _SIZECLASS. The
 * batch calls, alloc_batch and free_batch, repeat the layer's own alloc and free, unless it has
 * LAYER_HAS_BATCH.
 *
 * free is called for any address: where ctx->owned is 0 it is no block of this heap, and a layer
 * passes it on untouched; the system layer refuses it.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#if !defined COMPOSITION && !defined LAYER && __INCLUDE_LEVEL__ == 1
#include "alone.h"
#endif

#ifndef MORTISE_OPEN
#error "mortise: the first layer of a composition is a system layer, from mortise/heap/"
#endif

#include "layer_words.h"

#define NEXT(x) SELF(next_##x)
#define NEXT_COLD(x) SELF(cold_##x)
#define REST(x) SELF(rest_##x)

MORTISE_FAST mctx_t *NEXT(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(destroy)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(trim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(age)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT_COLD(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT_COLD(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT_COLD(resize)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT_COLD(alloc_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *NEXT_COLD(free_batch)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *REST(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST mctx_t *REST(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST unsigned NEXT(facts)(void);
MORTISE_FAST const void *NEXT(sizeclass)(void);

#endif
