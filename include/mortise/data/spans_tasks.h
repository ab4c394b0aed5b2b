/* SPDX-License-Identifier: MIT */
/*
 * What a layer does to spans under its lock, as procedures for a sync policy: each takes a task,
 * which holds the request and the answer.
 */
#ifndef MORTISE_DATA_SPANS_TASKS_H
#define MORTISE_DATA_SPANS_TASKS_H

#include "cut.h"
#include "spans.h"

/* Adds an empty chunk, unless NULL, and takes a span. */
struct mortise_spans_take_task {
    struct mortise_spans *spans;
    size_t size, align;
    struct mortise_span *chunk;
    struct mortise_cut cut; /* the answer */
};

MORTISE_FAST void mortise_spans_do_take(void *argument)
{
    struct mortise_spans_take_task *task = (struct mortise_spans_take_task *)argument;
    if (MORTISE_UNLIKELY(task->chunk != NULL))
        mortise_spans_add(task->spans, task->chunk);
    struct mortise_span *span = mortise_spans_take(task->spans, task->size, task->align);
    if (MORTISE_UNLIKELY(span == NULL))
        return;
    size_t written = span->written < span->size ? span->written : span->size;
    task->cut.payload = mortise_span_payload(span);
    task->cut.usable = span->size - MORTISE_SPAN_HEAD;
    task->cut.dirty = written - MORTISE_SPAN_HEAD;
}

struct mortise_spans_give_task {
    struct mortise_spans *spans;
    struct mortise_span *span;
    bool done;                       /* answer: it was in use */
    struct mortise_span_chunk *gone; /* answer: a chunk to give back, NULL: none */
};

/* One empty chunk stays, of two the lower. */
MORTISE_FAST void mortise_spans_do_give(void *argument)
{
    struct mortise_spans_give_task *task = (struct mortise_spans_give_task *)argument;
    task->done = mortise_span_is_used(task->span);
    if (MORTISE_UNLIKELY(!task->done))
        return;
    struct mortise_span *span = mortise_spans_give(task->spans, task->span);
    if (MORTISE_LIKELY(!mortise_span_is_chunk(span)))
        return;
    struct mortise_span *empty = task->spans->empty;
    if (empty != NULL)
        task->gone = mortise_spans_remove(task->spans, empty < span ? span : empty);
    if (empty == NULL || span < empty)
        task->spans->empty = span;
}

struct mortise_spans_resize_task {
    struct mortise_spans *spans;
    struct mortise_span *span;
    size_t size;
    bool done; /* the answer */
};

MORTISE_SLOW void mortise_spans_do_resize(void *argument)
{
    struct mortise_spans_resize_task *task = (struct mortise_spans_resize_task *)argument;
    task->done = mortise_span_is_used(task->span) &&
                 mortise_spans_resize(task->spans, task->span, task->size);
}

/* The empty chunk leaves, or a chunk that could not go comes again. */
struct mortise_spans_empty_task {
    struct mortise_spans *spans;
    struct mortise_span_chunk *chunk; /* to be added, or the answer, NULL: none */
};

MORTISE_SLOW void mortise_spans_do_leave(void *argument)
{
    struct mortise_spans_empty_task *task = (struct mortise_spans_empty_task *)argument;
    if (task->spans->empty != NULL)
        task->chunk = mortise_spans_remove(task->spans, task->spans->empty);
}

MORTISE_SLOW void mortise_spans_do_add(void *argument)
{
    struct mortise_spans_empty_task *task = (struct mortise_spans_empty_task *)argument;
    mortise_spans_add(task->spans, (struct mortise_span *)(void *)(task->chunk + 1));
}

/* Free spans of at least `least` bytes are taken for a while, so that their pages can go; linked by
 * what is their node while they are free. Giving them undoes it. */
struct mortise_spans_lend_task {
    struct mortise_spans *spans;
    size_t least;
    struct mortise_span *chain; /* the answer */
};

MORTISE_SLOW void mortise_spans_do_lend(void *argument)
{
    struct mortise_spans_lend_task *task = (struct mortise_spans_lend_task *)argument;
    struct mortise_spans *spans = task->spans;
    struct mortise_rb_node *node;
    while ((node = mortise_rb_end(&spans->by_size, 1)) != NULL) {
        struct mortise_span *span = mortise_span_of_node(node);
        if (span->size < task->least)
            return;
        if (spans->empty == span)
            spans->empty = NULL;
        mortise_spans_leave(spans, span);
        mortise_span_mark(span, MORTISE_SPAN_IN_USE);
        spans->used += span->size;
        span->by_size.child[0] = task->chain != NULL ? &task->chain->by_size : NULL;
        task->chain = span;
    }
}

struct mortise_spans_stats_task {
    struct mortise_spans *spans;
    size_t free, free_spans; /* the answer */
};

MORTISE_SLOW void mortise_spans_do_stats(void *argument)
{
    struct mortise_spans_stats_task *task = (struct mortise_spans_stats_task *)argument;
    task->free = task->spans->held - task->spans->used;
    task->free_spans = task->spans->free_spans;
}

#endif
