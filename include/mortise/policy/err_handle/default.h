/* SPDX-License-Identifier: MIT */
/*
 * default - one line on standard error, and the program goes on
 *
 * For programs whose users must not lose their work to a mistake in the program, and as a first
 * look at one that is suspected.
 *
 * Needs: nothing
 * Offers: a report
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; the line is one write
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_ERR_HANDLE_DEFAULT_H
#define MORTISE_POLICY_ERR_HANDLE_DEFAULT_H

#include "../err_handle.h"

MORTISE_SLOW enum mortise_verdict mortise_default_raise(enum mortise_error error,
                                                        const void *address, const char *layer)
{
    mortise_report(error, address, layer);
    return MORTISE_GO_ON;
}

#endif
