/* SPDX-License-Identifier: MIT */
/*
 * fatal - one line on standard error, and the program ends
 *
 * Abnormally, so that a debugger or a core dump shows the thread that misused its memory.
 *
 * Needs: nothing
 * Offers: a report; no damage is carried on
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; the line is one write
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_ERR_HANDLE_FATAL_H
#define MORTISE_POLICY_ERR_HANDLE_FATAL_H

#include "../err_handle.h"

MORTISE_SLOW enum mortise_verdict mortise_fatal_raise(enum mortise_error error, const void *address,
                                                      const char *layer)
{
    mortise_report(error, address, layer);
    mortise_os_abort();
}

#endif
