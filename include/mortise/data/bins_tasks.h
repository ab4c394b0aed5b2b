/* SPDX-License-Identifier: MIT */
/*
 * What a layer does to the bins of an arena under its lock, as procedures for a sync policy: each
 * takes a task, which holds the request and the answer.
 */
#ifndef MORTISE_DATA_BINS_TASKS_H
#define MORTISE_DATA_BINS_TASKS_H

#include "bins_area.h"
#include "bins_heap.h"

/* What was found corrupt since the last time, for whoever reports it. */
MORTISE_FAST void *mortise_bins_take_corrupt(struct mortise_bins *bins)
{
    struct mortise_chunk *chunk = bins->corrupt;
    if (MORTISE_LIKELY(chunk == NULL))
        return NULL;
    bins->corrupt = NULL;
    return mortise_chunk_payload(chunk);
}

struct mortise_bins_alloc_task {
    struct mortise_bins *bins;
    struct mortise_bins_rules rules;
    size_t need; /* chunk bytes */
    size_t align;
    struct mortise_cut cut; /* the answer */
    void *corrupt;
};

MORTISE_FAST void mortise_bins_do_alloc(void *argument)
{
    struct mortise_bins_alloc_task *task = (struct mortise_bins_alloc_task *)argument;
    task->cut = MORTISE_LIKELY(task->align <= MORTISE_CHUNK_ALIGN)
                    ? mortise_bins_alloc(task->bins, task->need, task->rules)
                    : mortise_bins_alloc_aligned(task->bins, task->need, task->align, task->rules);
    task->corrupt = mortise_bins_take_corrupt(task->bins);
}

struct mortise_bins_batch_task {
    struct mortise_bins *bins;
    struct mortise_bins_rules rules;
    size_t need;
    unsigned count; /* wanted */
    unsigned got;   /* the answer, linked by the first words */
    void *chain;
    void *corrupt;
};

MORTISE_PLAIN void mortise_bins_do_alloc_batch(void *argument)
{
    struct mortise_bins_batch_task *task = (struct mortise_bins_batch_task *)argument;
    while (task->got < task->count) {
        void *payload = mortise_bins_alloc(task->bins, task->need, task->rules).payload;
        if (payload == NULL)
            break;
        *(void **)payload = task->chain;
        task->chain = payload;
        task->got++;
    }
    task->corrupt = mortise_bins_take_corrupt(task->bins);
}

/* Chunks that are merged to so much are a reason to look at what lies free. */
enum { MORTISE_BINS_MUCH = 65536 };

struct mortise_bins_free_task {
    struct mortise_bins *bins;
    struct mortise_bins_rules rules;
    void *payload;
    size_t trim_threshold; /* a top of more than this should be cut */
    enum mortise_error status;
    bool trim; /* answer: there is something to give back */
    void *corrupt;
};

MORTISE_FAST void mortise_bins_do_free(void *argument)
{
    struct mortise_bins_free_task *task = (struct mortise_bins_free_task *)argument;
    struct mortise_bins *bins = task->bins;
    task->status = mortise_bins_judge(bins, mortise_chunk_of(task->payload), task->rules);
    if (MORTISE_UNLIKELY(task->status != MORTISE_OK))
        return;
    size_t size = mortise_bins_free(bins, task->payload, task->rules);
    if (MORTISE_UNLIKELY(size >= MORTISE_BINS_MUCH)) {
        if (bins->fast_chunks != 0)
            mortise_bins_consolidate(bins, task->rules);
        task->trim = mortise_chunk_size(bins->top) >= task->trim_threshold ||
                     mortise_bins_is_area_free(bins);
    }
    task->corrupt = mortise_bins_take_corrupt(bins);
}

/* The same for all blocks of a chain; the answer is about one of them. */
MORTISE_PLAIN void mortise_bins_do_free_batch(void *argument)
{
    struct mortise_bins_free_task *task = (struct mortise_bins_free_task *)argument;
    struct mortise_bins_free_task one = *task;
    for (void *payload = task->payload; payload != NULL;) {
        one.payload = payload;
        one.corrupt = NULL;
        payload = *(void **)payload;
        mortise_bins_do_free(&one);
        task->trim |= one.trim;
        if (MORTISE_UNLIKELY(one.status == MORTISE_CORRUPT))
            one.corrupt = one.payload;
        if (MORTISE_UNLIKELY(one.corrupt != NULL))
            task->corrupt = one.corrupt;
    }
}

struct mortise_bins_resize_task {
    struct mortise_bins *bins;
    struct mortise_bins_rules rules;
    void *payload;
    size_t need;
    bool done; /* the answer */
    void *corrupt;
};

MORTISE_SLOW void mortise_bins_do_resize(void *argument)
{
    struct mortise_bins_resize_task *task = (struct mortise_bins_resize_task *)argument;
    struct mortise_chunk *chunk = mortise_chunk_of(task->payload);
    if (mortise_bins_judge(task->bins, chunk, task->rules) == MORTISE_OK)
        task->done = mortise_bins_resize(task->bins, task->payload, task->need, task->rules);
    task->corrupt = mortise_bins_take_corrupt(task->bins);
}

/* ---- memory ---- */

struct mortise_bins_add_task {
    struct mortise_bins *bins;
    void *memory;
    size_t size;
    bool zeroed;
    bool may_continue;
    size_t lead;
    uint64_t region_owned;                /* of a new area */
    struct mortise_bins_alloc_task *then; /* a request to serve at once, NULL: none */
};

MORTISE_SLOW void mortise_bins_do_add(void *argument)
{
    struct mortise_bins_add_task *task = (struct mortise_bins_add_task *)argument;
    mortise_bins_add(task->bins, task->memory, task->size, task->zeroed, task->may_continue,
                     task->lead, task->region_owned);
    if (task->then != NULL)
        mortise_bins_do_alloc(task->then);
}

/* Where the newest area ends, and how large the top is. */
struct mortise_bins_end_task {
    struct mortise_bins *bins;
    void *end; /* NULL: there is no area */
    size_t top;
};

MORTISE_SLOW void mortise_bins_do_end(void *argument)
{
    struct mortise_bins_end_task *task = (struct mortise_bins_end_task *)argument;
    task->end = (void *)mortise_bins_end(task->bins);
    task->top = task->bins->top != NULL ? mortise_chunk_size(task->bins->top) : 0;
}

struct mortise_bins_cut_task {
    struct mortise_bins *bins;
    struct mortise_bins_rules rules;
    size_t keep;      /* bytes of the top that stay */
    size_t threshold; /* of the top; below, only whole areas go */
    bool may_cut;     /* the end of an area may go */
    void *region;     /* the answer; NULL: nothing */
    size_t size;
    uint64_t region_owned; /* of a whole area */
    bool whole;            /* it is an area */
};

/* Detaches the newest area, if it is free and the one before has room then, or the end of the top.
 */
MORTISE_SLOW void mortise_bins_do_cut(void *argument)
{
    struct mortise_bins_cut_task *task = (struct mortise_bins_cut_task *)argument;
    struct mortise_bins *bins = task->bins;
    if (mortise_bins_is_area_free(bins) && mortise_bins_room_before(bins) >= task->keep) {
        struct mortise_heap_info *info = mortise_bins_drop_area(bins, task->rules.checks);
        task->region = info;
        task->size = info->size;
        task->region_owned = info->region_owned;
        task->whole = true;
        return;
    }
    task->size = mortise_bins_excess(bins, task->keep);
    if (!task->may_cut || task->size == 0 || mortise_chunk_size(bins->top) < task->threshold)
        return;
    task->region = mortise_bins_cut_end(bins, task->size);
}

struct mortise_bins_detach_task {
    struct mortise_bins *bins;
    struct mortise_bins_rules rules;
    size_t least;
    struct mortise_chunk *chain; /* the answer, linked by fd */
};

MORTISE_SLOW void mortise_bins_do_detach(void *argument)
{
    struct mortise_bins_detach_task *task = (struct mortise_bins_detach_task *)argument;
    if (task->bins->top == NULL)
        return;
    mortise_bins_consolidate(task->bins, task->rules);
    task->chain = mortise_bins_detach(task->bins, task->least, task->rules);
}

struct mortise_bins_stats_task {
    struct mortise_bins *bins;
    size_t held, used, free_chunks; /* the answer */
};

MORTISE_SLOW void mortise_bins_do_stats(void *argument)
{
    struct mortise_bins_stats_task *task = (struct mortise_bins_stats_task *)argument;
    const struct mortise_bins *bins = task->bins;
    task->held = bins->held;
    task->used = bins->used;
    if (bins->top == NULL)
        return;
    task->free_chunks = bins->fast_chunks + 1;
    for (unsigned i = MORTISE_BINS_UNSORTED; i < MORTISE_BINS; i++)
        for (const struct mortise_chunk *chunk = bins->bin[i].fd; chunk != &bins->bin[i];
             chunk = chunk->fd)
            task->free_chunks++;
}

#endif
