/* SPDX-License-Identifier: MIT */
/*
 * The lock of the run-time part: taken when threads and heaps begin or end and around fork, so
 * hardly ever contended; held for a few instructions and never across a system call that waits.
 * All-zero memory is an open lock.
 */
#ifndef MORTISE_RUN_LOCK_H
#define MORTISE_RUN_LOCK_H

#include "../arch/cpu.h"
#include "../core/atomic.h"
#include "../os/os.h"

MORTISE_PLAIN void mortise_run_lock(uint32_t *lock)
{
    /* Acquire: what the last holder wrote is visible. */
    while (MORTISE_SWAP_ACQUIRE(lock, 1u) != 0) {
        for (int spins = 0; spins < 64 && MORTISE_LOAD_RELAXED(lock) != 0; spins++)
            mortise_cpu_pause();
        if (MORTISE_LOAD_RELAXED(lock) != 0)
            mortise_os_yield(); /* the holder may have been preempted on this core */
    }
}

MORTISE_PLAIN void mortise_run_unlock(uint32_t *lock)
{
    MORTISE_STORE_RELEASE(lock, 0u); /* what this holder wrote becomes visible to the next */
}

#endif
