/* SPDX-License-Identifier: MIT */
/*
 * mcslock - a queue of threads, each waiting at a line of its own on its own stack
 *
 * A thread appends its node with one exchange; the owner hands over to the node behind it with
 * another, which nobody but the next in turn looks at. So the traffic of a hand-over does not grow
 * with the number of waiters, and the lock is first come, first served: one call waits for at most
 * as many procedures as there are other threads. The node lives on the caller's stack for the time
 * of the call; a thread has no other state.
 *
 * A waiter pauses a bounded number of times and then sleeps in the kernel, on its node. As the next
 * in turn must be scheduled before anybody goes on, throughput falls to that of wake-ups when there
 * are more threads than cores.
 *
 * Needs: nothing
 * Offers: exclusion, first come first served; no state in a thread
 *
 * Parameters: none
 *
 * Invariants: tail is NULL exactly while nobody owns the lock; every node but the tail gets a next
 * Ordering: stands at each operation below
 * Wins: none yet
 * Source: Mellor-Crummey and Scott, Algorithms for scalable synchronization, TOCS 1991, section 2.4
 */
#ifndef MORTISE_POLICY_SYNC_MCSLOCK_H
#define MORTISE_POLICY_SYNC_MCSLOCK_H

#include "../sync.h"
#include "shared/waiting.h"

enum { mortise_mcslock_threadsafe = 1, mortise_mcslock_sleeps = 1 };

struct mortise_mcslock_node {
    struct mortise_mcslock_node *next;
    uint32_t state; /* where its owner waits, see shared/waiting.h; unset where nobody was before */
};

struct mortise_mcslock {
    struct mortise_mcslock_node *tail MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    uint32_t haste; /* of those who wait */
};

struct mortise_mcslock_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_mcslock_init(struct mortise_mcslock *sync)
{
    (void)sync; /* zero is open, and others may be inside already */
}

MORTISE_FAST void mortise_mcslock_join(struct mortise_mcslock *sync,
                                       struct mortise_mcslock_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_mcslock_ready(const struct mortise_mcslock_local *local)
{
    (void)local;
    return true;
}

/* Appends `node` and returns the tail before. Release: shows the node's next to whoever appends
 * behind it. Acquire: shows the tail's next, so that the link is not overwritten, or, where there
 * is no tail, what every earlier owner wrote. */
MORTISE_FAST struct mortise_mcslock_node *mortise_mcslock_append(struct mortise_mcslock *sync,
                                                                 struct mortise_mcslock_node *node)
{
    MORTISE_STORE_RELAXED(&node->next, (struct mortise_mcslock_node *)NULL); /* shown below */
    return MORTISE_SWAP_ACQ_REL(&sync->tail, node);
}

/* Returns as the owner. */
MORTISE_PLAIN void mortise_mcslock_wait(struct mortise_mcslock *sync,
                                        struct mortise_mcslock_node *before,
                                        struct mortise_mcslock_node *node)
{
    MORTISE_STORE_RELAXED(&node->state, MORTISE_WAITING_LOOKS); /* shown by the link */
    /* Release: shows the state to whoever hands over. Then `before` is not ours to touch. */
    MORTISE_STORE_RELEASE(&before->next, node);
    (void)mortise_waiting_await(&node->state,
                                &sync->haste); /* shows what every earlier owner wrote */
}

/* The node behind `node`, whose owner has appended it and is about to link it. Acquire: shows the
 * state that it wrote before the link. */
MORTISE_PLAIN struct mortise_mcslock_node *
mortise_mcslock_await_next(struct mortise_mcslock_node *node)
{
    unsigned spent = 0;
    struct mortise_mcslock_node *next;
    while ((next = MORTISE_LOAD_ACQUIRE(&node->next)) == NULL)
        mortise_waiting_relax(&spent, 1);
    return next;
}

/* Hands over to whoever is behind. */
MORTISE_SLOW void mortise_mcslock_hand_over(struct mortise_mcslock_node *node)
{
    mortise_waiting_tell(&mortise_mcslock_await_next(node)->state, MORTISE_WAITING_GO);
}

/* Release: shows what this owner wrote to the next. */
MORTISE_FAST void mortise_mcslock_leave(struct mortise_mcslock *sync,
                                        struct mortise_mcslock_node *node)
{
    struct mortise_mcslock_node *last = node;
    /* Relaxed: only spares a needless exchange. */
    if (MORTISE_UNLIKELY(
            MORTISE_LOAD_RELAXED(&node->next) != NULL ||
            !MORTISE_CAS_RELEASE(&sync->tail, &last, (struct mortise_mcslock_node *)NULL)))
        mortise_mcslock_hand_over(node);
}

/* A whole exec, not only the wait: who is the owner at once need not save registers for a call. */
MORTISE_SLOW void mortise_mcslock_exec_behind(struct mortise_mcslock *sync,
                                              struct mortise_mcslock_node *before,
                                              struct mortise_mcslock_node *node,
                                              mortise_procedure_t *procedure, void *argument)
{
    mortise_mcslock_wait(sync, before, node);
    procedure(argument);
    mortise_mcslock_leave(sync, node);
}

MORTISE_FAST void mortise_mcslock_exec(struct mortise_mcslock *sync,
                                       struct mortise_mcslock_local *local,
                                       mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    struct mortise_mcslock_node node;
    struct mortise_mcslock_node *before = mortise_mcslock_append(sync, &node);
    if (MORTISE_UNLIKELY(before != NULL)) {
        mortise_mcslock_exec_behind(sync, before, &node, procedure, argument);
        return;
    }
    procedure(argument);
    mortise_mcslock_leave(sync, &node);
}

MORTISE_FAST void mortise_mcslock_reset(struct mortise_mcslock *sync)
{
    (void)sync;
}

#endif
