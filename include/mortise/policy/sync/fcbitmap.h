/* SPDX-License-Identifier: MIT */
/*
 * fcbitmap - one addition asks for the lock and publishes a procedure; the owner runs all of them
 *
 * Flat combining without its list. Every local has a slot, a bit in one word of 64. A thread leaves
 * its procedure in its record and adds its bit to the word: where the word was 0, the bit is the
 * lock; otherwise it tells the owner, who cannot let go of the lock as long as there is any other
 * bit, that a procedure waits. So a request is one atomic addition that cannot fail, a waiter
 * touches nothing but its own record, and the owner looks only at records that are waiting. The
 * list of flatcombine costs a look at every thread's record, and its waiters compete for the lock.
 *
 * An owner takes the bits that are there and runs their procedures, and so on until it has run 64
 * or nobody waits; the batch that it has begun is ended, so that one call runs at most 126. Then
 * the lock goes to one of those who wait. A procedure is run in the batch after its addition or in
 * the next one, so nobody starves.
 *
 * A waiter pauses a bounded number of times and then sleeps in the kernel, at its record.
 *
 * What the caller has to do is as for ccsynch. A local belongs to one sync and to one thread at a
 * time; a thread may take over the local of a thread that has ended, and may join it again, which
 * changes nothing. Locals are aligned like their type and stay mapped and unwritten while the sync
 * is used. A call with a local that has not joined works; such calls wait for each other, as do
 * those with a local that joined when the first 63 had.
 *
 * Needs: nothing
 * Offers: exclusion in batches, without starvation
 *
 * Parameters: none
 *
 * Invariants: word is 0 while nobody owns the lock, else it has the owner's bit; any other bit in
 * it is that of a record that waits; a bit is added only when it is not in the word nor in a batch
 * Ordering: stands at each operation below
 * Wins: none yet
 * Source: after Hendler, Incze, Shavit and Tzafrir, Flat combining and the
 *     synchronization-parallelism tradeoff, SPAA 2010
 */
#ifndef MORTISE_POLICY_SYNC_FCBITMAP_H
#define MORTISE_POLICY_SYNC_FCBITMAP_H

#include "../sync.h"
#include "shared/waiting.h"

enum {
    mortise_fcbitmap_threadsafe = 1,
    mortise_fcbitmap_sleeps = 1,
    mortise_fcbitmap_enough = 64, /* procedures after which a tenure takes no other batch */
    mortise_fcbitmap_slots = 64   /* the last one for callers without a slot */
};

MORTISE_ASSERT_STATIC((int)mortise_fcbitmap_enough + (int)mortise_fcbitmap_slots <=
                          (int)mortise_waiting_most_sleepers,
                      "a leader remembers all that it has to wake");

/* How the wait at a record ends, see shared/waiting.h. */
enum {
    MORTISE_FCBITMAP_LEAD = MORTISE_WAITING_GO, /* it owns the lock and runs its procedure itself */
    MORTISE_FCBITMAP_DONE                       /* its procedure has run */
};

struct mortise_fcbitmap_local {
    mortise_procedure_t *procedure;
    void *argument;
    uint64_t bit; /* 0: no slot of its own */
    uint32_t state;
    uint32_t joined;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_fcbitmap {
    uint64_t word MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    uint32_t haste; /* of those who wait */
    uint32_t after; /* the owner's: the slot that led last; the next to lead is behind it */
    /* For callers without a slot, one at a time. */
    struct mortise_fcbitmap_local common MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    uint32_t common_lock;
    uint32_t joins;
    struct mortise_fcbitmap_local *slot[mortise_fcbitmap_slots];
};

MORTISE_PLAIN void mortise_fcbitmap_init(struct mortise_fcbitmap *sync)
{
    sync->word = 0;
    sync->haste = 0;
    sync->common_lock = MORTISE_WAITING_FREE;
    sync->joins = 0;
    sync->after = 0;
    sync->common.bit = (uint64_t)1 << (mortise_fcbitmap_slots - 1);
    sync->slot[mortise_fcbitmap_slots - 1] = &sync->common;
}

MORTISE_PLAIN void mortise_fcbitmap_join(struct mortise_fcbitmap *sync,
                                         struct mortise_fcbitmap_local *local)
{
    if (local->joined)
        return;
    uint32_t number = MORTISE_ADD_RELAXED(&sync->joins, 1); /* only has to be unique */
    local->bit = 0;
    if (number < mortise_fcbitmap_slots - 1) {
        sync->slot[number] = local; /* shown by the addition of the bit */
        local->bit = (uint64_t)1 << number;
    }
    local->joined = 1;
}

MORTISE_FAST bool mortise_fcbitmap_ready(const struct mortise_fcbitmap_local *local)
{
    return local->joined != 0;
}

/* True where the caller owns the lock. Release: shows the request, its slot, and all that this
 * thread wrote before to the owner who takes the bit. Acquire: shows what every owner before wrote;
 * the pairs are the exchange in let_go and, from owner to owner, that in mortise_waiting_tell. */
MORTISE_FAST bool mortise_fcbitmap_ask(struct mortise_fcbitmap *sync,
                                       struct mortise_fcbitmap_local *record,
                                       mortise_procedure_t *procedure, void *argument)
{
    record->procedure = procedure;
    record->argument = argument;
    MORTISE_STORE_RELAXED(&record->state, MORTISE_WAITING_LOOKS); /* shown by the addition */
    return MORTISE_LIKELY(MORTISE_ADD_ACQ_REL(&sync->word, record->bit) == 0);
}

/* Release: shows what this owner wrote to the next. False where another bit is there. */
MORTISE_FAST bool mortise_fcbitmap_let_go(struct mortise_fcbitmap *sync, uint64_t own)
{
    return MORTISE_LIKELY(MORTISE_CAS_RELEASE(&sync->word, &own, (uint64_t)0));
}

/* Runs the procedures of a batch and says how many there were. */
MORTISE_PLAIN unsigned mortise_fcbitmap_run(struct mortise_fcbitmap *sync, uint64_t batch,
                                            struct mortise_waiting_sleepers *sleepers)
{
    unsigned run = 0;
    for (; batch != 0; batch &= batch - 1) {
        struct mortise_fcbitmap_local *record = sync->slot[mortise_lowest_bit(batch)];
        record->procedure(record->argument);
        /* Release: shows the results. */
        mortise_waiting_tell_asleep(sleepers, &record->state, MORTISE_FCBITMAP_DONE);
        run++;
    }
    return run;
}

/* Hands the lock over to one of `waiting`, in turn: its bit stays in the word, and is the lock as
 * soon as that of this owner has gone. */
MORTISE_PLAIN void mortise_fcbitmap_hand_over(struct mortise_fcbitmap *sync, uint64_t own,
                                              uint64_t waiting)
{
    uint64_t behind = waiting & ~((((uint64_t)1 << sync->after) << 1) - 1);
    unsigned next = mortise_lowest_bit(behind != 0 ? behind : waiting);
    struct mortise_fcbitmap_local *record = sync->slot[next];
    sync->after = next;
    MORTISE_SUB_RELAXED(&sync->word, own); /* never to 0; `tell` shows all else */
    mortise_waiting_tell(&record->state, MORTISE_FCBITMAP_LEAD);
}

/* Ends a tenure of the lock that has run one procedure, by running those of others. */
MORTISE_SLOW void mortise_fcbitmap_combine(struct mortise_fcbitmap *sync, uint64_t own)
{
    struct mortise_waiting_sleepers sleepers;
    sleepers.count = 0;
    for (unsigned run = 1; !mortise_fcbitmap_let_go(sync, own);) {
        if (run >= mortise_fcbitmap_enough) {
            /* Acquire: shows the slot of the one that is chosen. */
            uint64_t waiting = MORTISE_LOAD_ACQUIRE(&sync->word) - own;
            mortise_fcbitmap_hand_over(sync, own, waiting);
            break;
        }
        /* Acquire: shows the requests behind the bits. */
        uint64_t batch = MORTISE_SWAP_ACQUIRE(&sync->word, own) - own;
        run += mortise_fcbitmap_run(sync, batch, &sleepers);
    }
    mortise_waiting_wake_all(&sleepers);
}

MORTISE_FAST void mortise_fcbitmap_leave(struct mortise_fcbitmap *sync, uint64_t own)
{
    if (!mortise_fcbitmap_let_go(sync, own))
        mortise_fcbitmap_combine(sync, own);
}

MORTISE_SLOW void mortise_fcbitmap_exec_waiting(struct mortise_fcbitmap *sync,
                                                struct mortise_fcbitmap_local *record)
{
    if (mortise_waiting_await(&record->state, &sync->haste) == MORTISE_FCBITMAP_DONE)
        return;
    record->procedure(record->argument);
    mortise_fcbitmap_combine(sync, record->bit);
}

MORTISE_FAST void mortise_fcbitmap_exec_slot(struct mortise_fcbitmap *sync,
                                             struct mortise_fcbitmap_local *record,
                                             mortise_procedure_t *procedure, void *argument)
{
    if (!mortise_fcbitmap_ask(sync, record, procedure, argument)) {
        mortise_fcbitmap_exec_waiting(sync, record);
        return;
    }
    procedure(argument);
    mortise_fcbitmap_leave(sync, record->bit);
}

MORTISE_SLOW void mortise_fcbitmap_exec_common(struct mortise_fcbitmap *sync,
                                               mortise_procedure_t *procedure, void *argument)
{
    mortise_waiting_lock(&sync->common_lock);
    mortise_fcbitmap_exec_slot(sync, &sync->common, procedure, argument);
    mortise_waiting_unlock(&sync->common_lock);
}

MORTISE_FAST void mortise_fcbitmap_exec(struct mortise_fcbitmap *sync,
                                        struct mortise_fcbitmap_local *local,
                                        mortise_procedure_t *procedure, void *argument)
{
    if (MORTISE_UNLIKELY(local->bit == 0))
        mortise_fcbitmap_exec_common(sync, procedure, argument);
    else
        mortise_fcbitmap_exec_slot(sync, local, procedure, argument);
}

MORTISE_FAST void mortise_fcbitmap_reset(struct mortise_fcbitmap *sync)
{
    (void)sync;
}

#endif
