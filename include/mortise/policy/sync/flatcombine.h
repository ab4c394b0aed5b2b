/* SPDX-License-Identifier: MIT */
/*
 * flatcombine - threads publish their procedures in a list; whoever has the lock runs all of them
 *
 * A thread that finds the lock free takes it and runs its procedure. One that finds it taken writes
 * its procedure into a record of its own, which stays in a list that all threads share, and waits.
 * The owner of the lock, the combiner, goes through the list and runs what it finds, so that the
 * state of the layer stays in the cache of one core for a whole batch. Waiters do not queue: any of
 * them that runs takes the lock as soon as it is free, so that no hand-over waits for a thread to
 * be scheduled. Records that were idle for 256 passes leave the list and come back with the next
 * procedure.
 *
 * One tenure of the lock runs at most 64 procedures, those of its own call included; where more are
 * waiting then, the lock goes to the owner of the next one. Not first come, first served.
 *
 * A waiter pauses a bounded number of times and then sleeps in the kernel, at its record, but first
 * it marks the lock, which cannot be let go of before another look through the list.
 *
 * What the caller has to do is as for ccsynch. A local belongs to one sync and to one thread at a
 * time; a thread may take over the local of a thread that has ended, and may join it again, which
 * changes nothing. Locals are aligned like their type and stay mapped and unwritten while the sync
 * is used: the list runs through them. A call with a local that has not joined works; such calls
 * wait for each other.
 *
 * Needs: nothing
 * Offers: exclusion in batches
 *
 * Parameters: none
 *
 * Invariants: only the owner of the word runs procedures, takes records out of the list and follows
 * it; a record that waits is in the list, or on its way into it; the word is not FREE while anybody
 * sleeps
 * Ordering: stands at each operation below
 * Wins: none yet
 * Source: Hendler, Incze, Shavit and Tzafrir, Flat combining and the synchronization-parallelism
 *     tradeoff, SPAA 2010
 */
#ifndef MORTISE_POLICY_SYNC_FLATCOMBINE_H
#define MORTISE_POLICY_SYNC_FLATCOMBINE_H

#include "../sync.h"
#include "shared/waiting.h"

enum {
    mortise_flatcombine_threadsafe = 1,
    mortise_flatcombine_sleeps = 1,
    mortise_flatcombine_bound = 64,      /* procedures of one tenure, that of its call included */
    mortise_flatcombine_idle = 256,      /* passes after which a record leaves the list */
    mortise_flatcombine_clean_every = 64 /* passes between two looks for such records */
};

MORTISE_ASSERT_STATIC((int)mortise_flatcombine_bound <= (int)mortise_waiting_most_sleepers,
                      "a leader remembers all that it has to wake");

/* What a record says, after those of shared/waiting.h, which mean that it waits. From DONE on its
 * procedure has run; a thread may sleep through a change from DONE to AWAY. */
enum {
    MORTISE_FLATCOMBINE_LEAD = MORTISE_WAITING_GO, /* its thread owns the word now */
    MORTISE_FLATCOMBINE_DONE,                      /* idle in the list */
    MORTISE_FLATCOMBINE_AWAY                       /* idle and in no list */
};

struct mortise_flatcombine_local {
    struct mortise_flatcombine_local *next;
    mortise_procedure_t *procedure;
    void *argument;
    uint32_t state;
    uint32_t age; /* the pass that served it last; the owner's */
    uint32_t joined;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_flatcombine {
    uint32_t word MORTISE_ALIGNED(MORTISE_CACHE_LINE); /* FREE, TAKEN, or WANTED: look once more */
    uint32_t asked;                                    /* a hint: somebody has published */
    uint32_t haste;                                    /* of those who wait */
    uint32_t passes;                                   /* the owner's */
    uint32_t common_lock;                              /* for callers without a local, below */
    struct mortise_flatcombine_local *head;
    struct mortise_flatcombine_local common;
};

MORTISE_PLAIN void mortise_flatcombine_init(struct mortise_flatcombine *sync)
{
    sync->head = NULL;
    sync->word = MORTISE_WAITING_FREE;
    sync->asked = 0;
    sync->haste = 0;
    sync->common.state = MORTISE_FLATCOMBINE_AWAY;
    sync->common_lock = MORTISE_WAITING_FREE;
}

MORTISE_PLAIN void mortise_flatcombine_join(struct mortise_flatcombine *sync,
                                            struct mortise_flatcombine_local *local)
{
    (void)sync;
    if (local->joined)
        return;
    local->state = MORTISE_FLATCOMBINE_AWAY;
    local->joined = 1;
}

MORTISE_FAST bool mortise_flatcombine_ready(const struct mortise_flatcombine_local *local)
{
    return local->joined != 0;
}

/* Publishes a request. */
MORTISE_PLAIN void mortise_flatcombine_publish(struct mortise_flatcombine *sync,
                                               struct mortise_flatcombine_local *record,
                                               mortise_procedure_t *procedure, void *argument)
{
    record->procedure = procedure;
    record->argument = argument;
    /* Release: shows the request, and all that this thread wrote before, to a combiner that knows
     * the record. Acquire: the one that took it out of the list has read `next` before. */
    if (MORTISE_SWAP_ACQ_REL(&record->state, MORTISE_WAITING_LOOKS) == MORTISE_FLATCOMBINE_AWAY) {
        record->next = MORTISE_LOAD_RELAXED(&sync->head); /* the exchange below decides */
        /* Release: shows `next` and the request to whoever reads the head. */
        while (!MORTISE_CAS_RELEASE(&sync->head, &record->next, record))
            ;
    }
    MORTISE_STORE_RELAXED(&sync->asked, 1); /* a hint; the word decides */
}

/* Waits until the procedure has run (DONE or AWAY), or the caller owns the word (LEAD). No wake-up
 * is lost: an owner can let go of the word only where it says TAKEN, and whoever is about to sleep
 * has written WANTED before. Haste is as in mortise_waiting_await. */
MORTISE_PLAIN uint32_t mortise_flatcombine_await(struct mortise_flatcombine *sync,
                                                 struct mortise_flatcombine_local *record)
{
    uint32_t hurry = MORTISE_LOAD_RELAXED(&sync->haste);
    unsigned pauses = mortise_os_single_core() ? 0 : mortise_waiting_patience >> hurry;
    uint32_t state = MORTISE_WAITING_LOOKS;
    for (; pauses > 0; pauses--) {
        state = MORTISE_LOAD_ACQUIRE(&record->state); /* the pair is in mortise_waiting_tell */
        if (state == MORTISE_WAITING_LOOKS &&
            MORTISE_LOAD_RELAXED(&sync->word) == MORTISE_WAITING_FREE && /* a hint */
            mortise_waiting_try_lock(&sync->word))
            state = MORTISE_FLATCOMBINE_LEAD;
        if (state != MORTISE_WAITING_LOOKS) {
            if (hurry > 0)
                MORTISE_STORE_RELAXED(&sync->haste, hurry - 1);
            return state;
        }
        mortise_cpu_pause();
    }
    if (hurry < mortise_waiting_most_haste)
        MORTISE_STORE_RELAXED(&sync->haste, hurry + 1);
    /* Release: shows the request to the owner that finds WANTED. Acquire: as in try_lock. */
    if (MORTISE_SWAP_ACQ_REL(&sync->word, MORTISE_WAITING_WANTED) == MORTISE_WAITING_FREE)
        return MORTISE_FLATCOMBINE_LEAD;
    state = MORTISE_WAITING_LOOKS;
    (void)MORTISE_CAS_ACQUIRE(&record->state, &state, (uint32_t)MORTISE_WAITING_PARKED);
    while ((state = MORTISE_LOAD_ACQUIRE(&record->state)) == MORTISE_WAITING_PARKED)
        mortise_os_wait(&record->state, MORTISE_WAITING_PARKED);
    return state;
}

/* Takes out of the list what has long been idle, but not the head, where others add. */
MORTISE_SLOW void mortise_flatcombine_clean(struct mortise_flatcombine *sync)
{
    struct mortise_flatcombine_local *before = MORTISE_LOAD_ACQUIRE(&sync->head);
    while (before != NULL && before->next != NULL) {
        struct mortise_flatcombine_local *record = before->next;
        struct mortise_flatcombine_local *next = record->next;
        uint32_t idle = MORTISE_FLATCOMBINE_DONE;
        /* Release: `next` is read before the record's owner, who finds AWAY, writes it. */
        if (sync->passes - record->age > mortise_flatcombine_idle &&
            MORTISE_CAS_RELEASE(&record->state, &idle, (uint32_t)MORTISE_FLATCOMBINE_AWAY))
            before->next = next;
        else
            before = record;
    }
}

/* One pass over the list, for the owner of the word, of up to `left` procedures. Returns who has to
 * have the word next: the first that is left over. */
MORTISE_PLAIN struct mortise_flatcombine_local *
mortise_flatcombine_pass(struct mortise_flatcombine *sync, unsigned *left,
                         struct mortise_waiting_sleepers *sleepers)
{
    if (++sync->passes % mortise_flatcombine_clean_every == 0)
        mortise_flatcombine_clean(sync);
    /* Acquire: shows `next` of each record in the list. */
    struct mortise_flatcombine_local *record = MORTISE_LOAD_ACQUIRE(&sync->head);
    for (; record != NULL; record = record->next) {
        /* Acquire: shows the request and all that its caller wrote. */
        if (MORTISE_LOAD_ACQUIRE(&record->state) >= MORTISE_WAITING_GO)
            continue;
        if (*left == 0)
            return record;
        (*left)--;
        record->age = sync->passes;
        record->procedure(record->argument);
        /* Release: shows the results. */
        mortise_waiting_tell_asleep(sleepers, &record->state, MORTISE_FLATCOMBINE_DONE);
    }
    return NULL;
}

/* Release: shows what this owner wrote to the next. Where somebody wants another look, the word
 * stays taken; acquire: shows the request of whoever wrote WANTED. */
MORTISE_FAST bool mortise_flatcombine_let_go(struct mortise_flatcombine *sync)
{
    uint32_t taken = MORTISE_WAITING_TAKEN;
    if (MORTISE_LIKELY(MORTISE_CAS_RELEASE(&sync->word, &taken, (uint32_t)MORTISE_WAITING_FREE)))
        return true;
    (void)MORTISE_SWAP_ACQUIRE(&sync->word, MORTISE_WAITING_TAKEN);
    return false;
}

/* Ends a tenure of the word that has run one procedure, by running those of others. */
MORTISE_SLOW void mortise_flatcombine_combine(struct mortise_flatcombine *sync)
{
    unsigned left = mortise_flatcombine_bound - 1;
    struct mortise_waiting_sleepers sleepers;
    sleepers.count = 0;
    do {
        MORTISE_STORE_RELAXED(&sync->asked, 0);
        struct mortise_flatcombine_local *heir = mortise_flatcombine_pass(sync, &left, &sleepers);
        if (heir != NULL) {
            /* It looks through the list itself, for some behind it may have asked before and sleep
             * by now. The release shows what every procedure so far wrote. */
            mortise_waiting_tell(&heir->state, MORTISE_FLATCOMBINE_LEAD);
            break;
        }
    } while (MORTISE_LOAD_RELAXED(&sync->asked) != 0 || !mortise_flatcombine_let_go(sync));
    mortise_waiting_wake_all(&sleepers);
}

MORTISE_FAST void mortise_flatcombine_leave(struct mortise_flatcombine *sync)
{
    /* Relaxed: who has published and is not seen here takes the word, or wrote WANTED. */
    if (MORTISE_UNLIKELY(MORTISE_LOAD_RELAXED(&sync->asked) != 0 ||
                         !mortise_flatcombine_let_go(sync)))
        mortise_flatcombine_combine(sync);
}

/* The record of a thread that owns the word says nothing any more. */
MORTISE_FAST void mortise_flatcombine_retire(struct mortise_flatcombine *sync,
                                             struct mortise_flatcombine_local *record)
{
    record->age = sync->passes;
    MORTISE_STORE_RELAXED(&record->state, MORTISE_FLATCOMBINE_DONE); /* shown by the word */
}

MORTISE_SLOW void mortise_flatcombine_exec_contended(struct mortise_flatcombine *sync,
                                                     struct mortise_flatcombine_local *record,
                                                     mortise_procedure_t *procedure, void *argument)
{
    mortise_flatcombine_publish(sync, record, procedure, argument);
    if (mortise_flatcombine_await(sync, record) != MORTISE_FLATCOMBINE_LEAD)
        return;
    /* Relaxed: only owners of the word end the wait. One did where this thread took the word just
     * after its procedure had run. */
    if (MORTISE_LOAD_RELAXED(&record->state) < MORTISE_FLATCOMBINE_DONE) {
        procedure(argument);
        mortise_flatcombine_retire(sync, record);
    }
    mortise_flatcombine_combine(sync);
}

/* The caller's local has joined. */
MORTISE_FAST void mortise_flatcombine_exec_ready(struct mortise_flatcombine *sync,
                                                 struct mortise_flatcombine_local *local,
                                                 mortise_procedure_t *procedure, void *argument)
{
    if (MORTISE_UNLIKELY(!mortise_waiting_try_lock(&sync->word))) {
        mortise_flatcombine_exec_contended(sync, local, procedure, argument);
        return;
    }
    procedure(argument);
    mortise_flatcombine_leave(sync);
}

MORTISE_SLOW void mortise_flatcombine_exec_common(struct mortise_flatcombine *sync,
                                                  mortise_procedure_t *procedure, void *argument)
{
    mortise_waiting_lock(&sync->common_lock);
    mortise_flatcombine_exec_ready(sync, &sync->common, procedure, argument);
    mortise_waiting_unlock(&sync->common_lock);
}

MORTISE_FAST void mortise_flatcombine_exec(struct mortise_flatcombine *sync,
                                           struct mortise_flatcombine_local *local,
                                           mortise_procedure_t *procedure, void *argument)
{
    if (MORTISE_UNLIKELY(!mortise_flatcombine_ready(local)))
        mortise_flatcombine_exec_common(sync, procedure, argument);
    else
        mortise_flatcombine_exec_ready(sync, local, procedure, argument);
}

MORTISE_FAST void mortise_flatcombine_reset(struct mortise_flatcombine *sync)
{
    (void)sync;
}

#endif
