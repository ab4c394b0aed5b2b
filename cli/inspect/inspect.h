/* SPDX-License-Identifier: MIT */
/*
 * Pictures of heaps, as run/snapshot.h writes them: read, painted, and shown.
 *
 * A picture has pieces, each of a layer. Painted from the system side to the user side, regions of
 * a layer before its other pieces, they become spans that do not overlap, each of one state.
 */
#ifndef MORTISE_CLI_INSPECT_H
#define MORTISE_CLI_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../diag.h"

enum inspect_state {
    INSPECT_ALLOCATED,
    INSPECT_CACHED,
    INSPECT_FREE,
    INSPECT_TOP,
    INSPECT_OWN,    /* a layer's: headers, records, gaps */
    INSPECT_OPAQUE, /* of a layer that does not walk */
    INSPECT_STATES
};

struct inspect_layer {
    const char *name;
    bool walks;
};

/* `count` of them, `stride` apart. */
struct inspect_piece {
    uint64_t address, size, stride, count;
    uint64_t number;
    const char *label; /* "-": none */
    uint32_t thread;   /* index into the heap's threads, 0: none */
    uint16_t layer;
    bool region;
    enum inspect_state state; /* INSPECT_OWN or _OPAQUE of a region */
};

struct inspect_span {
    uint64_t address, end;
    uint32_t piece;
    enum inspect_state state;
};

/* The state of a thread; the first of a heap's stands for none. */
struct inspect_thread {
    uint64_t state, thread;
};

struct inspect_heap {
    uint64_t serial;
    struct inspect_piece *pieces;
    size_t piece_count;
    struct inspect_thread *threads;
    size_t thread_count;

    /* by inspect_paint */
    struct inspect_span *spans;
    size_t span_count;
    uint64_t overlap;  /* bytes that a layer told of twice */
    uint64_t reserved; /* addresses that are no memory yet; no span has them */
};

struct inspect {
    const char *from; /* where it was read, for messages */
    uint64_t process;
    const char *program; /* NULL: where the heap was, there are no processes */
    const char *composition, *moment;
    bool consistent;
    struct inspect_layer *layers;
    size_t layer_count;
    struct inspect_heap *heaps;
    size_t heap_count;
};

/* Reads a picture and paints it; false, with what is wrong and where. */
bool inspect_read(struct inspect *picture, const char *from, const char *text, size_t length,
                  struct diags *diags);

/* Fills in spans. */
void inspect_paint(const struct inspect *picture, struct inspect_heap *heap);

/* The picture of a process that runs, or NULL. */
const char *inspect_ask(const char *process, size_t *length, struct diags *diags);

void inspect_text(const struct inspect *picture, FILE *out);
void inspect_json(const struct inspect *picture, FILE *out);
void inspect_svg(const struct inspect *picture, FILE *out);
void inspect_html(const struct inspect *picture, FILE *out);

#endif
