/* SPDX-License-Identifier: MIT */
/*
 * err_handle - what happens when a program misuses its memory
 *
 * A member M of this slot defines
 *   mortise_M_raise(error, address, layer)
 * which is called once for each misuse found, from whatever thread found it, possibly inside
 * malloc or free: it must not allocate. Its verdict says what becomes of the block.
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_ERR_HANDLE_H
#define MORTISE_POLICY_ERR_HANDLE_H

#include "../core/error.h"

enum mortise_verdict {
    MORTISE_GO_ON, /* carry on as if the block were sound, as far as that is safe */
    MORTISE_DROP   /* never use this block again */
};

#endif
