/* SPDX-License-Identifier: MIT */
/*
 * Spans: blocks of any size, cut from chunks by address-ordered best fit. For one thread; no
 * function here enters the system.
 *
 *     chunk:  [ chunk ][ span | payload ........ ][ span | payload ... ] ... [ end ]
 *
 * Each span has its header in front of the payload: its size, so that the next one is found, and
 * the one before, so that both can be joined. Headers are half a cache line, and spans multiples of
 * that: what is between two payloads keeps threads that write to both apart in all but the last and
 * first half line. A free span is a node of a tree by (size, address): the smallest that is large
 * enough serves, of equal ones the lowest, from its beginning.
 *
 * A mark in the header, made of its address, says whether the span is in use. It stays after a
 * free, also within a larger span, until the place is written anew, so that a second free is told,
 * as is an address that never was a payload.
 *
 * `written` of a free span is how many bytes from its header on may not be zero.
 *
 * Invariants: spans of a chunk follow each other from behind its head to `end`, which is marked in
 *     use; no two of them that are free touch. by_size has the free ones. An empty chunk is one
 *     free span; `empty` is such a one, and the lowest that its user knows of.
 * Source: thestinger/allocator, alloc.c: large allocations
 */
#ifndef MORTISE_DATA_SPANS_H
#define MORTISE_DATA_SPANS_H

#include "../core/bits.h"
#include "rbtree.h"

enum {
    MORTISE_SPAN_UNIT = 32,
    MORTISE_SPAN_HEAD = 32,
    MORTISE_SPAN_LEAST = 64,     /* header and node */
    MORTISE_SPAN_CHUNK_COST = 64 /* its head, and the header at its end */
};

#define MORTISE_SPAN_IN_USE ((uintptr_t)0x9e3779b97f4a7c15)
#define MORTISE_SPAN_FREED ((uintptr_t)0x6a09e667f3bcc909)

struct mortise_span {
    size_t size; /* with the header */
    struct mortise_span *prev;
    uintptr_t mark;
    size_t written;
    struct mortise_rb_node by_size; /* while it is free; else the payload */
};

struct mortise_span_chunk {
    uint64_t region_owned; /* what it goes back with */
    size_t bytes;
    size_t unused[2];
};

struct mortise_spans {
    struct mortise_rb_tree by_size;
    struct mortise_span *empty; /* the span of an empty chunk, NULL: none */
    size_t held;                /* bytes of all chunks */
    size_t used;                /* of these, in spans in use */
    size_t free_spans;
};

MORTISE_FAST struct mortise_span *mortise_span_at(const void *address, size_t offset)
{
    return (struct mortise_span *)(void *)((char *)(uintptr_t)address + offset);
}

MORTISE_FAST struct mortise_span *mortise_span_next(const struct mortise_span *span)
{
    return mortise_span_at(span, span->size);
}

MORTISE_FAST void *mortise_span_payload(struct mortise_span *span)
{
    return (char *)span + MORTISE_SPAN_HEAD;
}

MORTISE_FAST struct mortise_span *mortise_span_of(const void *payload)
{
    return mortise_span_at((const char *)payload - MORTISE_SPAN_HEAD, 0);
}

MORTISE_FAST bool mortise_span_is_used(const struct mortise_span *span)
{
    return span->mark == (MORTISE_SPAN_IN_USE ^ (uintptr_t)span);
}

/* Was it freed, and nothing written there since? */
MORTISE_FAST bool mortise_span_is_freed(const struct mortise_span *span)
{
    return span->mark == (MORTISE_SPAN_FREED ^ (uintptr_t)span);
}

MORTISE_FAST void mortise_span_mark(struct mortise_span *span, uintptr_t mark)
{
    span->mark = mark ^ (uintptr_t)span;
}

/* The size of the span for a request, 0: too large. */
MORTISE_FAST size_t mortise_span_for(size_t request)
{
    if (MORTISE_UNLIKELY(request > MORTISE_MAX_SIZE / 4))
        return 0;
    size_t size = mortise_round_up(request + MORTISE_SPAN_HEAD, MORTISE_SPAN_UNIT);
    return size < MORTISE_SPAN_LEAST ? (size_t)MORTISE_SPAN_LEAST : size;
}

/* The size of a span in which one of `size` whose payload is at a multiple of `align` fits for
 * sure; 0: too large. */
MORTISE_FAST size_t mortise_span_room(size_t size, size_t align)
{
    if (align <= MORTISE_SPAN_UNIT || size == 0)
        return size;
    return align > MORTISE_MAX_SIZE / 4 ? 0 : size + align + MORTISE_SPAN_LEAST;
}

/* ---- the tree ---- */

MORTISE_FAST struct mortise_span *mortise_span_of_node(const struct mortise_rb_node *node)
{
    return MORTISE_CONTAINER(node, struct mortise_span, by_size);
}

MORTISE_FAST bool mortise_span_is_smaller(const struct mortise_rb_node *a,
                                          const struct mortise_rb_node *b)
{
    const struct mortise_span *left = mortise_span_of_node(a), *right = mortise_span_of_node(b);
    return left->size != right->size ? left->size < right->size : left < right;
}

MORTISE_FAST bool mortise_span_has_room(const struct mortise_rb_node *node, uintptr_t size)
{
    return mortise_span_of_node(node)->size >= size;
}

MORTISE_PLAIN void mortise_spans_enter(struct mortise_spans *spans, struct mortise_span *span)
{
    mortise_rb_add(&spans->by_size, &span->by_size, mortise_span_is_smaller);
    spans->free_spans++;
}

MORTISE_PLAIN void mortise_spans_leave(struct mortise_spans *spans, struct mortise_span *span)
{
    mortise_rb_erase(&spans->by_size, &span->by_size);
    spans->free_spans--;
}

/* The first by (size, address) of at least `size` bytes, NULL: none. */
MORTISE_PLAIN struct mortise_span *mortise_spans_fit(struct mortise_spans *spans, size_t size)
{
    struct mortise_rb_node *node = mortise_rb_first(&spans->by_size, size, mortise_span_has_room);
    return node != NULL ? mortise_span_of_node(node) : NULL;
}

/* ---- chunks ---- */

MORTISE_FAST struct mortise_span_chunk *mortise_span_chunk_of(struct mortise_span *first)
{
    return (struct mortise_span_chunk *)(void *)first - 1;
}

/* Is a free span all that its chunk has? */
MORTISE_FAST bool mortise_span_is_chunk(const struct mortise_span *span)
{
    return span->prev == NULL && mortise_span_next(span)->size == 0;
}

/* An empty chunk: its span, in no tree. Writes to both ends of it. */
MORTISE_SLOW struct mortise_span *mortise_spans_begin(void *base, size_t bytes, bool zeroed,
                                                      uint64_t region_owned)
{
    struct mortise_span_chunk *chunk = (struct mortise_span_chunk *)base;
    chunk->region_owned = region_owned;
    chunk->bytes = bytes;
    struct mortise_span *span = mortise_span_at(base, sizeof *chunk);
    struct mortise_span *end = mortise_span_at(base, bytes - MORTISE_SPAN_HEAD);
    span->size = bytes - sizeof *chunk - MORTISE_SPAN_HEAD;
    span->prev = NULL;
    span->written = zeroed ? (size_t)MORTISE_SPAN_LEAST : span->size;
    mortise_span_mark(span, MORTISE_SPAN_FREED);
    end->size = 0;
    end->prev = span;
    mortise_span_mark(end, MORTISE_SPAN_IN_USE);
    return span;
}

/* Adds an empty chunk. */
MORTISE_SLOW void mortise_spans_add(struct mortise_spans *spans, struct mortise_span *span)
{
    spans->held += mortise_span_chunk_of(span)->bytes;
    mortise_spans_enter(spans, span);
    if (spans->empty == NULL || span < spans->empty)
        spans->empty = span;
}

/* An empty chunk leaves; where it begins. */
MORTISE_SLOW struct mortise_span_chunk *mortise_spans_remove(struct mortise_spans *spans,
                                                             struct mortise_span *span)
{
    struct mortise_span_chunk *chunk = mortise_span_chunk_of(span);
    if (spans->empty == span)
        spans->empty = NULL;
    mortise_spans_leave(spans, span);
    spans->held -= chunk->bytes;
    return chunk;
}

/* ---- requests ---- */

/* Cuts a span, in no tree, behind `size`; the rest, free, goes into the tree, unless it is too
 * small to be one. */
MORTISE_PLAIN void mortise_spans_cut(struct mortise_spans *spans, struct mortise_span *span,
                                     size_t size)
{
    if (span->size - size < MORTISE_SPAN_LEAST)
        return;
    struct mortise_span *rest = mortise_span_at(span, size);
    rest->size = span->size - size;
    rest->prev = span;
    rest->written = span->written > size + MORTISE_SPAN_LEAST ? span->written - size
                                                              : (size_t)MORTISE_SPAN_LEAST;
    mortise_span_mark(rest, MORTISE_SPAN_FREED);
    mortise_span_next(rest)->prev = rest;
    span->size = size;
    span->written = span->written < size ? span->written : size;
    mortise_spans_enter(spans, rest);
}

/* A span of `size` bytes (of mortise_span_for), NULL: none. Its `written` says what of it may not
 * be zero. */
MORTISE_PLAIN struct mortise_span *mortise_spans_take(struct mortise_spans *spans, size_t size,
                                                      size_t align)
{
    struct mortise_span *span = mortise_spans_fit(spans, mortise_span_room(size, align));
    if (span == NULL)
        return NULL;
    mortise_spans_leave(spans, span);
    if (spans->empty == span)
        spans->empty = NULL;
    if (align > MORTISE_SPAN_UNIT) {
        uintptr_t payload = (uintptr_t)mortise_span_payload(span);
        uintptr_t aligned = mortise_round_up(payload, align);
        if (aligned != payload && aligned - payload < MORTISE_SPAN_LEAST)
            aligned += align;
        if (aligned != payload) {
            struct mortise_span *lead = span;
            span = mortise_span_of((void *)aligned);
            mortise_spans_cut(spans, lead, aligned - payload); /* which enters what is wanted */
            mortise_spans_leave(spans, span);
            mortise_spans_enter(spans, lead);
        }
    }
    mortise_spans_cut(spans, span, size);
    mortise_span_mark(span, MORTISE_SPAN_IN_USE);
    spans->used += span->size;
    return span;
}

/* Joins a span with the one behind it; neither is in the tree. */
MORTISE_FAST void mortise_span_join(struct mortise_span *span, const struct mortise_span *next)
{
    span->written = span->size + next->written;
    span->size += next->size;
    mortise_span_next(span)->prev = span;
}

/* A span in use is free again, with what it could be joined with. */
MORTISE_PLAIN struct mortise_span *mortise_spans_give(struct mortise_spans *spans,
                                                      struct mortise_span *span)
{
    struct mortise_span *next = mortise_span_next(span), *prev = span->prev;
    spans->used -= span->size;
    mortise_span_mark(span, MORTISE_SPAN_FREED);
    span->written = span->size;
    if (mortise_span_is_freed(next)) { /* what is neither was overwritten: nobody goes there */
        mortise_spans_leave(spans, next);
        mortise_span_join(span, next);
    }
    if (prev != NULL && mortise_span_is_freed(prev)) {
        mortise_spans_leave(spans, prev);
        mortise_span_join(prev, span);
        span = prev;
    }
    mortise_spans_enter(spans, span);
    return span;
}

/* Changes the size of a span in use where it is; false when it cannot grow. */
MORTISE_SLOW bool mortise_spans_resize(struct mortise_spans *spans, struct mortise_span *span,
                                       size_t size)
{
    struct mortise_span *next = mortise_span_next(span);
    bool joins = mortise_span_is_freed(next);
    if (size > span->size + (joins ? next->size : 0))
        return false;
    spans->used -= span->size;
    span->written = span->size;
    if (joins && (size > span->size || span->size - size >= MORTISE_SPAN_LEAST)) {
        mortise_spans_leave(spans, next); /* what is cut off goes together with it */
        mortise_span_join(span, next);
    }
    mortise_spans_cut(spans, span, size);
    spans->used += span->size;
    return true;
}

#endif
