/* SPDX-License-Identifier: MIT */
/*
 * How a thread waits for another, for the members of the slot: by sleeping on a word that one
 * thread waits at, or by pausing and yielding between looks.
 */
#ifndef MORTISE_POLICY_SYNC_SHARED_WAITING_H
#define MORTISE_POLICY_SYNC_SHARED_WAITING_H

#include "../../../arch/cpu.h"
#include "../../../core/atomic.h"
#include "../../../os/os.h"

enum {
    mortise_waiting_patience = 256, /* pauses before a thread sleeps, some microseconds */
    mortise_waiting_most_haste = 5, /* how often that is halved at most: mortise_waiting_await */
    mortise_waiting_most_sleepers = 128 /* whom one leader has to wake at most */
};

/* What a word says to the one thread that waits at it; a member may add ends after GO. */
enum mortise_waiting_state {
    MORTISE_WAITING_LOOKS,  /* wait: it looks often */
    MORTISE_WAITING_PARKED, /* wait: it sleeps and must be woken */
    MORTISE_WAITING_GO      /* this and all above it end the wait */
};

/* Waits for an end at `word` and returns it. `haste`, one for all who wait on a sync, says how
 * often patience is halved: it grows with each wait that ends in sleep and falls with each that
 * does not. With more threads than cores nearly all sleep in the end, and then pauses only keep the
 * core from the next in turn. Its atomics are relaxed, for a lost update or an old value does no
 * harm.
 *
 * Acquire: shows what mortise_waiting_tell published. PARKED itself carries no data. No wake-up is
 * lost: whoever tells after the change to PARKED wakes, and whoever told before made the change
 * fail or the kernel see another value. */
MORTISE_PLAIN uint32_t mortise_waiting_await(uint32_t *word, uint32_t *haste)
{
    uint32_t hurry = MORTISE_LOAD_RELAXED(haste);
    unsigned pauses = mortise_os_single_core() ? 0 : mortise_waiting_patience >> hurry;
    uint32_t state = MORTISE_LOAD_ACQUIRE(word);
    for (; state == MORTISE_WAITING_LOOKS && pauses > 0; pauses--) {
        mortise_cpu_pause();
        state = MORTISE_LOAD_ACQUIRE(word);
    }
    if (state != MORTISE_WAITING_LOOKS) {
        if (hurry > 0)
            MORTISE_STORE_RELAXED(haste, hurry - 1);
        return state;
    }
    if (hurry < mortise_waiting_most_haste)
        MORTISE_STORE_RELAXED(haste, hurry + 1);
    (void)MORTISE_CAS_ACQUIRE(word, &state, (uint32_t)MORTISE_WAITING_PARKED);
    while ((state = MORTISE_LOAD_ACQUIRE(word)) == MORTISE_WAITING_PARKED)
        mortise_os_wait(word, MORTISE_WAITING_PARKED);
    return state;
}

/* Not inlined, so that the way of a thread alone saves no registers for it. */
MORTISE_SLOW void mortise_waiting_wake(uint32_t *word)
{
    mortise_os_wake(word, 1);
}

/* Ends the wait at `word`. Whoever waits may use the word's memory for anything else at once, so
 * the exchange is the last access to it; a wake-up that comes too late wakes, at worst, somebody
 * who looks again. Release: shows all that this thread did to whoever waits. */
MORTISE_FAST void mortise_waiting_tell(uint32_t *word, uint32_t end)
{
    if (MORTISE_UNLIKELY(MORTISE_SWAP_RELEASE(word, end) == MORTISE_WAITING_PARKED))
        mortise_waiting_wake(word);
}

/* Threads that slept when their wait ended, and have yet to be woken. A leader does that when it
 * leads no longer: the system may run who is woken in place of who wakes, and while a leader does
 * not run, all others line up behind it and sleep, so that every procedure costs a change of
 * threads (a convoy: 100 threads that allocate and 100 that free took up to 12 times as long, see
 * docs/sync.md). */
struct mortise_waiting_sleepers {
    unsigned count;
    uint32_t *word[mortise_waiting_most_sleepers];
};

/* As mortise_waiting_tell, but who sleeps is woken by mortise_waiting_wake_all. */
MORTISE_FAST void mortise_waiting_tell_asleep(struct mortise_waiting_sleepers *sleepers,
                                              uint32_t *word, uint32_t end)
{
    if (MORTISE_UNLIKELY(MORTISE_SWAP_RELEASE(word, end) == MORTISE_WAITING_PARKED))
        sleepers->word[sleepers->count++] = word;
}

/* In the order in which they were served. */
MORTISE_FAST void mortise_waiting_wake_all(const struct mortise_waiting_sleepers *sleepers)
{
    for (unsigned i = 0; i < sleepers->count; i++)
        mortise_waiting_wake(sleepers->word[i]);
}

/* Between two looks of a thread that cannot sleep: `pauses` pauses while patience lasts, then a
 * yield, because then whoever is waited for is most likely not running. `spent` starts at 0. */
MORTISE_PLAIN void mortise_waiting_relax(unsigned *spent, unsigned pauses)
{
    if (*spent >= mortise_waiting_patience || mortise_os_single_core()) {
        mortise_os_yield();
        return;
    }
    for (unsigned i = 0; i < pauses; i++)
        mortise_cpu_pause();
    *spent += pauses;
}

/* A lock in one word, whose waiters sleep: 0 free, 1 taken, 2 taken and somebody may sleep. */
enum { MORTISE_WAITING_FREE, MORTISE_WAITING_TAKEN, MORTISE_WAITING_WANTED };

/* Acquire: shows what every earlier owner wrote before it unlocked. */
MORTISE_FAST bool mortise_waiting_try_lock(uint32_t *word)
{
    uint32_t expected = MORTISE_WAITING_FREE;
    return MORTISE_CAS_ACQUIRE(word, &expected, (uint32_t)MORTISE_WAITING_TAKEN);
}

/* Returns as the owner. No wake-up is lost: WANTED is written before each sleep and by whoever was
 * asleep, so that as long as anybody sleeps an unlock finds it, or is still to come. */
MORTISE_SLOW void mortise_waiting_lock_contended(uint32_t *word)
{
    unsigned pauses = mortise_os_single_core() ? 0 : mortise_waiting_patience;
    for (; pauses > 0; pauses--) {
        /* Relaxed: a hint, the exchange in try_lock decides. */
        if (MORTISE_LOAD_RELAXED(word) == MORTISE_WAITING_FREE && mortise_waiting_try_lock(word))
            return;
        mortise_cpu_pause();
    }
    /* Acquire: as in mortise_waiting_try_lock. */
    while (MORTISE_SWAP_ACQUIRE(word, MORTISE_WAITING_WANTED) != MORTISE_WAITING_FREE)
        mortise_os_wait(word, MORTISE_WAITING_WANTED);
}

MORTISE_FAST void mortise_waiting_lock(uint32_t *word)
{
    if (MORTISE_UNLIKELY(!mortise_waiting_try_lock(word)))
        mortise_waiting_lock_contended(word);
}

/* Release: shows what this owner wrote to the next. */
MORTISE_FAST void mortise_waiting_unlock(uint32_t *word)
{
    if (MORTISE_UNLIKELY(MORTISE_SWAP_RELEASE(word, MORTISE_WAITING_FREE) ==
                         MORTISE_WAITING_WANTED))
        mortise_waiting_wake(word);
}

#endif
