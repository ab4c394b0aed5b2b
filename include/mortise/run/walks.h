/* SPDX-License-Identifier: MIT */
/*
 * How the operation walk (core/walk.h) goes through a heap and the states of threads in it, and how
 * a picture (snapshot.h) is painted of that. A template over COMPOSITION, for inspect.h and
 * own_inspect.h, which know what states there are.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#include "snapshot.h"

/* Of a region that a layer has claimed. One that does not walk is seen as a whole. */
MORTISE_SLOW void RUN(walk_region)(struct mortise_walk *walk)
{
    unsigned owner = mortise_owner_of(walk->owned);
    for (const struct mortise_layer_name *at = RUN(layer_names); at->name != NULL; at++)
        if (at->number == owner && !at->walks)
            mortise_walk_piece(walk, at->name, MORTISE_WALK_REGION, walk->region, walk->region_size,
                               "opaque", 0);
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_REGION, walk, 0, 1);
    RUN(enter_walk)(&ctx, (struct RUN(heap) *)walk->heap, (struct RUN(local) *)&RUN(nobody));
}

/* What layers know from their states of the heap. Fills in all of `walk` but visit and scratch. */
MORTISE_SLOW void RUN(walk_heap)(struct RUN(heap) * heap, struct mortise_walk *walk)
{
    walk->heap = heap;
    walk->ask = RUN(walk_region);
    walk->state = 0;
    walk->thread = 0;
    walk->records = NULL;
    mortise_set(walk->done, 0, sizeof walk->done);
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_HEAP, walk, 0, 1);
    RUN(enter_walk)(&ctx, heap, (struct RUN(local) *)&RUN(nobody));
}

/* What they have in the next state of a thread, after those of the heap. */
MORTISE_SLOW void RUN(walk_state)(struct mortise_walk *walk, uint32_t thread,
                                  struct RUN(local) * local)
{
    walk->state++;
    walk->thread = thread;
    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_THREAD, walk, 0, 1);
    RUN(enter_walk)(&ctx, (struct RUN(heap) *)walk->heap, local);
}

struct RUN(painter) {
    struct mortise_walk walk;
    struct mortise_snapshot to;
};

MORTISE_SLOW void RUN(paint_piece)(struct mortise_walk *walk, const struct mortise_piece *piece)
{
    mortise_snapshot_add(&MORTISE_CONTAINER(walk, struct RUN(painter), walk)->to, walk, piece);
}

/* Begins a picture, of which nothing is written yet; `scratch` is for mortise_walk_bits. */
MORTISE_SLOW void RUN(paint_begin)(struct RUN(painter) * painter, uint64_t *scratch, size_t bytes)
{
    mortise_set(painter, 0, sizeof *painter);
    painter->walk.visit = RUN(paint_piece);
    painter->walk.scratch = scratch;
    painter->walk.scratch_bits = bytes * 8;
    painter->to.layers = RUN(layer_names);
}

/* The lines before those of the first heap. */
MORTISE_SLOW void RUN(paint_say)(struct mortise_snapshot *to, const char *moment, bool consistent)
{
    mortise_snapshot_say(to, "composition", MORTISE_STRING(COMPOSITION));
    mortise_snapshot_say(to, "moment", moment);
    mortise_snapshot_say(to, "consistent", consistent ? "yes" : "no");
    mortise_snapshot_say_layers(to);
}

#endif
