/* SPDX-License-Identifier: MIT */
/*
 * sync - how threads exclude each other from the state of a layer
 *
 * A critical section is a procedure: exec runs procedure(argument) exactly once, atomically with
 * respect to the other procedures on the same sync. What the caller wrote before is visible to it;
 * what it wrote is visible to the caller afterwards and to later procedures.
 *
 * The procedure may run on another thread. It must not touch thread-local storage or errno, enter
 * the system, block, call the allocator or exec on another combining sync. Its results go through
 * `argument`, which may lie on the caller's stack.
 *
 * A member M of this slot defines, all zeroed before init and join:
 *   struct mortise_M           the state that all threads share
 *   struct mortise_M_local     the state of one thread, MORTISE_NO_STATE where there is none
 *   mortise_M_threadsafe       enumerator: 0 when only one thread may ever come
 *   mortise_M_sleeps           enumerator: 1 when who waits may sleep in the system, or enters it
 *                              in another way than mortise_os_yield, or where a server is started
 *   mortise_M_init(sync)       before the first use. A member whose local is always ready does
 *                              nothing here: for it all-zero memory is a sync that nobody holds,
 *                              and threads may be inside before one of them begins the heap
 *   mortise_M_join(sync, local)        before the first use of `local`; from then on it must stay
 *                              mapped while the sync is used, also after its thread has ended
 *   mortise_M_ready(local)     false before join: exec still works, but slower
 *   mortise_M_exec(sync, local, procedure, argument)
 *   mortise_M_reset(sync)      in the child of a fork, during which nobody was in any of these, on
 *                              its only thread: those that the member itself began have vanished
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_SYNC_H
#define MORTISE_POLICY_SYNC_H

#include "../core/compiler.h"

typedef void mortise_procedure_t(void *argument);

#endif
