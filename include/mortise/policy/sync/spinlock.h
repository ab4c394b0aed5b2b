/* SPDX-License-Identifier: MIT */
/*
 * spinlock - test, test-and-set, pause, and in the end yield
 *
 * One word, taken by one exchange and given back by one store: the cheapest lock there is as long
 * as nobody else wants it. A waiter only reads until the word is free, so that waiting costs the
 * owner nothing but the one line; it pauses 1, 2, 4 ... 64 times between looks. After a bounded
 * number of pauses it yields the core at every look, because then the owner is most likely not
 * running; where one core is all there is it yields at once.
 *
 * Not fair. Under real-time priorities yielding does not help a preempted owner of lower priority:
 * take mutex there.
 *
 * Needs: nothing
 * Offers: exclusion; no state in a thread
 *
 * Parameters: none
 *
 * Invariants: word is 1 exactly while a procedure runs
 * Ordering: the acquiring exchange sees everything before the releasing store of the owner before
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_SYNC_SPINLOCK_H
#define MORTISE_POLICY_SYNC_SPINLOCK_H

#include "../../arch/cpu.h"
#include "../../core/atomic.h"
#include "../../os/os.h"
#include "../sync.h"

enum {
    mortise_spinlock_threadsafe = 1,
    mortise_spinlock_sleeps = 0,
    mortise_spinlock_longest_pause = 64, /* between two looks at the word */
    mortise_spinlock_patience = 256      /* pauses before the first yield, about ten microseconds */
};

/* A line of its own: a waiter's reads must not slow down the owner's work on the layer's state. */
struct mortise_spinlock {
    uint32_t word;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_spinlock_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_spinlock_init(struct mortise_spinlock *sync)
{
    (void)sync; /* zero is an open lock, and others may be inside already */
}

MORTISE_FAST void mortise_spinlock_join(struct mortise_spinlock *sync,
                                        struct mortise_spinlock_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_spinlock_ready(const struct mortise_spinlock_local *local)
{
    (void)local;
    return true;
}

/* Returns as the owner. */
MORTISE_SLOW void mortise_spinlock_contend(uint32_t *word)
{
    unsigned pauses = 1;
    unsigned spun = mortise_os_single_core() ? mortise_spinlock_patience : 0;
    do {
        while (MORTISE_LOAD_RELAXED(word) != 0) { /* a hint; the exchange below decides */
            if (spun >= mortise_spinlock_patience) {
                mortise_os_yield();
                continue;
            }
            for (unsigned i = 0; i < pauses; i++)
                mortise_cpu_pause();
            spun += pauses;
            if (pauses < mortise_spinlock_longest_pause)
                pauses *= 2;
        }
    } while (MORTISE_SWAP_ACQUIRE(word, 1) != 0); /* see mortise_spinlock_exec */
}

/* A whole exec, not only the wait: who finds the word free need not save registers for a call. */
MORTISE_SLOW void mortise_spinlock_exec_contended(struct mortise_spinlock *sync,
                                                  mortise_procedure_t *procedure, void *argument)
{
    mortise_spinlock_contend(&sync->word);
    procedure(argument);
    MORTISE_STORE_RELEASE(&sync->word, 0); /* see mortise_spinlock_exec */
}

/* Acquire: shows this thread what every earlier owner wrote before its release. Release: shows what
 * this owner wrote to the thread whose exchange finds the 0. */
MORTISE_FAST void mortise_spinlock_exec(struct mortise_spinlock *sync,
                                        struct mortise_spinlock_local *local,
                                        mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    if (MORTISE_UNLIKELY(MORTISE_SWAP_ACQUIRE(&sync->word, 1) != 0)) {
        mortise_spinlock_exec_contended(sync, procedure, argument);
        return;
    }
    procedure(argument);
    MORTISE_STORE_RELEASE(&sync->word, 0);
}

MORTISE_FAST void mortise_spinlock_reset(struct mortise_spinlock *sync)
{
    (void)sync;
}

#endif
