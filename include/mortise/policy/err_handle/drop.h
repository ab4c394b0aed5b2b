/* SPDX-License-Identifier: MIT */
/*
 * drop - one line on standard error, and the block is never used again
 *
 * The memory of the block is lost to the program, but whoever still holds its address harms nobody.
 *
 * Needs: nothing
 * Offers: a report; quarantine of the block
 *
 * Parameters: none
 *
 * Invariants: none
 * Ordering: none; the line is one write
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_ERR_HANDLE_DROP_H
#define MORTISE_POLICY_ERR_HANDLE_DROP_H

#include "../err_handle.h"

MORTISE_SLOW enum mortise_verdict mortise_drop_raise(enum mortise_error error, const void *address,
                                                     const char *layer)
{
    mortise_report(error, address, layer);
    return MORTISE_DROP;
}

#endif
