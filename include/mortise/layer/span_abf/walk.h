/* SPDX-License-Identifier: MIT */
/*
 * What span_abf tells of its chunks, see core/walk.h. Part of layer/span_abf.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../span_abf.h"
#else
/* Of the chunk that begins there; where it ends. */
MORTISE_SLOW uintptr_t SELF(walk_pool)(struct mortise_walk *walk, SELF_HEAP *heap, uintptr_t begin)
{
    const struct mortise_span_chunk *chunk = (const struct mortise_span_chunk *)begin;
    (void)heap;
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

#include "../shared/walk_pools.h"

#endif
