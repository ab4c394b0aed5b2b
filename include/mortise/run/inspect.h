/* SPDX-License-Identifier: MIT */
/*
 * The heaps of a composition made visible, see core/walk.h and run/snapshot.h. Part of malloc.h.
 *
 * For a composition c:
 *   c_walk(heap, walk)   tells of all pieces of a heap by walk->visit; while nobody else is inside
 *   c_inspect(path)      a picture of all heaps in a file, at any moment; false: there is none
 *
 * A picture is taken of a copy of the process, made while nobody is inside a heap, as fork finds it
 * (announce.h); so the copy may look at everything, and what is wrong there harms nobody. Requests
 * are held up for as long as the system takes to copy the tables of pages, not for the picture. A
 * hot path that does not announce itself may stand between two of its instructions: what it moves
 * is in one place or the other then, for each does so by one store.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#include "walks.h"

/* Fills in walk->ask and what belongs to the heap. */
MORTISE_SLOW void RUN(walk)(struct RUN(heap) * heap, struct mortise_walk *walk)
{
    RUN(walk_heap)(heap, walk);
    for (struct mortise_link *link = heap->life.all; link != NULL; link = link->next)
        RUN(walk_state)(walk, link->thread, RUN(local_of)(link));
}

#if MORTISE_OS_COPIES

/* The process that is painted, as the painter has a number of its own. */
static uint32_t RUN(painted) __attribute__((unused));

enum { RUN(path_most) = 4096 };

MORTISE_SLOW bool RUN(paint_write)(void *file, const char *text, size_t length)
{
    return mortise_os_file_write(*(const int *)file, text, length);
}

/* Writes the picture, in a copy of the process: memory that is mapped for it goes with that. */
MORTISE_SLOW bool RUN(paint)(int file, const char *moment, bool consistent)
{
    enum { BUFFER = MORTISE_GRANULE, SCRATCH = 1 << 20 };
    struct RUN(painter) painter;
    char *memory = (char *)mortise_os_map(BUFFER + SCRATCH, mortise_os_page_size());
    if (memory == NULL)
        return false;
    RUN(paint_begin)(&painter, (uint64_t *)(void *)(memory + BUFFER), SCRATCH);
    struct mortise_snapshot *to = &painter.to;
    mortise_snapshot_begin(to, memory, BUFFER, RUN(paint_write), &file);
    mortise_snapshot_say_number(to, "process", RUN(painted));
    mortise_snapshot_say(to, "program", mortise_os_program());
    RUN(paint_say)(to, moment, consistent);
    for (struct mortise_life *life = RUN(heaps); life != NULL; life = life->next_heap) {
        mortise_snapshot_heap(to, life->serial);
        RUN(walk)(RUN(heap_of)(life), &painter.walk);
    }
    return mortise_snapshot_end(to);
}

/* The path with a ~ behind it, so that nobody takes half a picture for a whole one. */
MORTISE_SLOW bool RUN(paint_file)(const char *path, const char *moment, bool consistent)
{
    char beside[RUN(path_most) + 2];
    size_t length = __builtin_strlen(path);
    if (length > RUN(path_most))
        return false;
    __builtin_memcpy(beside, path, length);
    beside[length] = '~';
    beside[length + 1] = '\0';
    int file = mortise_os_file_make(beside);
    if (file == -1)
        return false;
    bool painted = RUN(paint)(file, moment, consistent);
    return mortise_os_file_end(file) && painted && mortise_os_rename(beside, path);
}

/* The calling thread may be in the middle of a request, where a signal came or a layer ended the
 * program. */
MORTISE_SLOW bool RUN(is_outside)(void)
{
    return RUN(admitted) == 0 && MORTISE_LOAD_RELAXED(&RUN(here)(&RUN(default))->link.inside) == 0;
}

MORTISE_SLOW bool RUN(inspect_at)(const char *path, const char *moment)
{
    MORTISE_UNREPORTED;
    RUN(painted) = mortise_os_process_id();
    bool consistent = RUN(is_outside)();
    RUN(come_to_rest)(true);
    int copy = mortise_os_copy();
    if (copy == 0)
        mortise_os_copy_end(RUN(paint_file)(path, moment, consistent));
    RUN(fork_parent)();
    return copy != -1 && mortise_os_copy_wait(copy);
}

MORTISE_SLOW bool RUN(inspect)(const char *path)
{
    return RUN(inspect_at)(path, "call");
}

/* A server, see os.h: serves whoever asks, and does not return. */
MORTISE_SLOW void RUN(inspect_serve)(void *unused)
{
    (void)unused;
    static uint32_t never;
    int place = mortise_os_listen();
    for (int file; place != -1 && (file = mortise_os_accept(place)) != -1;) {
        RUN(come_to_rest)(false);
        RUN(painted) = mortise_os_process_id();
        int copy = mortise_os_copy();
        if (copy == 0)
            mortise_os_copy_end(RUN(paint)(file, "live", !RUN(at_ease)));
        RUN(go_on)();
        mortise_os_file_end(file);
        if (copy != -1)
            mortise_os_copy_wait(copy);
    }
    for (;;)
        mortise_os_wait(&never, 0);
}

#endif

#endif
