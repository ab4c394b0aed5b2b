/* SPDX-License-Identifier: MIT */
/*
 * turnstile - one at a time, the others look on
 *
 * Parameters: none
 */
#ifndef TURNSTILE_H
#define TURNSTILE_H

#include <mortise/core/atomic.h>
#include <mortise/os/os.h>
#include <mortise/policy/sync.h>
#include "../../helper.h"

enum { mortise_turnstile_threadsafe = 1, mortise_turnstile_sleeps = 0 };

struct mortise_turnstile {
    uint32_t inside;
};

struct mortise_turnstile_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_turnstile_init(struct mortise_turnstile *sync)
{
    (void)sync;
}

MORTISE_FAST void mortise_turnstile_join(struct mortise_turnstile *sync,
                                         struct mortise_turnstile_local *local)
{
    (void)sync, (void)local;
}

MORTISE_FAST bool mortise_turnstile_ready(const struct mortise_turnstile_local *local)
{
    (void)local;
    return true;
}

/* Acquire: sees what the one before wrote. Release: shows what was written to the next. */
MORTISE_FAST void mortise_turnstile_exec(struct mortise_turnstile *sync,
                                         struct mortise_turnstile_local *local,
                                         mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    while (MORTISE_SWAP_ACQUIRE(&sync->inside, 1) != 0)
        mortise_os_yield();
    procedure(argument);
    MORTISE_STORE_RELEASE(&sync->inside, 0);
}

MORTISE_FAST void mortise_turnstile_reset(struct mortise_turnstile *sync)
{
    (void)sync;
}

#endif
