/* SPDX-License-Identifier: MIT */
/*
 * fork: the forking thread holds every lock of every heap while the process is copied. Part of
 * run.h.
 *
 * In the child the states of the threads that did not come along are made idle again: no lock was
 * held and no procedure ran when the copy was taken, so nothing in them is half done.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "run.h"
#else
MORTISE_SLOW void RUN(fork_all)(enum mortise_kind kind)
{
    for (struct mortise_life *life = RUN(heaps); life != NULL; life = life->next_heap) {
        struct RUN(heap) *heap = RUN(heap_of)(life);
        struct RUN(mctx) ctx = RUN(mctx_make)(kind, NULL, 0, 1);
        if (kind == MORTISE_FORK_PREPARE)
            mortise_run_lock(&life->lock);
        RUN(enter_fork)(&ctx, heap, RUN(here)(heap));
        if (kind != MORTISE_FORK_PREPARE)
            mortise_run_unlock(&life->lock);
    }
}

MORTISE_SLOW void RUN(fork_prepare)(void)
{
    mortise_run_lock(&RUN(heaps_lock));
    RUN(fork_all)(MORTISE_FORK_PREPARE);
}

MORTISE_SLOW void RUN(fork_parent)(void)
{
    RUN(fork_all)(MORTISE_FORK_PARENT);
    mortise_run_unlock(&RUN(heaps_lock));
}

MORTISE_SLOW void RUN(fork_child)(void)
{
    uint32_t thread = mortise_os_thread_id();
    RUN(fork_all)(MORTISE_FORK_CHILD);
    for (struct mortise_life *life = RUN(heaps); life != NULL; life = life->next_heap) {
        struct RUN(heap) *heap = RUN(heap_of)(life);
        const struct RUN(local) *mine = RUN(here)(heap);
        for (struct mortise_link *link = life->all; link != NULL; link = link->next) {
            struct RUN(local) *local = RUN(local_of)(link);
            if (local == mine) {
                link->thread = thread; /* the child's only thread has a new number */
            } else if (link->thread != 0) {
                struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_FORK_ORPHAN, NULL, 0, 1);
                RUN(enter_fork)(&ctx, heap, local);
                RUN(leave)(heap, local);
            }
        }
    }
    mortise_run_unlock(&RUN(heaps_lock));
}

MORTISE_SLOW void RUN(watch_forks)(void)
{
    static uint32_t watching;
    if (MORTISE_SWAP_ACQUIRE(&watching, 1u) == 0)
        mortise_os_at_fork(RUN(fork_prepare), RUN(fork_parent), RUN(fork_child));
}

#endif
