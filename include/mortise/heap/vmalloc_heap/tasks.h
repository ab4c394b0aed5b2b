/* SPDX-License-Identifier: MIT */
/*
 * What vmalloc_heap does with its chunks and records under its lock: procedures for a sync policy,
 * each of which takes a task, which holds the request and the answer. Part of heap/vmalloc_heap.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_system.h"
#include "../vmalloc_heap.h"
#else
/* A run of free granules of a chunk, to be taken or given. */
struct SELF(task) {
    SELF_HEAP *heap;
    size_t granules;
    struct SELF(chunk) * chunk; /* of take: to be added first, or NULL; of give: which it is */
    char *base;                 /* answer of take, NULL: none; request of give */
    struct SELF(chunk) * empty; /* answer: chunks to be given back, linked by next */
};

/* The size in the data of an object, in pages. */
MORTISE_FAST uint64_t SELF(owned_for)(size_t size)
{
    return mortise_owned(SELF(number)(), size / mortise_vmalloc_page);
}

MORTISE_FAST size_t SELF(size_of)(uint64_t owned)
{
    return (size_t)mortise_owner_data(owned) * mortise_vmalloc_page;
}

MORTISE_FAST uint64_t SELF(mask)(size_t granules)
{
    return granules >= 64 ? UINT64_MAX : ((uint64_t)1 << granules) - 1;
}

/* The bits of the places where a run of free granules begins, by halves: a run of n is one of n/2
 * and one of the rest behind it. */
MORTISE_FAST uint64_t SELF(runs)(uint64_t free, size_t granules)
{
    while (granules > 1) {
        size_t half = granules / 2;
        free &= free >> half;
        granules -= half;
    }
    return free;
}

MORTISE_SLOW void SELF(exec)(SELF_HEAP *heap, mortise_procedure_t *procedure, void *task)
{
    struct SYNC(local) none = {};
    SYNC(exec)(&heap->sync, &none, procedure, task);
}

MORTISE_PLAIN void SELF(link)(SELF_HEAP *heap, struct SELF(chunk) * chunk)
{
    chunk->prev = NULL;
    chunk->next = heap->first;
    if (chunk->next != NULL)
        chunk->next->prev = chunk;
    heap->first = chunk;
}

MORTISE_PLAIN void SELF(unlink)(SELF_HEAP *heap, struct SELF(chunk) * chunk)
{
    if (chunk->next != NULL)
        chunk->next->prev = chunk->prev;
    if (chunk->prev != NULL)
        chunk->prev->next = chunk->next;
    else
        heap->first = chunk->next;
}

/* How many bits are set. In C: a compiler makes a call of what a processor may not have. */
MORTISE_PLAIN unsigned SELF(count)(uint64_t bits)
{
    unsigned count = 0;
    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

/* Of the first few chunks with room enough the one with the least free, so that others can run
 * empty. */
MORTISE_SLOW struct SELF(chunk) * SELF(choose)(SELF_HEAP *heap, size_t granules)
{
    struct SELF(chunk) *best = NULL;
    unsigned looks = 16, least = UINT_MAX;
    for (struct SELF(chunk) *chunk = heap->first; chunk != NULL; chunk = chunk->next) {
        if (SELF(runs)(chunk->free, granules) == 0)
            continue;
        unsigned free = SELF(count)(chunk->free);
        if (free < least) {
            least = free;
            best = chunk;
        }
        if (--looks == 0)
            break;
    }
    return best;
}

MORTISE_SLOW void SELF(detach)(struct SELF(task) * task, struct SELF(chunk) * chunk)
{
    SELF(unlink)(task->heap, chunk);
    chunk->next = task->empty;
    task->empty = chunk;
}

/* Of chunks without use the smallest stays; the other one is the task's answer. */
MORTISE_SLOW void SELF(keep_empty)(struct SELF(task) * task, struct SELF(chunk) * chunk)
{
    struct SELF(chunk) *kept = task->heap->empty;
    if (kept == NULL || chunk->bytes < kept->bytes)
        task->heap->empty = chunk;
    if (kept != NULL)
        SELF(detach)(task, task->heap->empty == chunk ? kept : chunk);
}

MORTISE_SLOW void SELF(do_take)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    SELF_HEAP *heap = task->heap;
    if (task->chunk != NULL)
        SELF(link)(heap, task->chunk);
    struct SELF(chunk) *chunk = SELF(choose)(heap, task->granules);
    if (chunk != NULL) {
        unsigned at = mortise_lowest_bit(SELF(runs)(chunk->free, task->granules));
        chunk->free &= ~(SELF(mask)(task->granules) << at);
        if (chunk->free == 0)
            SELF(unlink)(heap, chunk);
        if (chunk == heap->empty)
            heap->empty = NULL;
        task->base = chunk->base + at * MORTISE_GRANULE;
    }
    /* Another may have become free meanwhile, or this one be too small. */
    if (task->chunk != NULL && task->chunk->free == task->chunk->all)
        SELF(keep_empty)(task, task->chunk);
}

MORTISE_SLOW void SELF(do_give)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    SELF_HEAP *heap = task->heap;
    struct SELF(chunk) *chunk = task->chunk;
    size_t at = (size_t)(task->base - chunk->base) / MORTISE_GRANULE;
    if (chunk->free == 0)
        SELF(link)(heap, chunk);
    chunk->free |= SELF(mask)(task->granules) << at;
    if (chunk->free == chunk->all)
        SELF(keep_empty)(task, chunk);
}

MORTISE_SLOW void SELF(do_detach)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    for (struct SELF(chunk) *chunk = task->heap->first, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        if (chunk->free == chunk->all)
            SELF(detach)(task, chunk);
    }
    task->heap->empty = NULL;
}

struct SELF(records_task) {
    SELF_HEAP *heap;
    struct SELF(chunk) * chunk; /* to put back, or answer of get */
    struct SELF(page) * page;   /* of new ones to add, or NULL */
};

MORTISE_SLOW void SELF(do_put_record)(void *argument)
{
    struct SELF(records_task) *task = (struct SELF(records_task) *)argument;
    task->chunk->next = task->heap->spare;
    task->heap->spare = task->chunk;
}

MORTISE_SLOW void SELF(do_get_record)(void *argument)
{
    struct SELF(records_task) *task = (struct SELF(records_task) *)argument;
    SELF_HEAP *heap = task->heap;
    if (task->page != NULL) {
        struct SELF(chunk) *record = (struct SELF(chunk) *)(void *)task->page + 1; /* behind next */
        struct SELF(chunk) *end = record + mortise_vmalloc_page / sizeof *record - 1;
        for (; record < end; record++) {
            record->next = heap->spare;
            heap->spare = record;
        }
        task->page->next = heap->pages;
        heap->pages = task->page;
    }
    task->chunk = heap->spare;
    if (task->chunk != NULL)
        heap->spare = task->chunk->next;
}

#endif
