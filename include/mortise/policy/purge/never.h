/* SPDX-License-Identifier: MIT */
/*
 * never - free memory keeps its pages
 *
 * Needs: nothing
 * Offers: no page is faulted in twice; no request enters the system to give memory back
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; no state
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_PURGE_NEVER_H
#define MORTISE_POLICY_PURGE_NEVER_H

#include "../purge.h"

enum { mortise_never_purges = 0 };

struct mortise_never {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_never_init(struct mortise_never *state, struct mortise_purge parameters)
{
    (void)state, (void)parameters;
}

MORTISE_FAST bool mortise_never_due(struct mortise_never *state, size_t used, size_t resident,
                                    struct mortise_purge parameters)
{
    (void)state, (void)used, (void)resident, (void)parameters;
    return false;
}

MORTISE_FAST uint64_t mortise_never_look(const struct mortise_never *state,
                                         struct mortise_purge parameters)
{
    (void)state, (void)parameters;
    return 0;
}

MORTISE_FAST size_t mortise_never_take(struct mortise_never *state, uint64_t seen, size_t used,
                                       size_t resident, struct mortise_purge parameters)
{
    (void)state, (void)seen, (void)used, (void)resident, (void)parameters;
    return 0;
}

MORTISE_FAST size_t mortise_never_later(const struct mortise_never *state,
                                        struct mortise_purge parameters)
{
    (void)state, (void)parameters;
    return 0;
}

MORTISE_FAST void mortise_never_rest(struct mortise_never *state)
{
    (void)state;
}

#endif
