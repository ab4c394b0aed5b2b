/* SPDX-License-Identifier: MIT */
/*
 * combine - one word while threads are few; a queue on their stacks, served in batches, when many
 *
 * A thread that sees no queue takes the word like any lock. One that finds the word taken appends a
 * node with its procedure to a queue. The head of the queue takes the word and leads: it runs its
 * own procedure and those behind it, at most 64, and passes word and lead on to the next. So a
 * thread alone pays for a plain lock, and under contention the state of the layer stays in the
 * cache of one core for a whole batch. Nodes live on the callers' stacks for the time of a call; a
 * thread has no other state, so that its end and a fork leave nothing to clear up.
 *
 * The queue is first come, first served, and while there is one nobody begins to compete for the
 * word: one call waits for at most one procedure of each other thread, and for 63 of its own batch.
 * A waiter pauses a bounded number of times and then sleeps in the kernel.
 *
 * Needs: nothing
 * Offers: exclusion in batches, first come first served once there is a queue; no state in a thread
 *
 * Parameters: none
 *
 * Invariants: whoever runs procedures owns the word, which goes with the lead from node to node;
 * tail is NULL exactly while there is no queue; every node but the tail gets a next
 * Ordering: stands at each operation below
 * Wins: none yet
 * Source: the combining lock of snmalloc; Hendler et al., Flat combining, SPAA 2010; Mellor-Crummey
 *     and Scott, TOCS 1991
 */
#ifndef MORTISE_POLICY_SYNC_COMBINE_H
#define MORTISE_POLICY_SYNC_COMBINE_H

#include "../sync.h"
#include "shared/waiting.h"

enum {
    mortise_combine_threadsafe = 1,
    mortise_combine_sleeps = 1,
    mortise_combine_bound = 64 /* procedures that one call runs, its own included */
};

MORTISE_ASSERT_STATIC((int)mortise_combine_bound <= (int)mortise_waiting_most_sleepers,
                      "a leader remembers all that it has to wake");

/* How the wait at a node ends, see shared/waiting.h. */
enum {
    MORTISE_COMBINE_LEAD = MORTISE_WAITING_GO, /* it runs its procedure itself, then those behind */
    MORTISE_COMBINE_DONE                       /* its procedure has run */
};

struct mortise_combine_node {
    struct mortise_combine_node *next;
    mortise_procedure_t *procedure;
    void *argument;
    uint32_t state;
};

struct mortise_combine {
    struct mortise_combine_node *tail MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    uint32_t word;  /* a lock of shared/waiting.h */
    uint32_t haste; /* of those who wait in the queue */
};

struct mortise_combine_local {
    MORTISE_NO_STATE;
};

MORTISE_FAST void mortise_combine_init(struct mortise_combine *sync)
{
    (void)sync; /* zero is open, and others may be inside already */
}

MORTISE_FAST void mortise_combine_join(struct mortise_combine *sync,
                                       struct mortise_combine_local *local)
{
    (void)sync;
    (void)local;
}

MORTISE_FAST bool mortise_combine_ready(const struct mortise_combine_local *local)
{
    (void)local;
    return true;
}

/* Relaxed: a hint that keeps the way past the queue for when there is none. Acquire, in try_lock:
 * shows what every procedure before wrote; the pairs are the unlocks below. */
MORTISE_FAST bool mortise_combine_try(struct mortise_combine *sync)
{
    return MORTISE_LIKELY(MORTISE_LOAD_RELAXED(&sync->tail) == NULL &&
                          mortise_waiting_try_lock(&sync->word));
}

/* Queues up; the result is LEAD, as the owner of the word, or DONE. */
MORTISE_PLAIN uint32_t mortise_combine_enter(struct mortise_combine *sync,
                                             struct mortise_combine_node *node,
                                             mortise_procedure_t *procedure, void *argument)
{
    node->next = NULL;
    node->procedure = procedure;
    node->argument = argument;
    node->state = MORTISE_WAITING_LOOKS;
    /* Release: shows the node's next to whoever appends behind it. Acquire: shows the next of the
     * node before, so that the link is not overwritten. */
    struct mortise_combine_node *before = MORTISE_SWAP_ACQ_REL(&sync->tail, node);
    if (before == NULL) {
        mortise_waiting_lock(&sync->word);
        return MORTISE_COMBINE_LEAD;
    }
    /* Release: shows the node and all that this thread wrote before to the leader that follows the
     * link. Then `before` is not ours to touch. */
    MORTISE_STORE_RELEASE(&before->next, node);
    /* Shows the results of the procedure (DONE) or those of all earlier ones (LEAD). */
    return mortise_waiting_await(&node->state, &sync->haste);
}

/* The node behind `node`; NULL if there is none, and then there is no queue any more. */
MORTISE_PLAIN struct mortise_combine_node *mortise_combine_next(struct mortise_combine *sync,
                                                                struct mortise_combine_node *node)
{
    /* Acquire, here and below: shows the node behind and all that its caller wrote. */
    struct mortise_combine_node *next = MORTISE_LOAD_ACQUIRE(&node->next);
    struct mortise_combine_node *expected = node;
    unsigned spent = 0;
    /* Relaxed would do: what the leader wrote is shown by the unlock of the word that follows. */
    if (next != NULL ||
        MORTISE_CAS_RELEASE(&sync->tail, &expected, (struct mortise_combine_node *)NULL))
        return next;
    while ((next = MORTISE_LOAD_ACQUIRE(&node->next)) == NULL) /* about to be linked */
        mortise_waiting_relax(&spent, 1);
    return next;
}

/* Gives word and lead to `next`, or to anybody if there is nobody. Release, in both: shows what
 * every procedure so far wrote. */
MORTISE_FAST void mortise_combine_pass(struct mortise_combine *sync,
                                       struct mortise_combine_node *next)
{
    if (next != NULL)
        mortise_waiting_tell(&next->state, MORTISE_COMBINE_LEAD);
    else
        mortise_waiting_unlock(&sync->word);
}

/* Runs the procedures from `own` on, whose owner this thread is, and passes on the lead to the one
 * that comes after the bound. That one is on everybody's way, so it hears before the caller of the
 * last procedure does. */
MORTISE_PLAIN void mortise_combine_lead(struct mortise_combine *sync,
                                        struct mortise_combine_node *own)
{
    struct mortise_combine_node *node = own;
    struct mortise_waiting_sleepers sleepers;
    sleepers.count = 0;
    for (unsigned run = 1;; run++) {
        node->procedure(node->argument);
        struct mortise_combine_node *next = mortise_combine_next(sync, node);
        bool goes_on = next != NULL && run < mortise_combine_bound;
        if (!goes_on)
            mortise_combine_pass(sync, next);
        if (node != own) /* Release: shows the results to the caller. */
            mortise_waiting_tell_asleep(&sleepers, &node->state, MORTISE_COMBINE_DONE);
        if (!goes_on)
            break;
        node = next;
    }
    mortise_waiting_wake_all(&sleepers);
}

/* A whole exec, not only the wait: who finds the word free need not save registers for a call. */
MORTISE_SLOW void mortise_combine_exec_queued(struct mortise_combine *sync,
                                              mortise_procedure_t *procedure, void *argument)
{
    struct mortise_combine_node node;
    if (mortise_combine_enter(sync, &node, procedure, argument) == MORTISE_COMBINE_LEAD)
        mortise_combine_lead(sync, &node);
}

MORTISE_FAST void mortise_combine_exec(struct mortise_combine *sync,
                                       struct mortise_combine_local *local,
                                       mortise_procedure_t *procedure, void *argument)
{
    (void)local;
    if (!mortise_combine_try(sync)) {
        mortise_combine_exec_queued(sync, procedure, argument);
        return;
    }
    procedure(argument);
    mortise_waiting_unlock(&sync->word);
}

MORTISE_FAST void mortise_combine_reset(struct mortise_combine *sync)
{
    (void)sync;
}

#endif
