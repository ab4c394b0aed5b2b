/* SPDX-License-Identifier: MIT */
/*
 * clhlock - a queue of threads, each waiting at the node of the one before
 *
 * A thread appends its node with one exchange and waits until the owner of the node that was the
 * tail before marks it; then it keeps that node for its next call. So nobody ever waits for a link
 * to be written, unlike in mcslock, and the lock is first come, first served: one call waits for at
 * most as many procedures as there are other threads.
 *
 * A waiter pauses a bounded number of times and then sleeps in the kernel, on the node before. As
 * the next in turn must be scheduled before anybody goes on, throughput falls to that of wake-ups
 * when there are more threads than cores.
 *
 * What the caller has to do is as for ccsynch. A local belongs to one sync and to one thread at a
 * time; a thread may take over the local of a thread that has ended, and may join it again, which
 * changes nothing. Locals are aligned like their type and stay mapped and unwritten while the sync
 * is used: a node wanders from thread to thread. A call with a local that has not joined works;
 * such calls wait for each other.
 *
 * Needs: nothing
 * Offers: exclusion, first come first served
 *
 * Parameters: none
 *
 * Invariants: a node is the tail, or the spare of one local, or in the hands of one call; of those
 * in the queue all but the oldest wait or are waited for
 * Ordering: stands at each operation below
 * Wins: none yet
 * Source: Craig, Building FIFO and priority-queuing spin locks from atomic swap, 1993; Magnusson,
 *     Landin and Hagersten, Queue locks on cache coherent multiprocessors, IPPS 1994
 */
#ifndef MORTISE_POLICY_SYNC_CLHLOCK_H
#define MORTISE_POLICY_SYNC_CLHLOCK_H

#include "../sync.h"
#include "shared/waiting.h"

enum { mortise_clhlock_threadsafe = 1, mortise_clhlock_sleeps = 1 };

/* The place of one call in the queue: whoever comes next waits here until it says GO. */
struct mortise_clhlock_node {
    uint32_t state; /* see shared/waiting.h */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_clhlock_local {
    struct mortise_clhlock_node node;   /* some thread's node, not always this one's */
    struct mortise_clhlock_node *spare; /* the node to append next; NULL before join */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_clhlock {
    struct mortise_clhlock_node *tail MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    uint32_t haste;                    /* of those who wait */
    struct mortise_clhlock_node dummy; /* the first tail */
    /* For callers without a local, one at a time. */
    struct mortise_clhlock_local common;
    uint32_t common_lock;
};

MORTISE_PLAIN void mortise_clhlock_init(struct mortise_clhlock *sync)
{
    sync->common.spare = &sync->common.node;
    sync->common_lock = MORTISE_WAITING_FREE;
    sync->haste = 0;
    sync->dummy.state = MORTISE_WAITING_GO;
    sync->tail = &sync->dummy;
}

MORTISE_FAST bool mortise_clhlock_ready(const struct mortise_clhlock_local *local)
{
    return local->spare != NULL;
}

MORTISE_PLAIN void mortise_clhlock_join(struct mortise_clhlock *sync,
                                        struct mortise_clhlock_local *local)
{
    (void)sync;
    if (!mortise_clhlock_ready(local))
        local->spare = &local->node;
}

/* Appends `node` and returns the tail before, where the caller waits. Release: shows the node's
 * state to the thread that appends behind it. Acquire: shows that of the tail before, so that it is
 * never one of an earlier call. */
MORTISE_FAST struct mortise_clhlock_node *mortise_clhlock_append(struct mortise_clhlock *sync,
                                                                 struct mortise_clhlock_node *node)
{
    MORTISE_STORE_RELAXED(&node->state, MORTISE_WAITING_LOOKS); /* shown by the exchange */
    return MORTISE_SWAP_ACQ_REL(&sync->tail, node);
}

/* Acquire: shows what every earlier owner wrote before it marked its node. */
MORTISE_FAST bool mortise_clhlock_goes(const struct mortise_clhlock_node *before)
{
    return MORTISE_LIKELY(MORTISE_LOAD_ACQUIRE(&before->state) == MORTISE_WAITING_GO);
}

/* Waits for the lock, for a local that has joined. The result goes to mortise_clhlock_leave. */
MORTISE_FAST struct mortise_clhlock_node *mortise_clhlock_enter(struct mortise_clhlock *sync,
                                                                struct mortise_clhlock_local *local)
{
    struct mortise_clhlock_node *before = mortise_clhlock_append(sync, local->spare);
    if (!mortise_clhlock_goes(before))
        (void)mortise_waiting_await(&before->state, &sync->haste);
    return before;
}

/* Marks the own node, for whoever waits there. The node before is this local's from now on; only
 * its last owner's wake-up, which reads nothing, may still be under way. */
MORTISE_FAST void mortise_clhlock_leave(struct mortise_clhlock_local *local,
                                        struct mortise_clhlock_node *before)
{
    struct mortise_clhlock_node *node = local->spare;
    local->spare = before;
    mortise_waiting_tell(&node->state, MORTISE_WAITING_GO);
}

/* A whole exec, not only the wait: who owns at once need not save registers for a call. */
MORTISE_SLOW void mortise_clhlock_exec_behind(struct mortise_clhlock *sync,
                                              struct mortise_clhlock_local *local,
                                              struct mortise_clhlock_node *before,
                                              mortise_procedure_t *procedure, void *argument)
{
    (void)mortise_waiting_await(&before->state, &sync->haste);
    procedure(argument);
    mortise_clhlock_leave(local, before);
}

/* The caller's local has joined. */
MORTISE_FAST void mortise_clhlock_exec_ready(struct mortise_clhlock *sync,
                                             struct mortise_clhlock_local *local,
                                             mortise_procedure_t *procedure, void *argument)
{
    struct mortise_clhlock_node *before = mortise_clhlock_append(sync, local->spare);
    if (!mortise_clhlock_goes(before)) {
        mortise_clhlock_exec_behind(sync, local, before, procedure, argument);
        return;
    }
    procedure(argument);
    mortise_clhlock_leave(local, before);
}

MORTISE_SLOW void mortise_clhlock_exec_common(struct mortise_clhlock *sync,
                                              mortise_procedure_t *procedure, void *argument)
{
    mortise_waiting_lock(&sync->common_lock); /* shows the spare of the user before */
    mortise_clhlock_exec_ready(sync, &sync->common, procedure, argument);
    mortise_waiting_unlock(&sync->common_lock);
}

MORTISE_FAST void mortise_clhlock_exec(struct mortise_clhlock *sync,
                                       struct mortise_clhlock_local *local,
                                       mortise_procedure_t *procedure, void *argument)
{
    if (MORTISE_UNLIKELY(!mortise_clhlock_ready(local)))
        mortise_clhlock_exec_common(sync, procedure, argument);
    else
        mortise_clhlock_exec_ready(sync, local, procedure, argument);
}

MORTISE_FAST void mortise_clhlock_reset(struct mortise_clhlock *sync)
{
    (void)sync;
}

#endif
