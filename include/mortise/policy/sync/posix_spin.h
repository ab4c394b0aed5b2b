/* SPDX-License-Identifier: MIT */
/*
 * posix_spin - a spin lock of four bytes that gives up the CPU when it cannot get the lock
 *
 * The paper describes POSIX spin locks so: a waiter tries for a while and then lets others run.
 * glibc's pthread_spin_lock does not, it spins until it has the lock; with more threads than cores
 * that costs a scheduling quantum whenever the owner is preempted. This one looks a bounded number
 * of times, yields once, and begins again. It has no line of its own, so that a layer with many
 * locks (one for each size class) can keep each beside what it guards; spinlock has one.
 *
 * Not fair. Under real-time priorities yielding does not help a preempted owner of lower priority:
 * take mutex or futex there.
 *
 * Needs: nothing
 * Offers: exclusion; no state in a thread
 *
 * Parameters: none
 *
 * Invariants: word is 1 exactly while a procedure runs
 * Ordering: the acquiring exchange sees everything before the releasing store of the owner before
 * Wins: many locks, each seldom contended: it costs what spinlock does, 3 ns where members that
 *     sleep cost 5 (bench/policy/sync, work 0), in a sixteenth of the memory
 * Source: paper section 2.2
 */
#ifndef MORTISE_POLICY_SYNC_POSIX_SPIN_H
#define MORTISE_POLICY_SYNC_POSIX_SPIN_H

#include "../../arch/cpu.h"
#include "../../core/atomic.h"
#include "../../os/os.h"
#include "../sync.h"

enum {
    mortise_posix_spin_threadsafe = 1,
    mortise_posix_spin_sleeps = 0,
    mortise_posix_spin_looks = 128 /* with one pause each, before the core is given up once */
};

struct mortise_posix_spin {
    uint32_t word;
};

struct mortise_posix_spin_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_posix_spin_init(struct mortise_posix_spin *sync)
{
    (void)sync; /* zero is open, and others may be inside already */
}

MORTISE_FAST void mortise_posix_spin_join(struct mortise_posix_spin *sync,
                                          struct mortise_posix_spin_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_posix_spin_ready(const struct mortise_posix_spin_local *local)
{
    (void)local;
    return true;
}

/* Acquire: shows this thread what every earlier owner wrote before its release. */
MORTISE_FAST bool mortise_posix_spin_try(struct mortise_posix_spin *sync)
{
    return MORTISE_LIKELY(MORTISE_SWAP_ACQUIRE(&sync->word, 1) == 0);
}

/* Returns as the owner. */
MORTISE_SLOW void mortise_posix_spin_contend(struct mortise_posix_spin *sync)
{
    unsigned looks = mortise_os_single_core() ? 0 : mortise_posix_spin_looks;
    do {
        unsigned left = looks;
        while (MORTISE_LOAD_RELAXED(&sync->word) != 0) { /* a hint; the exchange decides */
            if (left > 0) {
                left--;
                mortise_cpu_pause();
            } else {
                left = looks;
                mortise_os_yield();
            }
        }
    } while (!mortise_posix_spin_try(sync));
}

/* Release: shows what this owner wrote to the thread whose exchange finds the 0. */
MORTISE_FAST void mortise_posix_spin_leave(struct mortise_posix_spin *sync)
{
    MORTISE_STORE_RELEASE(&sync->word, 0);
}

/* A whole exec, not only the wait: who finds the word free need not save registers for a call. */
MORTISE_SLOW void mortise_posix_spin_exec_contended(struct mortise_posix_spin *sync,
                                                    mortise_procedure_t *procedure, void *argument)
{
    mortise_posix_spin_contend(sync);
    procedure(argument);
    mortise_posix_spin_leave(sync);
}

MORTISE_FAST void mortise_posix_spin_exec(struct mortise_posix_spin *sync,
                                          struct mortise_posix_spin_local *local,
                                          mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    if (!mortise_posix_spin_try(sync)) {
        mortise_posix_spin_exec_contended(sync, procedure, argument);
        return;
    }
    procedure(argument);
    mortise_posix_spin_leave(sync);
}

MORTISE_FAST void mortise_posix_spin_reset(struct mortise_posix_spin *sync)
{
    (void)sync;
}

#endif
