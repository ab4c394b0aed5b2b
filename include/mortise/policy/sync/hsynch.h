/* SPDX-License-Identifier: MIT */
/*
 * hsynch - a combining queue for each memory node, and one lock that their leaders take in turn
 *
 * As ccsynch, but threads queue with those of their own memory node. The leader of a queue takes a
 * lock that all nodes share, first come, first served, runs its own procedure and those behind it,
 * at most 64, lets the lock go and passes the lead on. So the state of the layer moves from node to
 * node once for a whole batch, and waiters touch memory of their own node. One call waits for at
 * most one batch of each other node before one of its own.
 *
 * A thread asks for its node once in 256 calls. There are queues for 8 nodes; further ones share
 * them. Another way to tell threads apart, such as by last-level cache, is a macro of the unit:
 * MORTISE_HSYNCH_NODE(), a small number.
 *
 * Waiting, and what the caller has to do, are as for ccsynch.
 *
 * Needs: nothing
 * Offers: exclusion in batches, first come first served within a node and among nodes
 *
 * Parameters: none
 *
 * Invariants: those of ccsynch for each queue; whoever runs procedures has the lead of a queue and
 * the lock; the place of a queue in the lock's queue belongs to its leader
 * Ordering: that of ccsynch in a queue and of clhlock between queues; the rest stands below
 * Wins: none yet
 * Source: Fatourou and Kallimanis, Revisiting the combining synchronization technique, PPoPP 2012
 */
#ifndef MORTISE_POLICY_SYNC_HSYNCH_H
#define MORTISE_POLICY_SYNC_HSYNCH_H

#include "ccsynch.h"
#include "clhlock.h"

#ifndef MORTISE_HSYNCH_NODE
#define MORTISE_HSYNCH_NODE() mortise_os_node()
#endif

enum {
    mortise_hsynch_threadsafe = 1,
    mortise_hsynch_sleeps = 1,
    mortise_hsynch_queues = 8,
    mortise_hsynch_asks_every = 256 /* calls of a thread between two looks where it runs */
};

struct mortise_hsynch_queue {
    struct mortise_ccsynch_node *tail MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    uint32_t haste;                     /* of those who wait */
    struct mortise_ccsynch_node dummy;  /* the first tail */
    struct mortise_clhlock_local place; /* the leader's, in the queue of the lock */
};

struct mortise_hsynch_local {
    struct mortise_ccsynch_local queued; /* wanders between the queues with its thread */
    uint32_t queue;
    uint32_t calls;
};

struct mortise_hsynch {
    struct mortise_hsynch_queue queue[mortise_hsynch_queues];
    struct mortise_clhlock lock;
    /* For callers without a local, one at a time. */
    struct mortise_hsynch_local common;
    uint32_t common_lock;
};

MORTISE_PLAIN void mortise_hsynch_init(struct mortise_hsynch *sync)
{
    mortise_clhlock_init(&sync->lock);
    mortise_ccsynch_make_ready(&sync->common.queued);
    sync->common_lock = MORTISE_WAITING_FREE;
    for (unsigned i = 0; i < mortise_hsynch_queues; i++) {
        struct mortise_hsynch_queue *queue = &sync->queue[i];
        mortise_clhlock_join(&sync->lock, &queue->place);
        queue->haste = 0;
        queue->dummy.next = NULL;
        queue->dummy.state = MORTISE_CCSYNCH_LEAD;
        queue->tail = &queue->dummy;
    }
}

MORTISE_PLAIN void mortise_hsynch_join(struct mortise_hsynch *sync,
                                       struct mortise_hsynch_local *local)
{
    (void)sync;
    if (!mortise_ccsynch_ready(&local->queued))
        mortise_ccsynch_make_ready(&local->queued);
}

MORTISE_FAST bool mortise_hsynch_ready(const struct mortise_hsynch_local *local)
{
    return mortise_ccsynch_ready(&local->queued);
}

MORTISE_SLOW void mortise_hsynch_look(struct mortise_hsynch_local *local)
{
    local->queue = (uint32_t)(MORTISE_HSYNCH_NODE()) % mortise_hsynch_queues;
}

MORTISE_FAST struct mortise_hsynch_queue *
mortise_hsynch_queue_of(struct mortise_hsynch *sync, struct mortise_hsynch_local *local)
{
    if (MORTISE_UNLIKELY(local->calls++ % mortise_hsynch_asks_every == 0))
        mortise_hsynch_look(local);
    return &sync->queue[local->queue];
}

/* Runs what waits from `node` on, for a leader that has run its own; lets go of the lock and passes
 * on the lead, in this order, for with the lead goes the place in the queue of the lock. As in
 * mortise_ccsynch_serve, the next leader hears before the caller of the last procedure. */
MORTISE_SLOW void mortise_hsynch_serve(struct mortise_hsynch_queue *queue,
                                       struct mortise_clhlock_node *before,
                                       struct mortise_ccsynch_node *node)
{
    struct mortise_ccsynch_node *served = NULL;
    struct mortise_waiting_sleepers sleepers;
    sleepers.count = 0;
    for (unsigned run = 1;; run++) {
        /* Acquire: shows procedure, argument and all that the caller wrote before its call. */
        struct mortise_ccsynch_node *next = MORTISE_LOAD_ACQUIRE(&node->next);
        bool ends = next == NULL || run >= mortise_ccsynch_bound;
        if (ends) {
            mortise_clhlock_leave(&queue->place, before);
            mortise_waiting_tell(&node->state, MORTISE_CCSYNCH_LEAD);
        }
        if (served != NULL)
            mortise_waiting_tell_asleep(&sleepers, &served->state, MORTISE_CCSYNCH_DONE);
        if (ends)
            break;
        node->procedure(node->argument);
        served = node;
        node = next;
    }
    mortise_waiting_wake_all(&sleepers);
}

/* Appends the local's node to a queue and waits, for lead and lock, which the result is for leaving
 * and where the procedure is left to the caller; or until that has run: NULL. */
MORTISE_PLAIN struct mortise_clhlock_node *mortise_hsynch_enter(struct mortise_hsynch *sync,
                                                                struct mortise_hsynch_queue *queue,
                                                                struct mortise_hsynch_local *local,
                                                                mortise_procedure_t *procedure,
                                                                void *argument)
{
    struct mortise_ccsynch_node *fresh = local->queued.spare;
    MORTISE_STORE_RELAXED(&fresh->state, MORTISE_WAITING_LOOKS); /* shown by the exchange */
    /* Release: shows the fresh node to the thread that appends behind it. Acquire: shows that of
     * the tail before. */
    struct mortise_ccsynch_node *mine = MORTISE_SWAP_ACQ_REL(&queue->tail, fresh);
    /* Acquire: shows what all earlier procedures of this queue wrote. */
    uint32_t state = MORTISE_LOAD_ACQUIRE(&mine->state);
    if (state != MORTISE_CCSYNCH_LEAD)
        state = mortise_ccsynch_submit(&queue->haste, mine, fresh, procedure, argument);
    local->queued.spare = mine;
    if (state != MORTISE_CCSYNCH_LEAD)
        return NULL;
    return mortise_clhlock_enter(&sync->lock, &queue->place);
}

/* The caller's local has joined. */
MORTISE_FAST void mortise_hsynch_exec_ready(struct mortise_hsynch *sync,
                                            struct mortise_hsynch_local *local,
                                            mortise_procedure_t *procedure, void *argument)
{
    struct mortise_hsynch_queue *queue = mortise_hsynch_queue_of(sync, local);
    struct mortise_ccsynch_node *fresh = local->queued.spare;
    struct mortise_clhlock_node *before =
        mortise_hsynch_enter(sync, queue, local, procedure, argument);
    if (before != NULL) {
        procedure(argument);
        mortise_hsynch_serve(queue, before, fresh);
    }
}

MORTISE_SLOW void mortise_hsynch_exec_common(struct mortise_hsynch *sync,
                                             mortise_procedure_t *procedure, void *argument)
{
    mortise_waiting_lock(&sync->common_lock); /* shows the spare of the user before */
    mortise_hsynch_exec_ready(sync, &sync->common, procedure, argument);
    mortise_waiting_unlock(&sync->common_lock);
}

MORTISE_FAST void mortise_hsynch_exec(struct mortise_hsynch *sync,
                                      struct mortise_hsynch_local *local,
                                      mortise_procedure_t *procedure, void *argument)
{
    if (MORTISE_UNLIKELY(!mortise_hsynch_ready(local)))
        mortise_hsynch_exec_common(sync, procedure, argument);
    else
        mortise_hsynch_exec_ready(sync, local, procedure, argument);
}

MORTISE_FAST void mortise_hsynch_reset(struct mortise_hsynch *sync)
{
    (void)sync;
}

#endif
