/* SPDX-License-Identifier: MIT */
/*
 * What a layer does to the slabs of one class under its lock, as procedures for a sync policy: each
 * takes a task, which holds the request and the answer.
 */
#ifndef MORTISE_DATA_SLAB_TASKS_H
#define MORTISE_DATA_SLAB_TASKS_H

#include "slab.h"

/* Takes up to `count` blocks, after adding a slab. */
struct mortise_slab_take {
    struct mortise_slab_list *list;
    struct mortise_slab *slab; /* to add first, or NULL */
    unsigned count;
    unsigned got; /* the answer */
    void *chain;  /* the answer, linked by first words */
};

MORTISE_FAST void mortise_slab_do_take(void *argument)
{
    struct mortise_slab_take *task = (struct mortise_slab_take *)argument;
    if (task->slab != NULL) {
        mortise_slab_link(task->list, task->slab);
        task->list->blocks += task->slab->capacity;
    }
    while (task->got < task->count) {
        void *block = mortise_slab_take(task->list);
        if (block == NULL)
            return;
        *(void **)block = task->chain;
        task->chain = block;
        task->got++;
    }
}

/* Moves an empty slab from its class to a chain, unless it is the only one with room. */
MORTISE_FAST void mortise_slab_detach(struct mortise_slab_list *list, struct mortise_slab *slab,
                                      struct mortise_slab **detached)
{
    if (list->first == slab && slab->next == NULL)
        return;
    mortise_slab_unlink(list, slab);
    list->blocks -= slab->capacity;
    slab->next = *detached;
    *detached = slab;
}

/* Gives one block back. */
struct mortise_slab_free {
    struct mortise_slab_list *list;
    struct mortise_slab *slab;
    void *block;
    bool done;                     /* answer: it was the address of a block */
    struct mortise_slab *detached; /* answer: empty slabs to release, linked by next */
};

MORTISE_FAST void mortise_slab_do_free(void *argument)
{
    struct mortise_slab_free *task = (struct mortise_slab_free *)argument;
    task->done = mortise_slab_is_block(task->slab, task->block) && task->slab->used != 0;
    if (task->done && mortise_slab_give(task->list, task->slab, task->block))
        mortise_slab_detach(task->list, task->slab, &task->detached);
}

/* Detaches all empty slabs. */
struct mortise_slab_trim {
    struct mortise_slab_list *list;
    struct mortise_slab *detached; /* the answer */
};

MORTISE_SLOW void mortise_slab_do_trim(void *argument)
{
    struct mortise_slab_trim *task = (struct mortise_slab_trim *)argument;
    for (struct mortise_slab *slab = task->list->first, *next; slab != NULL; slab = next) {
        next = slab->next;
        if (slab->used != 0)
            continue;
        mortise_slab_unlink(task->list, slab);
        task->list->blocks -= slab->capacity;
        slab->next = task->detached;
        task->detached = slab;
    }
}

struct mortise_slab_count {
    struct mortise_slab_list *list;
    size_t unused; /* the answer, in blocks */
};

MORTISE_SLOW void mortise_slab_do_count(void *argument)
{
    struct mortise_slab_count *task = (struct mortise_slab_count *)argument;
    task->unused = task->list->blocks - task->list->used;
}

/* Takes a record from those to spare, or adds some. */
struct mortise_slab_record {
    struct mortise_slab **spare;
    struct mortise_slab *first, *last; /* to add, linked by next */
    struct mortise_slab *taken;        /* the answer */
};

MORTISE_SLOW void mortise_slab_do_take_record(void *argument)
{
    struct mortise_slab_record *task = (struct mortise_slab_record *)argument;
    task->taken = *task->spare;
    if (task->taken != NULL)
        *task->spare = task->taken->next;
}

MORTISE_SLOW void mortise_slab_do_add_records(void *argument)
{
    struct mortise_slab_record *task = (struct mortise_slab_record *)argument;
    task->last->next = *task->spare;
    *task->spare = task->first;
}

#endif
