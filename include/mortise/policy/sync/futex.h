/* SPDX-License-Identifier: MIT */
/*
 * futex - a lock of four bytes whose waiters sleep in the kernel
 *
 * The word says free, taken, or taken and wanted; only in the last case does the owner ask the
 * kernel to wake one waiter. A waiter pauses a bounded number of times before it sleeps, and does
 * not pause at all where one core is all there is. Whoever runs when the lock becomes free takes
 * it, so that no hand-over waits for a thread to be scheduled: it keeps its throughput with any
 * number of threads. A tenth of a mutex in size, and without a line of its own: a layer with many
 * locks can keep each beside what it guards.
 *
 * Not fair.
 *
 * Needs: nothing
 * Offers: exclusion; no state in a thread
 *
 * Parameters: none
 *
 * Invariants: word is not 0 exactly while a procedure runs; it is 2 while anybody
 * sleeps, or somebody who was woken is about to write 2
 * Ordering: stands at each operation of shared/waiting.h
 * Wins: none yet
 * Source: Drepper, Futexes are tricky, 2004, mutex2
 */
#ifndef MORTISE_POLICY_SYNC_FUTEX_H
#define MORTISE_POLICY_SYNC_FUTEX_H

#include "../sync.h"
#include "shared/waiting.h"

enum { mortise_futex_threadsafe = 1, mortise_futex_sleeps = 1 };

struct mortise_futex {
    uint32_t word;
};

struct mortise_futex_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_futex_init(struct mortise_futex *sync)
{
    (void)sync; /* zero is open, and others may be inside already */
}

MORTISE_FAST void mortise_futex_join(struct mortise_futex *sync, struct mortise_futex_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_futex_ready(const struct mortise_futex_local *local)
{
    (void)local;
    return true;
}

/* A whole exec, not only the wait: who finds the word free need not save registers for a call. */
MORTISE_SLOW void mortise_futex_exec_contended(struct mortise_futex *sync,
                                               mortise_procedure_t *procedure, void *argument)
{
    mortise_waiting_lock_contended(&sync->word);
    procedure(argument);
    mortise_waiting_unlock(&sync->word);
}

MORTISE_FAST void mortise_futex_exec(struct mortise_futex *sync, struct mortise_futex_local *local,
                                     mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    if (MORTISE_UNLIKELY(!mortise_waiting_try_lock(&sync->word))) {
        mortise_futex_exec_contended(sync, procedure, argument);
        return;
    }
    procedure(argument);
    mortise_waiting_unlock(&sync->word);
}

MORTISE_FAST void mortise_futex_reset(struct mortise_futex *sync)
{
    (void)sync;
}

#endif
