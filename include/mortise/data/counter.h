/* SPDX-License-Identifier: MIT */
/*
 * A counter with one thread that writes it and any that read it: no atomic read-modify-write.
 */
#ifndef MORTISE_DATA_COUNTER_H
#define MORTISE_DATA_COUNTER_H

#include "../core/atomic.h"

/* n more. Relaxed: a reader sees the count as it was at some moment, and nothing else with it. */
MORTISE_FAST void mortise_count_up(uint64_t *count, uint64_t n)
{
    MORTISE_STORE_RELAXED(count, MORTISE_LOAD_RELAXED(count) + n);
}

#endif
