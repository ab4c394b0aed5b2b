/* SPDX-License-Identifier: MIT */
/*
 * random_line - a large block begins at a random one of the 64 lines of its first page
 *
 * No pattern of requests leads to the same line again and again. The numbers are not secret: they
 * are a counter of the thread, mixed with where its state lies.
 *
 * Needs: nothing
 * Offers: blocks spread over the sets of a cache, whatever the order of requests; up to 4032 bytes
 *     of a block are not used
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; the state is the thread's
 * Wins: none yet
 * Source: Kuszmaul, SuperMalloc, ISMM 2015; Steele, Lea, Flood, "Fast splittable pseudorandom
 *     number generators", OOPSLA 2014, for the mixing
 */
#ifndef MORTISE_POLICY_SPREAD_RANDOM_LINE_H
#define MORTISE_POLICY_SPREAD_RANDOM_LINE_H

#include "../spread.h"

enum { mortise_random_line_room = (MORTISE_SPREAD_LINES - 1) * MORTISE_CACHE_LINE };

struct mortise_random_line_local {
    uint64_t count; /* 0: before join */
};

MORTISE_FAST void mortise_random_line_join(struct mortise_random_line_local *local)
{
    if (local->count == 0)
        local->count = 1;
}

MORTISE_FAST size_t mortise_random_line_offset(struct mortise_random_line_local *local)
{
    if (MORTISE_UNLIKELY(local->count == 0))
        return 0;
    uint64_t n = (uint64_t)(uintptr_t)local + local->count++ * UINT64_C(0x9e3779b97f4a7c15);
    n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)(n >> 58) * MORTISE_CACHE_LINE; /* 6 bits: a line of 64 */
}

#endif
