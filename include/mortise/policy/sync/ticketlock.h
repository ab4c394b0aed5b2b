/* SPDX-License-Identifier: MIT */
/*
 * ticketlock - first come, first served, with two counters
 *
 * A thread draws a ticket with one addition and owns the lock when its number is called; the owner
 * calls the next with one store. A waiter pauses in proportion to its distance from the owner, so
 * that few look at the word when it changes. It yields the core when it is far from its turn, after
 * a bounded number of pauses, and at once where one core is all there is: with more threads than
 * cores the next in turn is most likely not running, and only the waiters can make room for it.
 * Then a hand-over costs the yields of those who run before it: take combine or futex there.
 * One call waits for at most as many procedures as there are other threads.
 *
 * Under real-time priorities yielding does not help a preempted owner of lower priority: take mutex
 * there.
 *
 * Needs: nothing
 * Offers: exclusion, first come first served; no state in a thread
 *
 * Parameters: none
 *
 * Invariants: drawn - called is the number of threads that own or wait
 * Ordering: stands at each operation below
 * Wins: threads that seldom meet, no more than there are cores: alone it costs what spinlock does,
 *     3 ns where the queues cost 5 (bench/policy/sync, work 0), and it is fair
 * Source: Mellor-Crummey and Scott, Algorithms for scalable synchronization, TOCS 1991, section 2.2
 */
#ifndef MORTISE_POLICY_SYNC_TICKETLOCK_H
#define MORTISE_POLICY_SYNC_TICKETLOCK_H

#include "../sync.h"
#include "shared/waiting.h"

enum {
    mortise_ticketlock_threadsafe = 1,
    mortise_ticketlock_sleeps = 0,
    mortise_ticketlock_far = 4,    /* this many turns away from the owner a waiter yields at once */
    mortise_ticketlock_pauses = 16 /* for each turn between two looks */
};

/* A line of its own: waiters write to it while the owner works on the layer's state. */
struct mortise_ticketlock {
    uint32_t drawn;  /* the next ticket */
    uint32_t called; /* the ticket of the owner, or of the next one */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_ticketlock_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_ticketlock_init(struct mortise_ticketlock *sync)
{
    (void)sync; /* zero is open, and others may be inside already */
}

MORTISE_FAST void mortise_ticketlock_join(struct mortise_ticketlock *sync,
                                          struct mortise_ticketlock_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_ticketlock_ready(const struct mortise_ticketlock_local *local)
{
    (void)local;
    return true;
}

/* Acquire: shows this thread what every earlier owner wrote before it called the next. */
MORTISE_FAST uint32_t mortise_ticketlock_called(const struct mortise_ticketlock *sync)
{
    return MORTISE_LOAD_ACQUIRE(&sync->called);
}

/* Returns as the owner. */
MORTISE_SLOW void mortise_ticketlock_contend(struct mortise_ticketlock *sync, uint32_t ticket)
{
    unsigned spent = 0;
    uint32_t distance;
    while ((distance = ticket - mortise_ticketlock_called(sync)) != 0) {
        if (distance >= mortise_ticketlock_far)
            mortise_os_yield();
        else
            mortise_waiting_relax(&spent, distance * mortise_ticketlock_pauses);
    }
}

/* Relaxed: the number shows nothing, mortise_ticketlock_called does. */
MORTISE_FAST uint32_t mortise_ticketlock_draw(struct mortise_ticketlock *sync)
{
    return MORTISE_ADD_RELAXED(&sync->drawn, 1);
}

/* Release: shows what this owner wrote to the next. Nobody else writes the word. */
MORTISE_FAST void mortise_ticketlock_call(struct mortise_ticketlock *sync, uint32_t ticket)
{
    MORTISE_STORE_RELEASE(&sync->called, ticket + 1);
}

/* A whole exec, not only the wait: who is the owner at once need not save registers for a call. */
MORTISE_SLOW void mortise_ticketlock_exec_contended(struct mortise_ticketlock *sync,
                                                    uint32_t ticket, mortise_procedure_t *procedure,
                                                    void *argument)
{
    mortise_ticketlock_contend(sync, ticket);
    procedure(argument);
    mortise_ticketlock_call(sync, ticket);
}

MORTISE_FAST void mortise_ticketlock_exec(struct mortise_ticketlock *sync,
                                          struct mortise_ticketlock_local *local,
                                          mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    uint32_t ticket = mortise_ticketlock_draw(sync);
    if (MORTISE_UNLIKELY(mortise_ticketlock_called(sync) != ticket)) {
        mortise_ticketlock_exec_contended(sync, ticket, procedure, argument);
        return;
    }
    procedure(argument);
    mortise_ticketlock_call(sync, ticket);
}

MORTISE_FAST void mortise_ticketlock_reset(struct mortise_ticketlock *sync)
{
    (void)sync;
}

#endif
