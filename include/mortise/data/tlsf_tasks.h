/* SPDX-License-Identifier: MIT */
/*
 * What a layer does to a two-level segregated fit under its lock, as procedures for a sync policy:
 * each takes a task, which holds the request and the answer.
 */
#ifndef MORTISE_DATA_TLSF_TASKS_H
#define MORTISE_DATA_TLSF_TASKS_H

#include "tlsf_lend.h"

struct mortise_tlsf_alloc_task {
    struct mortise_tlsf *tlsf;
    size_t size; /* block bytes */
    size_t align;
    bool want_zero;
    struct mortise_cut cut; /* the answer */
};

MORTISE_FAST void mortise_tlsf_do_alloc(void *argument)
{
    struct mortise_tlsf_alloc_task *task = (struct mortise_tlsf_alloc_task *)argument;
    task->cut = mortise_tlsf_alloc(task->tlsf, task->size, MORTISE_TLSF_ALIGN, false);
}

/* As do_alloc, for the rarer requests; apart, so that the common one tests for none of this. */
MORTISE_PLAIN void mortise_tlsf_do_alloc_specially(void *argument)
{
    struct mortise_tlsf_alloc_task *task = (struct mortise_tlsf_alloc_task *)argument;
    task->cut = mortise_tlsf_alloc(task->tlsf, task->size, task->align, task->want_zero);
}

struct mortise_tlsf_add_task {
    struct mortise_tlsf *tlsf;
    void *region;
    size_t region_size;
    uintptr_t owned; /* whose the region was */
    bool fresh;      /* it is zero */
    size_t size;     /* block bytes to allocate at once, 0: none */
    size_t align;
    struct mortise_cut cut; /* the answer */
};

/* Adds a region and cuts from it at once, so that no other thread can take what was fetched. */
MORTISE_SLOW void mortise_tlsf_do_add(void *argument)
{
    struct mortise_tlsf_add_task *task = (struct mortise_tlsf_add_task *)argument;
    struct mortise_tlsf_block *block =
        mortise_tlsf_add(task->tlsf, task->region, task->region_size, task->fresh, task->owned);
    if (task->size == 0)
        return;
    mortise_tlsf_remove(task->tlsf, block);
    task->cut = mortise_tlsf_cut_from(task->tlsf, block, task->size, task->align, true);
}

struct mortise_tlsf_resize_task {
    struct mortise_tlsf *tlsf;
    void *payload;
    size_t size; /* block bytes */
    bool done;   /* the answer */
};

MORTISE_SLOW void mortise_tlsf_do_resize(void *argument)
{
    struct mortise_tlsf_resize_task *task = (struct mortise_tlsf_resize_task *)argument;
    task->done = mortise_tlsf_resize(task->tlsf, task->payload, task->size);
}

struct mortise_tlsf_detach_task {
    struct mortise_tlsf *tlsf;
    struct mortise_tlsf_block *chain; /* the answer */
};

MORTISE_SLOW void mortise_tlsf_do_detach(void *argument)
{
    struct mortise_tlsf_detach_task *task = (struct mortise_tlsf_detach_task *)argument;
    task->chain = mortise_tlsf_detach(task->tlsf, MORTISE_GRANULE / 2);
}

/* A tick of the clock: some of what is not needed is lent. */
struct mortise_tlsf_lend_task {
    struct mortise_tlsf *tlsf;
    uint64_t tick;
    size_t page;
    size_t bytes;   /* answer: still to be lent; where it is not 0, that much instead */
    unsigned count; /* answer */
    struct mortise_tlsf_loan loan[MORTISE_TLSF_LENT];
};

MORTISE_SLOW void mortise_tlsf_do_lend(void *argument)
{
    struct mortise_tlsf_lend_task *task = (struct mortise_tlsf_lend_task *)argument;
    struct mortise_tlsf *tlsf = task->tlsf;
    if (task->bytes == 0)
        task->bytes =
            mortise_decay_take(&tlsf->decay, task->tick, tlsf->used, mortise_tlsf_resident(tlsf));
    task->count = mortise_tlsf_lend(tlsf, task->loan, &task->bytes, task->page);
}

struct mortise_tlsf_stats_task {
    struct mortise_tlsf *tlsf;
    size_t held, used, free_blocks; /* the answer */
};

MORTISE_SLOW void mortise_tlsf_do_stats(void *argument)
{
    struct mortise_tlsf_stats_task *task = (struct mortise_tlsf_stats_task *)argument;
    task->held = task->tlsf->held;
    task->used = task->tlsf->used;
    task->free_blocks = task->tlsf->free_blocks;
}

#endif
