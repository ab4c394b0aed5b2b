/* SPDX-License-Identifier: MIT */
/*
 * none - no exclusion: one thread only
 *
 * The procedure is a plain call, which inlines. A layer under this policy has no atomic
 * instruction left; the fact threadsafe = 0 tells the layers and the socket above it.
 *
 * Needs: a socket that promises one thread
 * Offers: nothing but the call
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: program order
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_SYNC_NONE_H
#define MORTISE_POLICY_SYNC_NONE_H

#include "../sync.h"

enum { mortise_none_threadsafe = 0, mortise_none_sleeps = 0 };

struct mortise_none {
    MORTISE_NO_STATE;
};

struct mortise_none_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_none_init(struct mortise_none *sync)
{
    (void)sync;
}

MORTISE_FAST void mortise_none_join(struct mortise_none *sync, struct mortise_none_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_none_ready(const struct mortise_none_local *local)
{
    (void)local;
    return true;
}

MORTISE_FAST void mortise_none_exec(struct mortise_none *sync, struct mortise_none_local *local,
                                    mortise_procedure_t *procedure, void *argument)
{
    (void)sync;
    (void)local;
    procedure(argument);
}

MORTISE_FAST void mortise_none_reset(struct mortise_none *sync)
{
    (void)sync;
}

#endif
