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
 * pause at all where one core is all there is. The leader wakes those it has served when it leads
 * no longer, so that more threads than cores do not line up behind one that lost its core.
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
    mortise_ccsynch_bound = 64 /* procedures that one call runs, its own included */
};

MORTISE_ASSERT_STATIC((int)mortise_ccsynch_bound <= (int)mortise_waiting_most_sleepers,
                      "a leader remembers all that it has to wake");

/* How the wait at a node ends, see shared/waiting.h. */
enum {
    MORTISE_CCSYNCH_LEAD = MORTISE_WAITING_GO, /* it runs its procedure itself, then those behind */
    MORTISE_CCSYNCH_DONE                       /* its procedure has run */
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
    uint32_t haste;                    /* of those who wait */
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
    sync->haste = 0;
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

/* Runs what waits from `node` on, for a leader that has run its own, and passes on the lead: to a
 * thread that has not left its procedure yet, or that comes after the bound. That one is on
 * everybody's way, so it hears before the caller of the last procedure does. */
MORTISE_SLOW void mortise_ccsynch_serve(struct mortise_ccsynch_node *node)
{
    struct mortise_ccsynch_node *served = NULL;
    struct mortise_waiting_sleepers sleepers;
    sleepers.count = 0;
    for (unsigned run = 1;; run++) {
        /* Acquire: shows procedure, argument and all that the caller wrote before its call. */
        struct mortise_ccsynch_node *next = MORTISE_LOAD_ACQUIRE(&node->next);
        bool lead = next == NULL || run >= mortise_ccsynch_bound;
        if (lead)
            mortise_waiting_tell(&node->state, MORTISE_CCSYNCH_LEAD);
        if (served != NULL)
            mortise_waiting_tell_asleep(&sleepers, &served->state, MORTISE_CCSYNCH_DONE);
        if (lead)
            break;
        node->procedure(node->argument);
        served = node;
        node = next;
    }
    mortise_waiting_wake_all(&sleepers);
}

/* Appends `fresh` and returns the tail before, where the caller waits. Release: shows the fresh
 * node's state and next to the thread that appends behind it. Acquire: shows those of `mine`, so
 * that its state is never one of an earlier call. */
MORTISE_FAST struct mortise_ccsynch_node *mortise_ccsynch_append(struct mortise_ccsynch *sync,
                                                                 struct mortise_ccsynch_node *fresh)
{
    MORTISE_STORE_RELAXED(&fresh->state, MORTISE_WAITING_LOOKS); /* shown by the exchange */
    return MORTISE_SWAP_ACQ_REL(&sync->tail, fresh);
}

/* Leaves the procedure at `mine` and waits; the result is LEAD, which shows what all earlier
 * procedures wrote, or DONE, which shows the results of this one. Release: shows procedure,
 * argument and all that this thread wrote before to the leader that follows `next`. */
MORTISE_PLAIN uint32_t mortise_ccsynch_submit(uint32_t *haste, struct mortise_ccsynch_node *mine,
                                              struct mortise_ccsynch_node *fresh,
                                              mortise_procedure_t *procedure, void *argument)
{
    mine->procedure = procedure;
    mine->argument = argument;
    MORTISE_STORE_RELEASE(&mine->next, fresh);
    uint32_t state = mortise_waiting_await(&mine->state, haste);
    /* The leader read `next` before it told, so nobody knows this node any more. */
    MORTISE_STORE_RELAXED(&mine->next, (struct mortise_ccsynch_node *)NULL);
    return state;
}

MORTISE_SLOW void mortise_ccsynch_exec_behind(struct mortise_ccsynch *sync,
                                              struct mortise_ccsynch_local *local,
                                              struct mortise_ccsynch_node *mine,
                                              mortise_procedure_t *procedure, void *argument)
{
    struct mortise_ccsynch_node *fresh = local->spare;
    uint32_t state = mortise_ccsynch_submit(&sync->haste, mine, fresh, procedure, argument);
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
    /* Acquire: shows what all earlier procedures wrote, see mortise_waiting_tell. */
    if (MORTISE_UNLIKELY(MORTISE_LOAD_ACQUIRE(&mine->state) != MORTISE_CCSYNCH_LEAD)) {
        mortise_ccsynch_exec_behind(sync, local, mine, procedure, argument);
        return;
    }
    procedure(argument);
    local->spare = mine;
    if (MORTISE_UNLIKELY(MORTISE_LOAD_RELAXED(&fresh->next) != NULL)) /* serve looks properly */
        mortise_ccsynch_serve(fresh);
    else
        mortise_waiting_tell(&fresh->state, MORTISE_CCSYNCH_LEAD);
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
