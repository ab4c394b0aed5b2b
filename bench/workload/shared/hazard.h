/* SPDX-License-Identifier: MIT */
/*
 * Hazard pointers (Michael 2004): what a thread wants to read it announces first; what was taken
 * out of a structure is freed when nobody announces it. All is sequentially consistent, so that an
 * announcement and the look at the structure after it come in one order with the removal and the
 * look at the announcements after it: the one or the other is seen.
 */
#ifndef BENCH_WORKLOAD_SHARED_HAZARD_H
#define BENCH_WORKLOAD_SHARED_HAZARD_H

#include "workload.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { HAZARDS = 3 };

struct hazard_thread {
    _Alignas(128) _Atomic(void *) held[HAZARDS];
    void **retired;
    long count, room;
};

struct hazard {
    long threads;
    struct hazard_thread *thread;
};

static inline void hazard_create(struct hazard *hazard, long threads)
{
    const size_t size = (size_t)threads * sizeof(struct hazard_thread);
    hazard->threads = threads;
    hazard->thread = (struct hazard_thread *)work_aligned(128, size);
    memset((void *)hazard->thread, 0, size);
    for (long i = 0; i < threads; i++) {
        hazard->thread[i].room = 2 * threads * HAZARDS + 64;
        hazard->thread[i].retired =
            (void **)work_malloc((size_t)hazard->thread[i].room * sizeof(void *));
    }
}

/* When no thread is at work any more. */
static inline void hazard_destroy(struct hazard *hazard)
{
    for (long i = 0; i < hazard->threads; i++) {
        struct hazard_thread *own = &hazard->thread[i];
        while (own->count > 0)
            free(own->retired[--own->count]);
        free(own->retired);
    }
    free(hazard->thread);
}

static inline void hazard_hold(struct hazard *hazard, long thread, int which, void *block)
{
    atomic_store(&hazard->thread[thread].held[which], block);
}

/* Reads a pointer until what is announced is what is there. */
static inline void *hazard_read(struct hazard *hazard, long thread, int which,
                                _Atomic(void *) *from)
{
    void *block = atomic_load(from);
    for (;;) {
        hazard_hold(hazard, thread, which, block);
        void *now = atomic_load(from);
        if (now == block)
            return block;
        block = now;
    }
}

/* Release: what this thread read in the blocks comes before they are freed. */
static inline void hazard_drop(struct hazard *hazard, long thread)
{
    for (int i = 0; i < HAZARDS; i++)
        atomic_store_explicit(&hazard->thread[thread].held[i], NULL, memory_order_release);
}

static inline bool hazard_held(struct hazard *hazard, const void *block)
{
    for (long i = 0; i < hazard->threads; i++)
        for (int j = 0; j < HAZARDS; j++)
            if (atomic_load(&hazard->thread[i].held[j]) == block)
                return true;
    return false;
}

static inline void hazard_retire(struct hazard *hazard, long thread, void *block)
{
    struct hazard_thread *own = &hazard->thread[thread];
    own->retired[own->count++] = block;
    if (own->count < own->room)
        return;
    long left = 0;
    for (long i = 0; i < own->count; i++) {
        if (hazard_held(hazard, own->retired[i]))
            own->retired[left++] = own->retired[i];
        else
            free(own->retired[i]);
    }
    own->count = left;
}

#endif
