/* SPDX-License-Identifier: MIT */
/*
 * What span_abf tells of its chunks, see core/walk.h. Part of layer/span_abf.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../span_abf.h"
#else
/* Where the chunk ends. */
MORTISE_SLOW uintptr_t SELF(walk_chunk)(struct mortise_walk *walk,
                                        const struct mortise_span_chunk *chunk)
{
    const struct mortise_span *end = mortise_span_at(chunk, chunk->bytes - MORTISE_SPAN_HEAD);
    struct mortise_span *span = mortise_span_at(chunk, sizeof *chunk);
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, chunk, chunk->bytes,
                       "chunk", 0);
    for (; span < end; span = mortise_span_next(span)) {
        bool used = mortise_span_is_used(span);
        size_t written = used || span->written > span->size ? span->size : span->written;
        written = written < MORTISE_SPAN_HEAD ? (size_t)MORTISE_SPAN_HEAD : written;
        mortise_walk_piece(walk, MORTISE_STRING(LAYER),
                           used ? MORTISE_WALK_ALLOCATED : MORTISE_WALK_FREE,
                           mortise_span_payload(span), written - MORTISE_SPAN_HEAD,
                           used ? NULL : "size", used ? 0 : span->size);
        mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_TOP, (char *)span + written,
                           span->size - written, "size", span->size);
    }
    return (uintptr_t)chunk + chunk->bytes;
}

/* A claimed region begins with a chunk, unless it is the rest of one in which another layer has
 * claimed something; several chunks may follow each other. */
#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind != MORTISE_REGION || !mortise_walk_asks(walk, SELF(number)()))
        return NEXT(walk)(ctx, heap, local);
    uintptr_t *done = &walk->done[SELF(number)()];
    uintptr_t at = (uintptr_t)walk->region, end = at + walk->region_size;
    for (at = at > *done ? at : *done; at < end; *done = at)
        at = SELF(walk_chunk)(walk, (const struct mortise_span_chunk *)at);
    return ctx;
}

#endif
