/* SPDX-License-Identifier: MIT */
/*
 * Numbers that look like chance and depend on their seed alone, so that an order of turns and an
 * interval come out the same again (splitmix64, Steele, Lea and Flood 2014).
 */
#ifndef MORTISE_CLI_BENCH_RANDOM_H
#define MORTISE_CLI_BENCH_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* In [0, limit). */
static inline size_t random_below(uint64_t *state, size_t limit)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15U;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return (size_t)((x ^ x >> 31) % limit);
}

#endif
