/* SPDX-License-Identifier: MIT */
/*
 * What a layer does to a buddy system under its lock, as procedures for a sync policy: each takes a
 * task, which holds the request and the answer.
 */
#ifndef MORTISE_DATA_BUDDY_TASKS_H
#define MORTISE_DATA_BUDDY_TASKS_H

#include "buddy.h"

/* Takes a block, from a new region if there is one. */
struct mortise_buddy_take {
    struct mortise_buddy *buddy;
    struct mortise_buddy_wish wish;
    struct mortise_buddy_region *region; /* to enter first, or NULL */
    struct mortise_buddy_unit *unit;     /* answer, NULL: no room */
    bool zeroed;                         /* answer */
};

MORTISE_PLAIN void mortise_buddy_do_take(void *argument)
{
    struct mortise_buddy_take *task = (struct mortise_buddy_take *)argument;
    if (MORTISE_LIKELY(task->region == NULL)) {
        task->unit = mortise_buddy_take(task->buddy, task->wish);
    } else {
        mortise_buddy_enter(task->buddy, task->region);
        task->unit = mortise_buddy_place(task->buddy, task->region, 0, task->region->units,
                                         task->wish, task->region->zeroed);
    }
    if (task->unit != NULL)
        task->zeroed = mortise_buddy_note_use(task->unit);
}

/* Frees an object, or a region. */
struct mortise_buddy_free {
    struct mortise_buddy *buddy;
    struct mortise_buddy_region *region;
    void *ptr;
    enum mortise_buddy_state state;        /* MORTISE_BUDDY_OBJECT or MORTISE_BUDDY_REGION */
    bool may_leave;                        /* else no region leaves */
    bool decays;                           /* pages may go */
    bool due;                              /* answer: it is time to look at the clock */
    enum mortise_error error;              /* answer */
    struct mortise_buddy_region *detached; /* answer: a region to release, or NULL */
};

/* One empty region stays, so that a program at the edge of one does not fetch and return it again
 * and again: the lower of two, for the higher one may be the last of the neighbour's memory. */
MORTISE_PLAIN struct mortise_buddy_region *mortise_buddy_settle(struct mortise_buddy *buddy,
                                                                struct mortise_buddy_region *region)
{
    struct mortise_buddy_region *kept = buddy->kept;
    if (!mortise_buddy_is_empty(region))
        return NULL;
    if (kept == NULL || region->base < kept->base) {
        buddy->kept = region;
        region = kept;
    }
    if (region != NULL)
        mortise_buddy_leave(buddy, region);
    return region;
}

MORTISE_FAST size_t mortise_buddy_used(const struct mortise_buddy *buddy)
{
    return (buddy->units - buddy->free_units) * MORTISE_BUDDY_UNIT;
}

/* Bytes that have pages, as far as that is known. */
MORTISE_PLAIN size_t mortise_buddy_resident(const struct mortise_buddy *buddy)
{
    return (buddy->units - buddy->bare_units) * MORTISE_BUDDY_UNIT;
}

MORTISE_PLAIN void mortise_buddy_do_free(void *argument)
{
    struct mortise_buddy_free *task = (struct mortise_buddy_free *)argument;
    struct mortise_buddy_region *region = task->region;
    struct mortise_buddy_unit *unit = mortise_buddy_unit_at(region, task->ptr);
    size_t used = mortise_buddy_used(task->buddy);
    task->error = MORTISE_OK;
    if (mortise_buddy_is_block(unit, task->ptr, task->state))
        mortise_buddy_give(task->buddy, unit, false);
    else
        task->error = mortise_buddy_misuse(region, unit);
    if (task->decays && task->error == MORTISE_OK) {
        size_t freed = used - mortise_buddy_used(task->buddy);
        task->due = freed >= MORTISE_DECAY_LARGE || !mortise_decay_count(&task->buddy->decay);
        if (task->due)
            mortise_decay_note(&task->buddy->decay, used, mortise_buddy_resident(task->buddy));
    }
    if (task->error == MORTISE_OK && task->may_leave)
        task->detached = mortise_buddy_settle(task->buddy, region);
}

struct mortise_buddy_resize {
    struct mortise_buddy *buddy;
    struct mortise_buddy_unit *unit;
    uint32_t length;
    bool done; /* answer */
};

MORTISE_SLOW void mortise_buddy_do_resize(void *argument)
{
    struct mortise_buddy_resize *task = (struct mortise_buddy_resize *)argument;
    task->done = task->unit != NULL && task->unit->state == MORTISE_BUDDY_OBJECT &&
                 mortise_buddy_resize(task->buddy, task->unit, task->length);
    if (task->done)
        (void)mortise_buddy_note_use(task->unit);
}

/* Takes an empty region out, or enters one again. */
struct mortise_buddy_move {
    struct mortise_buddy *buddy;
    struct mortise_buddy_region *region; /* to enter, or the answer; NULL: none */
};

MORTISE_SLOW void mortise_buddy_do_enter(void *argument)
{
    struct mortise_buddy_move *task = (struct mortise_buddy_move *)argument;
    struct mortise_buddy_region *region = task->region;
    mortise_buddy_enter(task->buddy, region);
    mortise_buddy_free_range(task->buddy, region, 0, region->units, region->touched);
}

/* All empty regions, linked by next. */
MORTISE_SLOW void mortise_buddy_do_leave(void *argument)
{
    struct mortise_buddy_move *task = (struct mortise_buddy_move *)argument;
    for (struct mortise_buddy_region *region = task->buddy->regions, *next; region != NULL;
         region = next) {
        next = region->next;
        if (!mortise_buddy_is_empty(region))
            continue;
        mortise_buddy_leave(task->buddy, region);
        region->next = task->region;
        task->region = region;
    }
}

/* Takes the free blocks of one order that have pages off their list, linked by next and marked as a
 * layer's; or gives them back, bare or not as they say then. */
struct mortise_buddy_lend {
    struct mortise_buddy *buddy;
    unsigned order;
    struct mortise_buddy_unit *chain;   /* answer, or what to give back */
    struct mortise_buddy_region *empty; /* answer: regions to release, linked by next */
};

/* Lends the last `length` units of a free block. */
MORTISE_SLOW struct mortise_buddy_unit *mortise_buddy_lend_from(struct mortise_buddy *buddy,
                                                                struct mortise_buddy_unit *unit,
                                                                uint32_t length)
{
    struct mortise_buddy_region *region = unit->region;
    uint32_t whole = (uint32_t)1 << unit->order, index = mortise_buddy_index(unit);
    if (buddy->kept == region)
        buddy->kept = NULL;
    mortise_buddy_remove(buddy, unit);
    mortise_buddy_free_range(buddy, region, index, whole - length, index + whole - length);
    unit = &region->unit[index + whole - length];
    unit->region = region;
    unit->state = MORTISE_BUDDY_REGION;
    unit->length = length;
    unit->bare = false;
    return unit;
}

MORTISE_SLOW void mortise_buddy_do_lend(void *argument)
{
    struct mortise_buddy_lend *task = (struct mortise_buddy_lend *)argument;
    for (struct mortise_buddy_unit *unit = task->buddy->head[task->order], *next;
         unit != NULL && unit->length != 0; unit = next) {
        next = unit->next;
        unit = mortise_buddy_lend_from(task->buddy, unit, (uint32_t)1 << task->order);
        unit->next = task->chain;
        task->chain = unit;
    }
}

MORTISE_SLOW void mortise_buddy_do_return(void *argument)
{
    struct mortise_buddy_lend *task = (struct mortise_buddy_lend *)argument;
    for (struct mortise_buddy_unit *unit = task->chain, *next; unit != NULL; unit = next) {
        struct mortise_buddy_region *region = unit->region;
        next = unit->next;
        mortise_buddy_give(task->buddy, unit, unit->bare);
        region = mortise_buddy_settle(task->buddy, region);
        if (region != NULL) {
            region->next = task->empty;
            task->empty = region;
        }
    }
}

/* A tick of the clock: some of what is not needed is lent, the largest blocks first. */
struct mortise_buddy_tick {
    struct mortise_buddy *buddy;
    uint64_t tick;
    struct mortise_buddy_unit *chain; /* answer, linked by next */
};

enum { MORTISE_BUDDY_LEAST = 3 /* order of the smallest block that is lent: 32 KB */ };

MORTISE_SLOW void mortise_buddy_do_tick(void *argument)
{
    struct mortise_buddy_tick *task = (struct mortise_buddy_tick *)argument;
    struct mortise_buddy *buddy = task->buddy;
    size_t bytes = mortise_decay_take(&buddy->decay, task->tick, mortise_buddy_used(buddy),
                                      mortise_buddy_resident(buddy));
    size_t units = mortise_round_up(bytes, MORTISE_BUDDY_UNIT) / MORTISE_BUDDY_UNIT;
    for (unsigned order = MORTISE_BUDDY_ORDERS; order-- > MORTISE_BUDDY_LEAST && units != 0;) {
        size_t whole = (size_t)1 << order;
        for (struct mortise_buddy_unit *unit = buddy->head[order], *next;
             unit != NULL && unit->length != 0 && units != 0; unit = next) {
            next = unit->next;
            size_t clothed = unit->length, part = clothed;
            if (clothed < 1 << MORTISE_BUDDY_LEAST)
                continue;
            if (units + (1 << MORTISE_BUDDY_LEAST) < clothed)
                part = units;
            unit = mortise_buddy_lend_from(buddy, unit, (uint32_t)(whole - clothed + part));
            unit->next = task->chain;
            task->chain = unit;
            units -= units < part ? units : part;
        }
    }
}

struct mortise_buddy_count {
    struct mortise_buddy *buddy;
    size_t free, free_blocks; /* answer, in bytes */
};

MORTISE_SLOW void mortise_buddy_do_count(void *argument)
{
    struct mortise_buddy_count *task = (struct mortise_buddy_count *)argument;
    task->free = task->buddy->free_units * MORTISE_BUDDY_UNIT;
    task->free_blocks = task->buddy->free_blocks;
}

#endif
