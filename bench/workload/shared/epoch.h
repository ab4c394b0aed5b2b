/* SPDX-License-Identifier: MIT */
/*
 * Reclamation by epochs (Fraser 2004): a thread says in which epoch it reads; the epoch moves on
 * when all that read have seen it, and what was taken out two epochs ago is read by nobody. A
 * thread that the kernel stops in the middle holds all others' blocks back.
 */
#ifndef BENCH_WORKLOAD_SHARED_EPOCH_H
#define BENCH_WORKLOAD_SHARED_EPOCH_H

#include "workload.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 3, EPOCH_OFTEN = 64 };

struct epoch_list {
    void **block;
    size_t count, room;
};

struct epoch_thread {
    _Alignas(128) _Atomic(uint64_t) reading; /* 0: nothing; else 1 + epoch */
    uint64_t seen;
    long steps;
    struct epoch_list retired[EPOCHS];
};

struct epoch {
    _Alignas(128) _Atomic(uint64_t) now;
    long threads;
    struct epoch_thread *thread;
};

static inline void epoch_create(struct epoch *epoch, long threads)
{
    const size_t size = (size_t)threads * sizeof(struct epoch_thread);
    atomic_init(&epoch->now, 1);
    epoch->threads = threads;
    epoch->thread = (struct epoch_thread *)work_aligned(128, size);
    memset((void *)epoch->thread, 0, size);
}

static inline void epoch_free(struct epoch_list *list)
{
    while (list->count > 0)
        free(list->block[--list->count]);
}

/* When no thread is at work any more. */
static inline void epoch_destroy(struct epoch *epoch)
{
    for (long i = 0; i < epoch->threads; i++)
        for (int j = 0; j < EPOCHS; j++) {
            epoch_free(&epoch->thread[i].retired[j]);
            free(epoch->thread[i].retired[j].block);
        }
    free(epoch->thread);
}

/* Who reads in an older epoch keeps it from moving on. Sequentially consistent, as all here: what a
 * thread says comes in one order with what others look at. */
static inline void epoch_advance(struct epoch *epoch)
{
    uint64_t now = atomic_load(&epoch->now);
    for (long i = 0; i < epoch->threads; i++) {
        const uint64_t reading = atomic_load(&epoch->thread[i].reading);
        if (reading != 0 && reading != now + 1)
            return;
    }
    (void)atomic_compare_exchange_strong(&epoch->now, &now, now + 1);
}

static inline void epoch_enter(struct epoch *epoch, long thread)
{
    struct epoch_thread *own = &epoch->thread[thread];
    if (++own->steps % EPOCH_OFTEN == 0)
        epoch_advance(epoch);
    /* Freed while it reads nothing: otherwise others retire more the longer that takes, and have
     * more to free in their turn; a free that costs more than an operation lets the lists grow. */
    uint64_t now = atomic_load(&epoch->now), again;
    for (;; now = again) {
        /* What is in the list of this epoch is from three epochs ago, or earlier. */
        if (own->seen != now)
            epoch_free(&own->retired[now % EPOCHS]);
        own->seen = now;
        atomic_store(&own->reading, now + 1);
        again = atomic_load(&epoch->now);
        if (again == now)
            return;
        atomic_store(&own->reading, 0);
    }
}

static inline void epoch_leave(struct epoch *epoch, long thread)
{
    atomic_store(&epoch->thread[thread].reading, 0);
}

static inline void epoch_retire(struct epoch *epoch, long thread, void *block)
{
    struct epoch_thread *own = &epoch->thread[thread];
    struct epoch_list *list = &own->retired[own->seen % EPOCHS];
    if (list->count == list->room) {
        list->room = list->room == 0 ? 256 : 2 * list->room;
        list->block = (void **)work_realloc(list->block, list->room * sizeof(void *));
    }
    list->block[list->count++] = block;
}

#endif
