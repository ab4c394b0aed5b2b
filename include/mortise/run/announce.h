/* SPDX-License-Identifier: MIT */
/*
 * How fork finds every heap at rest. Part of run.h.
 *
 * Whoever may take a lock announces it first, by a word of its own, and departs afterwards; the
 * same thread may announce again inside. fork raises `forking` and waits until nobody is inside.
 * Who comes later must not wait for it to end: it may hold a lock of libc that fork takes next (a
 * stream's, in getline). So announce answers NULL after a little patience, and the request is
 * served elsewhere: blocks from run/reserve.h, frees put off (forks.h). Work that no such thread
 * asks for waits: RUN(announce_or_wait).
 *
 * Ordering: the one who announces writes its word and then reads `forking`; fork writes `forking`
 * and then reads the words. At least one of them must see the other, which takes a full fence on
 * both sides. fork's is a heavy one, mortise_os_heavy_fence, that works for all threads, so that
 * theirs is none; where the system has no such fence, MORTISE_FORK_FENCE is set in `forking` and
 * they do their own.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
/* Nobody can be in the way of a fork: there is one thread, or neither a lock nor the state of a
 * thread, which begins under one. */
enum {
    RUN(at_ease) = (RUN(facts) & MORTISE_THREADSAFE) == 0 ||
                   ((RUN(facts) & MORTISE_LOCKLESS) != 0 && !RUN(has_local))
};

/* Forks under way, counted above the bit that asks for fences. */
static uint32_t RUN(forking) __attribute__((unused));

/* How many are inside that have no state: the first time, or while they end. */
static uint32_t RUN(strangers) __attribute__((unused));

MORTISE_SLOW void RUN(end_late)(void); /* threads.h */

/* Announces at `inside`, unless a fork is under way. */
MORTISE_SLOW bool RUN(announce_at)(uint32_t *inside)
{
    MORTISE_ADD_SEQ_CST(inside, 1u); /* a fence too, where that is needed */
    if (MORTISE_LOAD_SEQ_CST(&RUN(forking)) < MORTISE_FORK_ONE)
        return true;
    MORTISE_SUB_RELEASE(inside, 1u); /* what was done inside before is over */
    return false;
}

/* Announces for sure where this thread is inside already, as a stranger, for no fork can go on
 * before it departs. */
MORTISE_SLOW bool RUN(announce_again)(uint32_t *inside)
{
    if (RUN(admitted) == 0)
        return false;
    MORTISE_ADD_RELAXED(inside, 1u);
    RUN(admitted) += inside == &RUN(strangers);
    return true;
}

/* As announce_at, with the patience that a fork takes which nothing holds up. */
MORTISE_SLOW uint32_t *RUN(announce_slowly)(uint32_t *inside)
{
    if (RUN(announce_again)(inside))
        return inside;
    for (int tries = 0; tries < 64; tries++) {
        if (RUN(announce_at)(inside)) {
            RUN(admitted) += inside == &RUN(strangers);
            return inside;
        }
        mortise_os_yield();
    }
    return NULL;
}

/* A thread without state gets one, for next time, unless it comes for nothing. */
MORTISE_SLOW uint32_t *RUN(announce_stranger)(struct RUN(heap) * heap, struct RUN(local) * local,
                                              bool for_nothing)
{
    uint32_t *inside = RUN(announce_slowly)(&RUN(strangers));
    if (inside != NULL && !for_nothing)
        RUN(attach)(heap, local);
    return inside;
}

/* NULL: a fork is under way; go elsewhere. Else to be given to RUN(depart). Who comes `for_nothing`
 * frees NULL: libc does at the end of each thread, when that has given up its state. */
MORTISE_FAST uint32_t *RUN(announce)(struct RUN(heap) * heap, struct RUN(local) * local,
                                     bool for_nothing)
{
    if (RUN(at_ease))
        return &RUN(strangers);
    if (MORTISE_UNLIKELY(local->link.thread == 0))
        return RUN(announce_stranger)(heap, local, for_nothing);
    uint32_t *inside = &local->link.inside;
    uint32_t depth = MORTISE_LOAD_RELAXED(inside); /* only this thread writes it */
    MORTISE_STORE_RELAXED(inside, depth + 1);
    MORTISE_LIGHT_FENCE();
    if (MORTISE_LIKELY(MORTISE_LOAD_RELAXED(&RUN(forking)) == 0) || depth != 0)
        return inside;
    MORTISE_STORE_RELEASE(inside, 0u); /* as in announce_at */
    return RUN(announce_slowly)(inside);
}

/* Others write the word as well. */
MORTISE_SLOW void RUN(depart_stranger)(void)
{
    if (RUN(late) != NULL && RUN(admitted) == 1)
        RUN(end_late)();
    RUN(admitted)--;
    MORTISE_SUB_RELEASE(&RUN(strangers), 1u);
}

/* Release: fork, which sees the word, sees all that was done inside. */
MORTISE_FAST void RUN(depart)(uint32_t *inside)
{
    if (RUN(at_ease))
        return;
    if (MORTISE_UNLIKELY(inside == &RUN(strangers)))
        RUN(depart_stranger)();
    else
        MORTISE_STORE_RELEASE(inside, MORTISE_LOAD_RELAXED(inside) - 1);
}

/* For what is done seldom and with no lock of libc in hand: waits until no fork is under way. To be
 * ended by RUN(depart)(&RUN(strangers)). */
MORTISE_SLOW void RUN(announce_or_wait)(void)
{
    if (RUN(at_ease))
        return;
    if (RUN(announce_again)(&RUN(strangers)))
        return;
    while (!RUN(announce_at)(&RUN(strangers))) {
        uint32_t word = MORTISE_LOAD_RELAXED(&RUN(forking));
        if (word >= MORTISE_FORK_ONE)
            mortise_os_wait(&RUN(forking), word);
    }
    RUN(admitted)++;
}

#endif
