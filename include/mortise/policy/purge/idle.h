/* SPDX-License-Identifier: MIT */
/*
 * idle - free memory that was not needed for a while loses its pages, a part of it at a time
 *
 * data/decay.h says what was not needed, and how much goes. A look at the clock comes with a free.
 *
 * Needs: a clock; where that stands still, pages stay
 * Offers: what is needed again soon keeps its pages, what is not goes within some ticks
 *
 * Parameters:
 *   name          type  default  range        meaning
 *   milliseconds  int   100      1..86400000  that memory is not needed before its pages go
 *
 * Invariants: those of data/decay.h
 * Ordering: the layer's lock guards the state; look and later read the last tick and what the last
 *     note found without it, relaxed: who is told too early or too late finds out under the lock
 * Wins: none yet
 * Source: the decay of jemalloc; see data/decay.h
 */
#ifndef MORTISE_POLICY_PURGE_IDLE_H
#define MORTISE_POLICY_PURGE_IDLE_H

#include "../../data/decay.h"
#include "../../os/os.h"
#include "../purge.h"

#ifndef IDLE_MILLISECONDS
#define IDLE_MILLISECONDS 100
#endif

enum { mortise_idle_purges = 1, mortise_idle_milliseconds = IDLE_MILLISECONDS };

MORTISE_ASSERT_STATIC(IDLE_MILLISECONDS >= 1 && IDLE_MILLISECONDS <= 86400000,
                      "mortise: idle: milliseconds must lie in 1..86400000");

struct mortise_idle {
    struct mortise_decay decay;
};

MORTISE_FAST void mortise_idle_init(struct mortise_idle *state, struct mortise_purge parameters)
{
    (void)state, (void)parameters;
}

MORTISE_FAST bool mortise_idle_due(struct mortise_idle *state, size_t used, size_t resident,
                                   struct mortise_purge parameters)
{
    (void)parameters;
    mortise_decay_note(&state->decay, used, resident);
    return true;
}

MORTISE_FAST uint64_t mortise_idle_look(const struct mortise_idle *state,
                                        struct mortise_purge parameters)
{
    int period = mortise_purge_given(parameters.milliseconds, mortise_idle_milliseconds);
    uint64_t tick = mortise_decay_tick_at(MORTISE_MILLISECONDS, (uint64_t)period);
    return mortise_decay_is_new(&state->decay, tick) ? tick : 0;
}

MORTISE_FAST size_t mortise_idle_take(struct mortise_idle *state, uint64_t seen, size_t used,
                                      size_t resident, struct mortise_purge parameters)
{
    (void)parameters;
    return mortise_decay_take(&state->decay, seen, used, resident);
}

MORTISE_FAST size_t mortise_idle_later(const struct mortise_idle *state,
                                       struct mortise_purge parameters)
{
    int period = mortise_purge_given(parameters.milliseconds, mortise_idle_milliseconds);
    return MORTISE_LOAD_RELAXED(&state->decay.exceeds) ? mortise_decay_slower(1, (uint64_t)period)
                                                       : 0;
}

MORTISE_FAST void mortise_idle_rest(struct mortise_idle *state)
{
    mortise_decay_do_rest(&state->decay);
}

#undef IDLE_MILLISECONDS

#endif
