/* SPDX-License-Identifier: MIT */
/*
 * What a layer does to extents under its lock, as procedures for a sync policy: each takes a task,
 * which holds the request and the answer.
 */
#ifndef MORTISE_DATA_EXTENTS_TASKS_H
#define MORTISE_DATA_EXTENTS_TASKS_H

#include "cut.h"
#include "extents_lend.h"

struct mortise_extents_take_task {
    struct mortise_extents *extents;
    size_t bytes, align;
    struct mortise_extent *extent; /* the answer, NULL: none */
    struct mortise_cut cut;        /* the same, as memory */
    bool starved;                  /* answer: there are too few records */
};

MORTISE_FAST void mortise_extents_do_take(void *argument)
{
    struct mortise_extents_take_task *task = (struct mortise_extents_take_task *)argument;
    task->starved = task->extents->spares < MORTISE_EXTENT_SPARES;
    if (MORTISE_UNLIKELY(task->starved))
        return;
    struct mortise_extent *extent = mortise_extents_take(task->extents, task->bytes, task->align);
    task->extent = extent;
    if (extent == NULL)
        return;
    task->cut.payload = extent->base;
    task->cut.usable = extent->bytes;
    task->cut.dirty = extent->written;
}

/* Adds records, then a region, each unless NULL, and serves a request at once, so that no other
 * thread can take what was fetched. */
struct mortise_extents_add_task {
    struct mortise_extents *extents;
    void *records; /* so many bytes of them */
    size_t record_bytes;
    void *owner;
    void *region;
    size_t region_bytes;
    bool zeroed;
    uint64_t region_owned;
    struct mortise_extents_take_task *then; /* NULL: none */
    bool added;                             /* answer: there was a record for the region */
};

MORTISE_SLOW void mortise_extents_do_add(void *argument)
{
    struct mortise_extents_add_task *task = (struct mortise_extents_add_task *)argument;
    if (task->records != NULL)
        mortise_extents_feed(task->extents, task->records, task->record_bytes, task->owner);
    task->added = task->region != NULL && task->extents->spares != 0;
    if (task->added)
        mortise_extents_add(task->extents, task->region, task->region_bytes, task->zeroed,
                            task->region_owned);
    if (task->then != NULL)
        mortise_extents_do_take(task->then);
}

struct mortise_extents_give_task {
    struct mortise_extents *extents;
    struct mortise_extent *extent;
    char *base;
    bool done;             /* answer: it was in use, and began there */
    size_t bytes;          /* answer: of it */
    size_t used, resident; /* answer */
};

MORTISE_FAST void mortise_extents_do_give(void *argument)
{
    struct mortise_extents_give_task *task = (struct mortise_extents_give_task *)argument;
    struct mortise_extent *extent = task->extent;
    task->done = extent->base == task->base && extent->state == MORTISE_EXTENT_USED;
    if (MORTISE_UNLIKELY(!task->done))
        return;
    task->bytes = extent->bytes;
    mortise_extents_give(task->extents, extent);
    task->used = task->extents->used;
    task->resident = task->used + task->extents->dirty;
}

struct mortise_extents_resize_task {
    struct mortise_extents *extents;
    struct mortise_extent *extent;
    char *base;
    size_t bytes;
    bool done; /* the answer */
};

MORTISE_SLOW void mortise_extents_do_resize(void *argument)
{
    struct mortise_extents_resize_task *task = (struct mortise_extents_resize_task *)argument;
    struct mortise_extent *extent = task->extent;
    if (extent->base == task->base && extent->state == MORTISE_EXTENT_USED &&
        task->extents->spares >= MORTISE_EXTENT_SPARES)
        task->done = mortise_extents_resize(task->extents, extent, task->bytes);
}

/* Lends extents with about `bytes` that have pages, or takes them back. */
struct mortise_extents_lend_task {
    struct mortise_extents *extents;
    size_t bytes;
    struct mortise_extent *chain; /* the answer, or what comes back */
    size_t purged;                /* so many of the chain's first have lost their pages */
};

MORTISE_SLOW void mortise_extents_do_lend(void *argument)
{
    struct mortise_extents_lend_task *task = (struct mortise_extents_lend_task *)argument;
    task->chain = mortise_extents_lend(task->extents, task->bytes);
}

MORTISE_SLOW void mortise_extents_do_return(void *argument)
{
    struct mortise_extents_lend_task *task = (struct mortise_extents_lend_task *)argument;
    for (size_t i = 0; task->chain != NULL; i++) {
        struct mortise_extent *extent = task->chain;
        task->chain = extent->next;
        mortise_extents_return(task->extents, extent, i < task->purged);
    }
}

/* Regions that are free leave, or come again; linked by next. */
struct mortise_extents_leave_task {
    struct mortise_extents *extents;
    struct mortise_extent *chain; /* the answer */
};

MORTISE_SLOW void mortise_extents_do_leave(void *argument)
{
    struct mortise_extents_leave_task *task = (struct mortise_extents_leave_task *)argument;
    task->chain = mortise_extents_leave(task->extents);
}

/* One of these has gone, and its record is to spare, or it could not. */
struct mortise_extents_gone_task {
    struct mortise_extents *extents;
    struct mortise_extent *extent;
    bool gone;
};

MORTISE_SLOW void mortise_extents_do_gone(void *argument)
{
    struct mortise_extents_gone_task *task = (struct mortise_extents_gone_task *)argument;
    if (task->gone)
        mortise_extents_put_spare(task->extents, task->extent);
    else
        mortise_extents_add_again(task->extents, task->extent);
}

struct mortise_extents_stats_task {
    struct mortise_extents *extents;
    size_t held, free, free_extents; /* the answer */
};

MORTISE_SLOW void mortise_extents_do_stats(void *argument)
{
    struct mortise_extents_stats_task *task = (struct mortise_extents_stats_task *)argument;
    task->held = task->extents->held;
    task->free = task->held - task->extents->used;
    task->free_extents = task->extents->free_extents;
}

#endif
