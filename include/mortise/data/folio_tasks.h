/* SPDX-License-Identifier: MIT */
/*
 * What a layer does to the folios of one class under its lock, as procedures for a sync policy:
 * each takes a task, which holds the request and the answer.
 */
#ifndef MORTISE_DATA_FOLIO_TASKS_H
#define MORTISE_DATA_FOLIO_TASKS_H

#include "../core/error.h"
#include "folio.h"

/* Takes up to `count` blocks, after adding a chunk. */
struct mortise_folio_request {
    struct mortise_folios *list;
    struct mortise_folio_chunk *chunk; /* to add first, or NULL */
    unsigned count;
    unsigned shift; /* of the block in its folio, where that has just one */
    unsigned got;   /* the answer */
    void *chain;    /* the answer, linked by first words unless it is one block */
};

MORTISE_FAST void mortise_folio_do_take(void *argument)
{
    struct mortise_folio_request *task = (struct mortise_folio_request *)argument;
    struct mortise_folios *list = task->list;
    if (MORTISE_UNLIKELY(task->chunk != NULL)) {
        mortise_folio_link_chunk(&list->fresh, task->chunk);
        list->there_are += (size_t)task->chunk->folios * list->blocks;
    }
    while (task->got < task->count) {
        struct mortise_folio *folio = mortise_folio_fullest(list);
        if (folio == NULL)
            return;
        folio->shift = (uint16_t)task->shift;
        do {
            char *block = (char *)mortise_folio_take(list, folio) + task->shift;
            if (task->count > 1)
                *(void **)(void *)block = task->chain;
            task->chain = block;
            task->got++;
        } while (task->got < task->count && folio->room != 0);
        if (folio->room != 0)
            mortise_folio_link(list, folio);
    }
}

/* Gives one block back. */
struct mortise_folio_back {
    struct mortise_folios *list;
    struct mortise_folio_chunk *chunk;
    void *block;
    enum mortise_error error;   /* answer: what was wrong with it */
    struct mortise_folio *lent; /* answer: empty ones whose pages are to go, linked by next */
};

MORTISE_FAST void mortise_folio_do_give(void *argument)
{
    struct mortise_folio_back *task = (struct mortise_folio_back *)argument;
    struct mortise_folio_place place = mortise_folio_find(task->list, task->chunk, task->block);
    if (MORTISE_UNLIKELY(place.folio == NULL))
        task->error = MORTISE_FOREIGN_POINTER;
    else if (MORTISE_UNLIKELY(mortise_folio_is_free(place)))
        task->error = MORTISE_DOUBLE_FREE;
    else
        mortise_folio_give(task->list, place, &task->lent);
}

/* Folios on their way out or back, or chunks. */
struct mortise_folio_move {
    struct mortise_folios *list;
    struct mortise_folio *lent; /* linked by next; with `bare` said of each on its way back */
    struct mortise_folio_chunk *chunk; /* linked by next */
};

/* What was lent is in the lists again. */
MORTISE_SLOW void mortise_folio_do_return(void *argument)
{
    struct mortise_folio_move *task = (struct mortise_folio_move *)argument;
    for (struct mortise_folio *folio = task->lent, *next; folio != NULL; folio = next) {
        next = folio->next;
        folio->chunk->busy--;
        mortise_folio_link(task->list, folio);
    }
}

/* Lends all empty folios that have pages. */
MORTISE_SLOW void mortise_folio_do_lend(void *argument)
{
    struct mortise_folio_move *task = (struct mortise_folio_move *)argument;
    struct mortise_folio *folio;
    while ((folio = task->list->by_room[task->list->blocks]) != NULL) {
        mortise_folio_unlink(task->list, folio);
        folio->chunk->busy++;
        folio->next = task->lent;
        task->lent = folio;
    }
}

MORTISE_SLOW void mortise_folio_leave(struct mortise_folio_move *task,
                                      struct mortise_folio_chunk **first)
{
    for (struct mortise_folio_chunk *chunk = *first, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        if (chunk->busy != 0)
            continue;
        for (uint32_t i = 0; i < chunk->carved; i++)
            mortise_folio_unlink(task->list, mortise_folio_first(chunk) + i);
        task->list->there_are -= (size_t)chunk->folios * task->list->blocks;
        mortise_folio_unlink_chunk(first, chunk);
        chunk->carved = 0;
        chunk->next = task->chunk;
        task->chunk = chunk;
    }
}

/* Takes out all chunks of which no block is out. */
MORTISE_SLOW void mortise_folio_do_leave(void *argument)
{
    struct mortise_folio_move *task = (struct mortise_folio_move *)argument;
    mortise_folio_leave(task, &task->list->fresh);
    mortise_folio_leave(task, &task->list->full);
}

/* Where records of chunks come from: room in regions, which go when no record is in use. */
struct mortise_folio_region {
    struct mortise_folio_region *next;
    size_t bytes;
    uint64_t owned; /* who the region was recorded for, to be freed with it */
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

struct mortise_folio_store {
    struct mortise_folio_region *regions;
    char *at, *end; /* room for more records */
    size_t made;    /* bytes of regions */
    size_t in_use;  /* records */
};

struct mortise_folio_records {
    struct mortise_folio_store *store;
    struct mortise_folio_chunk **spare; /* records of the class that are not in use */
    size_t bytes;                       /* of a record of the class */
    struct mortise_folio_region *more;  /* a region to be added */
    size_t made;                        /* answer: how much there is */
    struct mortise_folio_chunk *taken;  /* the answer; NULL: there is no room */
};

MORTISE_SLOW void mortise_folio_do_take_record(void *argument)
{
    struct mortise_folio_records *task = (struct mortise_folio_records *)argument;
    struct mortise_folio_store *store = task->store;
    if (task->more != NULL) {
        char *at = (char *)(task->more + 1), *end = (char *)task->more + task->more->bytes;
        task->more->next = store->regions;
        store->regions = task->more;
        store->made += task->more->bytes;
        if (end - at > store->end - store->at) { /* of two rests the smaller is lost */
            store->at = at;
            store->end = end;
        }
    }
    task->made = store->made;
    task->taken = *task->spare;
    if (task->taken != NULL) {
        *task->spare = task->taken->next;
    } else if ((size_t)(store->end - store->at) >= task->bytes) {
        task->taken = (struct mortise_folio_chunk *)(void *)store->at;
        store->at += task->bytes;
    }
    store->in_use += task->taken != NULL;
}

/* Gives the record in `taken` back to its class. */
MORTISE_SLOW void mortise_folio_do_put_record(void *argument)
{
    struct mortise_folio_records *task = (struct mortise_folio_records *)argument;
    task->taken->next = *task->spare;
    *task->spare = task->taken;
    task->store->in_use--;
}

#endif
