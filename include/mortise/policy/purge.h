/* SPDX-License-Identifier: MIT */
/*
 * purge - when free memory loses its pages, and how much of it
 *
 * A layer that keeps free memory asks, and enters the system outside its lock. What it tells is in
 * bytes: `used` those in use, `resident` these and the free ones that may have pages.
 *
 * A member M of this slot defines, all zeroed before init:
 *   struct mortise_M           what it knows, under the layer's lock but for `look` and `later`
 *   mortise_M_purges           enumerator: 0 when pages stay
 *   mortise_M_init(state, parameters)  before anything is freed; outside the lock
 *   mortise_M_due(state, used, resident, parameters)  after something was freed: is it worth a look
 *                              outside the lock?
 *   mortise_M_look(state, parameters)  outside the lock: what take wants to know of the system, 0:
 *                              there is nothing to do
 *   mortise_M_take(state, seen, used, resident, parameters)  with what look said: the bytes that
 *                              should lose their pages now
 *   mortise_M_later(state, parameters)  outside the lock: milliseconds after which another look may
 *                              have more go, 0: not before something is freed
 *   mortise_M_rest(state)      the system has refused
 * `parameters` is a struct mortise_purge of constants, which folds away; a member ignores what it
 * does not have.
 *
 * A layer W with the parameter purge binds the slot so:
 *   #include "../policy/purge.h"
 *   #include MORTISE_POLICY(purge, W_PURGE)
 *   ... mortise_purge_of(W_PURGE_PERCENT, W_PURGE_ENVIRONMENT, W_PURGE_MILLISECONDS) ...
 * where these default to MORTISE_PURGE_OWN, which stands for the member's own default, and are
 * undefined at the end with the rest.
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_PURGE_H
#define MORTISE_POLICY_PURGE_H

#include "../core/compiler.h"

enum { MORTISE_PURGE_OWN = -2 };

struct mortise_purge {
    int percent, environment, milliseconds;
};

MORTISE_FAST struct mortise_purge mortise_purge_of(int percent, int environment, int milliseconds)
{
    struct mortise_purge parameters = {percent, environment, milliseconds};
    return parameters;
}

/* What was given, or the member's own where nothing was. */
MORTISE_FAST int mortise_purge_given(int given, int own)
{
    return given != MORTISE_PURGE_OWN ? given : own;
}

#endif
