/* SPDX-License-Identifier: MIT */
/*
 * mutex - the operating system's mutex, as plainly as it comes
 *
 * Waiters sleep at once, so that it keeps its throughput with any number of threads on any number
 * of cores. On Linux it takes the steps that pthread_mutex_lock takes in a program with threads,
 * also while there is one thread: libc does not count those that an allocator begins by itself.
 *
 * Needs: nothing
 * Offers: exclusion; no state in a thread
 *
 * Parameters: none
 *
 * Invariants: locked exactly while a procedure runs
 * Ordering: lock sees everything before the unlock before it
 * Wins: other threads that meet at one heap: upon tlsf_glk larson and phonebook take 0.54 of the
 *     time with ccsynch, msqueue 0.63 and wfqueue 0.66 (docs/results/workloads.md, two cores)
 */
#ifndef MORTISE_POLICY_SYNC_MUTEX_H
#define MORTISE_POLICY_SYNC_MUTEX_H

#include "../../os/os.h"
#include "../sync.h"

enum { mortise_mutex_threadsafe = 1, mortise_mutex_sleeps = 1 };

/* A line of its own: waiters write to it while the owner works on the layer's state. */
struct mortise_mutex {
    struct mortise_os_mutex mutex;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_mutex_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_mutex_init(struct mortise_mutex *sync)
{
    (void)sync; /* zero is an open mutex, and others may be inside already */
}

MORTISE_FAST void mortise_mutex_join(struct mortise_mutex *sync, struct mortise_mutex_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_mutex_ready(const struct mortise_mutex_local *local)
{
    (void)local;
    return true;
}

MORTISE_FAST void mortise_mutex_exec(struct mortise_mutex *sync, struct mortise_mutex_local *local,
                                     mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    mortise_os_mutex_lock(&sync->mutex);
    procedure(argument);
    mortise_os_mutex_unlock(&sync->mutex);
}

MORTISE_FAST void mortise_mutex_reset(struct mortise_mutex *sync)
{
    (void)sync;
}

#endif
