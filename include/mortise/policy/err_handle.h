/* SPDX-License-Identifier: MIT */
/*
 * err_handle - what happens when a program misuses its memory
 *
 * A member M of this slot defines
 *   mortise_M_raise(error, address, layer)
 * which is called once for each misuse found, from whatever thread found it, possibly inside
 * malloc or free: it must not allocate. Its verdict says what becomes of the block. `layer` is the
 * name of the layer that found it, and what else is known, see mortise_describe. A layer that
 * checks blocks raises what it finds through its own member of the slot, and answers REPORTED.
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_ERR_HANDLE_H
#define MORTISE_POLICY_ERR_HANDLE_H

#include "../os/report.h"

enum mortise_verdict {
    MORTISE_GO_ON, /* carry on as if the block were sound, as far as that is safe */
    MORTISE_DROP   /* never use this block again */
};

#endif
