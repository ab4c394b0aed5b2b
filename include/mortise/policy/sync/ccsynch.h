/* SPDX-License-Identifier: MIT */
/*
 * ccsynch - threads queue their procedures; the first one runs a batch for all
 *
 * A combining queue: a thread appends one node with one exchange, and finds in the node that was
 * the tail before either the lead or a place to leave its procedure. The leader runs its own
 * procedure and those behind it, at most 64, and passes the lead on. The state of the layer stays
 * in the cache of one core for a whole batch, and the queue is first come, first served: one call
 * waits for at most (threads + 64) procedures while the leaders are scheduled.
 *
 * A waiter pauses a bounded number of times and then sleeps in the kernel, on its node; it does not
 * pause at all where one core is all there is.
 *
 * What the caller has to do. A local belongs to one sync and to one thread at a time; a thread may
 * take over the local of a thread that has ended, and may join it again, which changes nothing.
 * Locals are aligned like their type and stay mapped and unwritten while the sync is used: a node
 * wanders from thread to thread. A call with a local that has not
 * joined works; such calls wait for each other.
 *
 * Needs: nothing
 * Offers: exclusion in batches, first come first served
 *
 * Parameters: none
 *
 * Invariants: a node is the tail, or the spare of one local, or in the hands of one call; a spare
 * node has no next; exactly one node outside the spares is in state LEAD, or one call has the lead
 * Ordering: stands at each operation below
 * Wins: some threads that meet at one heap: upon tlsf_glk mstress takes 0.71 of the time
 *     with mutex, mergesort 0.91 and xmalloc 0.93 (docs/results/workloads.md, two cores)
 * Source: Fatourou and Kallimanis, Revisiting the combining synchronization technique, PPoPP 2012
 */
#ifndef MORTISE_POLICY_SYNC_CCSYNCH_H
#define MORTISE_POLICY_SYNC_CCSYNCH_H

#include "../sync.h"
#include "shared/waiting.h"

enum {
    mortise_ccsynch_threadsafe = 1,
    mortise_ccsynch_sleeps = 1,
    mortise_ccsynch_bound = 64,    /* procedures that one call runs, its own included */
    mortise_ccsynch_patience = 256 /* pauses before a waiter sleeps */
};

/* What the thread that waits at a node knows. The states that end the wait come last. */
enum mortise_ccsynch_state {
    MORTISE_CCSYNCH_WAIT,   /* nothing yet, and it looks often */
    MORTISE_CCSYNCH_PARKED, /* nothing yet, and it must be woken */
    MORTISE_CCSYNCH_LEAD,   /* it runs its procedure itself, and then those behind it */
    MORTISE_CCSYNCH_DONE    /* its procedure has run */
};

/* The place of one call in the queue. The thread that appended a node is one place behind it: it
 * waits at the tail that it replaced. */
struct mortise_ccsynch_node {
    struct mortise_ccsynch_node *next;
    mortise_procedure_t *procedure;
    void *argument;
    uint32_t state;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_ccsynch_local {
    struct mortise_ccsynch_node node;   /* some thread's node, not always this one's */
    struct mortise_ccsynch_node *spare; /* the node to append next; NULL before join */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_ccsynch {
    struct mortise_ccsynch_node *tail MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    struct mortise_ccsynch_node dummy; /* the first tail */
    /* For callers without a local, one at a time. */
    struct mortise_ccsynch_local common;
    uint32_t common_lock; /* a lock of shared/waiting.h */
};

MORTISE_PLAIN void mortise_ccsynch_make_ready(struct mortise_ccsynch_local *local)
{
    local->node.next = NULL;
    local->spare = &local->node;
}

MORTISE_FAST bool mortise_ccsynch_ready(const struct mortise_ccsynch_local *local)
{
    return local->spare != NULL;
}

MORTISE_PLAIN void mortise_ccsynch_init(struct mortise_ccsynch *sync)
{
    mortise_ccsynch_make_ready(&sync->common);
    sync->common_lock = MORTISE_WAITING_FREE;
    sync->dummy.next = NULL;
    sync->dummy.state = MORTISE_CCSYNCH_LEAD;
    sync->tail = &sync->dummy;
}

MORTISE_PLAIN void mortise_ccsynch_join(struct mortise_ccsynch *sync,
                                        struct mortise_ccsynch_local *local)
{
    (void)sync;
    if (!mortise_ccsynch_ready(local))
        mortise_ccsynch_make_ready(local);
}

/* Not inlined, so that the way of a thread alone saves no registers for it. */
MORTISE_SLOW void mortise_ccsynch_wake(struct mortise_ccsynch_node *node)
{
    mortise_os_wake(&node->state, 1);
}

/* Ends the wait at `node`; its owner may use the node for another call at once, so the exchange is
 * the last access to it. A wake-up that comes too late finds, at worst, a later sleeper, who looks
 * at the state again. Release: shows the results of a procedure to its caller (DONE), or those of
 * all earlier procedures to the next leader (LEAD). */
MORTISE_FAST void mortise_ccsynch_tell(struct mortise_ccsynch_node *node, uint32_t state)
{
    if (MORTISE_UNLIKELY(MORTISE_SWAP_RELEASE(&node->state, state) == MORTISE_CCSYNCH_PARKED))
        mortise_ccsynch_wake(node);
}

/* Waits for LEAD or DONE at the caller's node. Acquire: shows what mortise_ccsynch_tell published.
 * PARKED itself carries no data. No wake-up is lost: whoever tells after the change to PARKED
 * wakes, and whoever told before made the change fail or the kernel see another value. */
MORTISE_PLAIN uint32_t mortise_ccsynch_await(struct mortise_ccsynch_node *node)
{
    unsigned pauses = mortise_os_single_core() ? 0 : mortise_ccsynch_patience;
    uint32_t state = MORTISE_LOAD_ACQUIRE(&node->state);
    for (; state == MORTISE_CCSYNCH_WAIT && pauses > 0; pauses--) {
        mortise_cpu_pause();
        state = MORTISE_LOAD_ACQUIRE(&node->state);
    }
    if (state == MORTISE_CCSYNCH_WAIT)
        (void)MORTISE_CAS_ACQUIRE(&node->state, &state, MORTISE_CCSYNCH_PARKED);
    while ((state = MORTISE_LOAD_ACQUIRE(&node->state)) == MORTISE_CCSYNCH_PARKED)
        mortise_os_wait(&node->state, MORTISE_CCSYNCH_PARKED);
    return state;
}

/* Runs what waits from `node` on, for a leader that has run its own, and passes on the lead: to a
 * thread that has not left its procedure yet, or that comes after the bound. That one is on
 * everybody's way, so it hears before the caller of the last procedure does. */
MORTISE_SLOW void mortise_ccsynch_serve(struct mortise_ccsynch_node *node)
{
    struct mortise_ccsynch_node *served = NULL;
    for (unsigned run = 1;; run++) {
        /* Acquire: shows procedure, argument and all that the caller wrote before its call. */
        struct mortise_ccsynch_node *next = MORTISE_LOAD_ACQUIRE(&node->next);
        bool lead = next == NULL || run >= mortise_ccsynch_bound;
        if (lead)
            mortise_ccsynch_tell(node, MORTISE_CCSYNCH_LEAD);
        if (served != NULL)
            mortise_ccsynch_tell(served, MORTISE_CCSYNCH_DONE);
        if (lead)
            return;
        node->procedure(node->argument);
        served = node;
        node = next;
    }
}

/* Appends `fresh` and returns the tail before, where the caller waits. Release: shows the fresh
 * node's state and next to the thread that appends behind it. Acquire: shows those of `mine`, so
 * that its state is never one of an earlier call. */
MORTISE_FAST struct mortise_ccsynch_node *mortise_ccsynch_append(struct mortise_ccsynch *sync,
                                                                 struct mortise_ccsynch_node *fresh)
{
    MORTISE_STORE_RELAXED(&fresh->state, MORTISE_CCSYNCH_WAIT); /* shown by the exchange */
    return MORTISE_SWAP_ACQ_REL(&sync->tail, fresh);
}

/* Leaves the procedure at `mine` and waits; the result is LEAD or DONE. Release: shows procedure,
 * argument and all that this thread wrote before to the leader that follows `next`. */
MORTISE_PLAIN uint32_t mortise_ccsynch_submit(struct mortise_ccsynch_node *mine,
                                              struct mortise_ccsynch_node *fresh,
                                              mortise_procedure_t *procedure, void *argument)
{
    mine->procedure = procedure;
    mine->argument = argument;
    MORTISE_STORE_RELEASE(&mine->next, fresh);
    uint32_t state = mortise_ccsynch_await(mine);
    /* The leader read `next` before it told, so nobody knows this node any more. */
    MORTISE_STORE_RELAXED(&mine->next, (struct mortise_ccsynch_node *)NULL);
    return state;
}

MORTISE_SLOW void mortise_ccsynch_exec_behind(struct mortise_ccsynch_local *local,
                                              struct mortise_ccsynch_node *mine,
                                              mortise_procedure_t *procedure, void *argument)
{
    struct mortise_ccsynch_node *fresh = local->spare;
    uint32_t state = mortise_ccsynch_submit(mine, fresh, procedure, argument);
    local->spare = mine;
    if (state == MORTISE_CCSYNCH_LEAD) {
        procedure(argument);
        mortise_ccsynch_serve(fresh);
    }
}

/* The caller's local has joined. Who finds the lead at its node leaves no procedure there, for
 * nobody would look for it; this is the way of a thread alone. */
MORTISE_FAST void mortise_ccsynch_exec_ready(struct mortise_ccsynch *sync,
                                             struct mortise_ccsynch_local *local,
                                             mortise_procedure_t *procedure, void *argument)
{
    struct mortise_ccsynch_node *fresh = local->spare;
    struct mortise_ccsynch_node *mine = mortise_ccsynch_append(sync, fresh);
    /* Acquire: shows what all earlier procedures wrote, see mortise_ccsynch_tell. */
    if (MORTISE_UNLIKELY(MORTISE_LOAD_ACQUIRE(&mine->state) != MORTISE_CCSYNCH_LEAD)) {
        mortise_ccsynch_exec_behind(local, mine, procedure, argument);
        return;
    }
    procedure(argument);
    local->spare = mine;
    if (MORTISE_UNLIKELY(MORTISE_LOAD_RELAXED(&fresh->next) != NULL)) /* serve looks properly */
        mortise_ccsynch_serve(fresh);
    else
        mortise_ccsynch_tell(fresh, MORTISE_CCSYNCH_LEAD);
}

MORTISE_SLOW void mortise_ccsynch_exec_common(struct mortise_ccsynch *sync,
                                              mortise_procedure_t *procedure, void *argument)
{
    mortise_waiting_lock(&sync->common_lock); /* shows the spare of the user before */
    mortise_ccsynch_exec_ready(sync, &sync->common, procedure, argument);
    mortise_waiting_unlock(&sync->common_lock);
}

MORTISE_FAST void mortise_ccsynch_exec(struct mortise_ccsynch *sync,
                                       struct mortise_ccsynch_local *local,
                                       mortise_procedure_t *procedure, void *argument)
{
    if (MORTISE_UNLIKELY(!mortise_ccsynch_ready(local)))
        mortise_ccsynch_exec_common(sync, procedure, argument);
    else
        mortise_ccsynch_exec_ready(sync, local, procedure, argument);
}

MORTISE_FAST void mortise_ccsynch_reset(struct mortise_ccsynch *sync)
{
    (void)sync;
}

#endif
