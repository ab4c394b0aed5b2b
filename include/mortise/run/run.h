/* SPDX-License-Identifier: MIT */
/*
 * The life of a finished composition: its default heap, its run-time heaps, the states of threads,
 * and fork. A template over COMPOSITION that a socket includes after LAYER_COMPOSE.
 *
 * Defined here, for a composition c:
 *   c_default                 the static heap, made on first use
 *   c_heap_create, c_heap_destroy    any number of further heaps
 *   c_here(heap)              the calling thread's state in a heap, or the one of nobody
 *   c_attach(heap, local)     makes heap and thread state if need be (what SELF(attach) calls)
 *
 *   c_announce(heap, local, for_nothing), c_depart(inside)    around whatever may take a lock, see
 *                             announce.h
 *
 * Locks are taken in the order: registry of heaps, lists of one heap, locks of layers.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#include "../core/compose.h"
#include "../core/poison.h"
#include "lock.h"
#include "reserve.h"
#include "seats.h"

#ifndef COMPOSITION
#error "mortise: a socket comes right after LAYER_COMPOSE, with COMPOSITION still defined"
#endif

#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)

static struct RUN(heap) RUN(default) __attribute__((unused));

/* The state of a thread that has none: empty, shared, and constant, so that a layer which writes
 * to it is caught at once. `gone` marks a thread whose exit hook has run. */
static const struct RUN(local) RUN(nobody) __attribute__((unused)) = {};
static const struct RUN(local) RUN(gone) __attribute__((unused)) = {};

/* The registry of heaps and its lock; the next serial number. */
static struct mortise_life *RUN(heaps) __attribute__((unused));
static uint32_t RUN(heaps_lock) __attribute__((unused));
static uint64_t RUN(serials) __attribute__((unused));

/* Initial-exec: one load from the thread pointer, and never a call into the dynamic linker. It
 * costs a dlopened library 8 of the 512 bytes that glibc keeps for this. */
#define MORTISE_TLS static __thread __attribute__((tls_model("initial-exec"), unused))
MORTISE_TLS struct RUN(local) * RUN(self) = (struct RUN(local) *)&RUN(nobody);
MORTISE_TLS struct mortise_seats *RUN(seats) = (struct mortise_seats *)&mortise_no_seats;
MORTISE_TLS struct RUN(local) * RUN(late); /* see threads.h */
MORTISE_TLS struct RUN(heap) * RUN(late_heap);
MORTISE_TLS uint32_t RUN(admitted); /* how often this thread is inside as a stranger */
static struct mortise_os_exit_hook RUN(exit_hook) __attribute__((unused));
#undef MORTISE_TLS

MORTISE_FAST struct RUN(local) * RUN(here)(struct RUN(heap) * heap)
{
    if (!RUN(has_local))
        return (struct RUN(local) *)&RUN(nobody);
    if (heap == &RUN(default))
        return RUN(self);
    void *local = mortise_seats_find(RUN(seats), heap->life.serial);
    return local != NULL ? (struct RUN(local) *)local : (struct RUN(local) *)&RUN(nobody);
}

MORTISE_PLAIN bool RUN(is_nobody)(const struct RUN(local) * local)
{
    return local == &RUN(nobody) || local == &RUN(gone);
}

MORTISE_PLAIN struct RUN(heap) * RUN(heap_of)(struct mortise_life *life)
{
    return MORTISE_CONTAINER(life, struct RUN(heap), life);
}

MORTISE_PLAIN struct RUN(local) * RUN(local_of)(struct mortise_link *link)
{
    return MORTISE_CONTAINER(link, struct RUN(local), link);
}

#ifndef SOCKET_BREAK
#define SOCKET_BREAK 0
#endif

/* May the system layer move the program break? See heap/shared/break.h. */
MORTISE_FAST bool RUN(has_break)(void)
{
    return SOCKET_BREAK;
}

#include "announce.h"
#include "heaps.h"
#include "threads.h"
#include "background.h" /* which forks need, and which needs states */
#include "forks.h"

#undef RUN

#endif
