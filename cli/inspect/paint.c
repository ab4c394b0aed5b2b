/* SPDX-License-Identifier: MIT */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

#include "../mem.h"

/* Spans in the order of addresses that do not overlap. */
struct canvas {
    struct inspect_span *spans;
    size_t count;
};

static int by_address(const void *left, const void *right)
{
    const struct inspect_span *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    /* The larger one first, so that what lies within it is seen. */
    return a->end > b->end ? -1 : a->end < b->end;
}

static void put(struct canvas *canvas, uint64_t address, uint64_t end, struct inspect_span like)
{
    if (address >= end)
        return;
    like.address = address;
    like.end = end;
    canvas->spans[canvas->count++] = like;
}

/* What one coat consists of: a layer's regions, or its other pieces. The bytes that overlap. */
static uint64_t mix(const struct inspect_heap *heap, size_t layer, bool region, struct canvas *coat)
{
    uint64_t overlap = 0, end = 0;
    size_t kept = 0;
    coat->count = 0;
    for (size_t i = 0; i < heap->piece_count; i++) {
        const struct inspect_piece *piece = &heap->pieces[i];
        const struct inspect_span like = {.piece = (uint32_t)i, .state = piece->state};
        if (piece->layer != layer || piece->region != region)
            continue;
        for (uint64_t at = 0; at < piece->count; at++)
            put(coat, piece->address + at * piece->stride,
                piece->address + at * piece->stride + piece->size, like);
    }
    qsort(coat->spans, coat->count, sizeof *coat->spans, by_address);
    for (size_t i = 0; i < coat->count; i++) {
        struct inspect_span span = coat->spans[i];
        if (span.address < end) {
            overlap += (span.end < end ? span.end : end) - span.address;
            span.address = end;
        }
        if (span.address >= span.end)
            continue;
        end = span.end;
        coat->spans[kept++] = span;
    }
    coat->count = kept;
    return region ? 0 : overlap;
}

/* Puts what of a coat comes before an address. */
static void put_before(uint64_t address, const struct canvas *coat, size_t *done, struct canvas *to)
{
    while (*done < coat->count && coat->spans[*done].address < address)
        to->spans[to->count++] = coat->spans[(*done)++];
}

/* Paints a coat over what is there; `to` is the result. */
static void cover(const struct canvas *under, const struct canvas *coat, struct canvas *to)
{
    size_t done = 0, over = 0; /* spans of the coat: that are in place; from which on some matter */
    to->count = 0;
    for (size_t i = 0; i < under->count; i++) {
        const struct inspect_span below = under->spans[i];
        uint64_t from = below.address;
        while (over < coat->count && coat->spans[over].end <= from)
            over++;
        for (size_t j = over; from < below.end; j++) {
            const bool meets = j < coat->count && coat->spans[j].address < below.end;
            const uint64_t stop = meets ? coat->spans[j].address : below.end;
            put_before(from, coat, &done, to);
            put(to, from, stop, below);
            from = meets ? coat->spans[j].end : below.end;
        }
    }
    put_before(UINT64_MAX, coat, &done, to);
}

/* What is left of a piece that another layer has cut up is its owner's. What is reserved is no
 * memory. */
static void settle(struct inspect_heap *heap, struct canvas *canvas)
{
    size_t kept = 0;
    for (size_t i = 0; i < canvas->count; i++) {
        struct inspect_span span = canvas->spans[i];
        const struct inspect_piece *piece = &heap->pieces[span.piece];
        if (piece->state == INSPECT_TOP && strcmp(piece->label, "reserve") == 0) {
            heap->reserved += span.end - span.address;
            continue;
        }
        if (!piece->region && span.end - span.address != piece->size)
            span.state = INSPECT_OWN;
        canvas->spans[kept++] = span;
    }
    canvas->count = kept;
}

void inspect_paint(const struct inspect *picture, struct inspect_heap *heap)
{
    size_t total = 0;
    for (size_t i = 0; i < heap->piece_count; i++)
        total += heap->pieces[i].count;
    /* Each span of a coat cuts one that is under it in two at most. */
    struct canvas canvas = {mem_get((2 * total + 1) * sizeof *canvas.spans), 0};
    struct canvas next = {mem_get((2 * total + 1) * sizeof *next.spans), 0};
    struct canvas coat = {mem_get((total + 1) * sizeof *coat.spans), 0};
    for (size_t coats = 0; coats < 2 * picture->layer_count; coats++) {
        heap->overlap += mix(heap, coats / 2, coats % 2 == 0, &coat);
        cover(&canvas, &coat, &next);
        const struct canvas old = canvas;
        canvas = next;
        next = old;
    }
    settle(heap, &canvas);
    heap->spans = canvas.spans;
    heap->span_count = canvas.count;
}
