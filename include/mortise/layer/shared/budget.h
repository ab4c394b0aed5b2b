/* SPDX-License-Identifier: MIT */
/*
 * How many blocks of each class a thread may keep: the classes that run out most may keep most, and
 * all of them together no more than so many bytes. Part of the caching layers.
 *
 * The layer has SIZECLASS(x) and CLASSES, `budget` and `next_victim` in its state of a thread, and
 *   size_t SELF(most)(local)             what the budget may be, in bytes
 *   uint32_t SELF(batch)(szcls)          by how many blocks a limit changes
 *   uint32_t SELF(limit)(local, szcls)   a multiple of that; 0 in a new state
 *   uint32_t SELF(longest)(szcls)        what the limit may be
 *   SELF(raise)(local, szcls)            changes it by a batch
 *   SELF(lower)(heap, local, szcls)      also gives up blocks that are too many then
 *
 * Invariants: the budget is the sum of the limits in bytes
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../thread_cache.h"
#else
MORTISE_FAST size_t SELF(batch_bytes)(unsigned szcls)
{
    return SELF(batch)(szcls) * SIZECLASS(szcls_to_size)(szcls, CLASSES);
}

/* Lets the next class in turn, if it may keep anything and is not `szcls`, keep a batch less. */
MORTISE_SLOW void SELF(narrow)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    unsigned victim = local->next_victim++ % SELF(classes);
    if (victim == szcls || SELF(limit)(local, victim) == 0)
        return;
    SELF(lower)(heap, local, victim);
    local->budget -= SELF(batch_bytes)(victim);
}

/* Lets a class keep a batch more, at the cost of others where the budget is used up. */
MORTISE_SLOW void SELF(widen)(SELF_HEAP *heap, SELF_LOCAL *local, unsigned szcls)
{
    size_t bytes = SELF(batch_bytes)(szcls);
    if (SELF(limit)(local, szcls) + SELF(batch)(szcls) > SELF(longest)(szcls))
        return;
    for (unsigned tries = 0; tries < SELF(classes); tries++) {
        if (local->budget + bytes <= SELF(most)(local)) {
            local->budget += bytes;
            SELF(raise)(local, szcls);
            return;
        }
        SELF(narrow)(heap, local, szcls);
    }
}

#endif
