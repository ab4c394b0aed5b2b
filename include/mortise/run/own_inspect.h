/* SPDX-License-Identifier: MIT */
/*
 * The heap made visible where there is no system to write a picture with: its text goes to a
 * function of the embedder, which sends it down a wire, or keeps it, for `mortise inspect` to read.
 * Part of own.h.
 *
 * Every request has one of the states in the table to itself. Who has taken them all is alone in
 * the heap, so the picture is always consistent; requests wait for it. The function must not make
 * one.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/mymalloc_socket.h"
#else
#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)

#include "walks.h"

/* True when all of it went to `write`. */
MORTISE_SLOW bool RUN(own_inspect)(mortise_snapshot_write_t *write, void *argument)
{
    enum { BUFFER = 256, SCRATCH = 512 }; /* on a stack that may be small: a slab of 64 KB */
    char buffer[BUFFER];
    uint64_t scratch[SCRATCH / 8];
    struct RUN(painter) painter;
    struct mortise_snapshot *to = &painter.to;
    for (uint32_t i = 0; i < RUN(places); i++)
        RUN(wait_place)(&RUN(table)[i]);
    RUN(paint_begin)(&painter, scratch, SCRATCH);
    mortise_snapshot_begin(to, buffer, BUFFER, write, argument);
    RUN(paint_say)(to, "call", true);
    mortise_snapshot_heap(to, 0);
    if (RUN(default).life.ready != 0)
        RUN(walk_heap)(&RUN(default), &painter.walk);
    for (uint32_t i = 0; i < RUN(places); i++)
        if (RUN(table)[i].local.link.thread != 0)
            RUN(walk_state)(&painter.walk, i, &RUN(table)[i].local);
    bool whole = mortise_snapshot_end(to);
    for (uint32_t i = 0; i < RUN(places); i++)
        RUN(leave_place)(&RUN(table)[i]);
    return whole;
}

#undef RUN

#endif
