/* SPDX-License-Identifier: MIT */
/*
 * What every member of purge promises: as much goes as is free, at most, and nothing while nothing
 * is due; after a refusal it rests, and comes back. A unit defines PURGE, the name of a member.
 */
#include <mortise/core/bits.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t milliseconds = 5000;
#define MORTISE_MILLISECONDS milliseconds

#include MORTISE_POLICY(purge, PURGE)

#include "../../layer/check.h"

#define P(x) MORTISE_MEMBER(PURGE, x)

#define MB ((size_t)1048576)

static MORTISE_MEMBER_STATE(PURGE) state;

/* One free, seen from the layer: what goes. */
static size_t freed(size_t used, size_t resident, struct mortise_purge parameters)
{
    if (!P(due)(&state, used, resident, parameters))
        return 0;
    uint64_t seen = P(look)(&state, parameters);
    if (seen == 0)
        return 0;
    size_t bytes = P(take)(&state, seen, used, resident, parameters);
    check(bytes <= resident - used, "no more goes than is free");
    return bytes;
}

static void begin(struct mortise_purge parameters)
{
    memset(&state, 0, sizeof state);
    P(init)(&state, parameters);
}

/* A heap that grows and shrinks while time goes by; how much goes in all. */
static size_t live(struct mortise_purge parameters, bool refuses)
{
    size_t used = 0, resident = 0, gone = 0;
    uint32_t seed = 1;
    for (int step = 0; step < 5000; step++) {
        seed = seed * 1664525 + 1013904223;
        size_t bytes = (seed >> 10) % 64 * MORTISE_GRANULE;
        if ((int)(seed >> 31) == step / 100 % 2) {
            used += bytes;
            resident = resident > used ? resident : used;
        } else if (used >= bytes) {
            used -= bytes;
            size_t goes = freed(used, resident, parameters);
            gone += goes;
            if (refuses && goes != 0)
                P(rest)(&state);
            else
                resident -= goes;
        }
        milliseconds += 7;
    }
    return gone;
}

static void test_all(void)
{
    struct mortise_purge own =
        mortise_purge_of(MORTISE_PURGE_OWN, MORTISE_PURGE_OWN, MORTISE_PURGE_OWN);
    begin(own);
    check((live(own, false) != 0) == P(purges), "something goes unless pages stay");
    begin(own);
    (void)live(own, true);
    size_t later = 0;
    for (int i = 0; i < 2000; i++, milliseconds += 50)
        later += freed(0, 64 * MB, own);
    check((later != 0) == P(purges), "after a rest it tries again");
    begin(own);
    check(P(later)(&state, own) == 0, "what keeps nothing asks for no more looks");
}
