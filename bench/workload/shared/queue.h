/* SPDX-License-Identifier: MIT */
/*
 * What the concurrent queues have in common: each thread puts a batch of numbers in and takes as
 * many out, in turn, until all together did as many operations as were asked for.
 *
 * Whoever takes has put in as many before, so a queue is never found empty. Each number comes out
 * once, and what one thread put in comes out in its order at each thread that takes some of it.
 */
#ifndef BENCH_WORKLOAD_SHARED_QUEUE_H
#define BENCH_WORKLOAD_SHARED_QUEUE_H

#include "workload.h"

#include <stdlib.h>

enum { QUEUE_THREADS, QUEUE_OPERATIONS, QUEUE_BATCH };

struct queue_face {
    void *(*create)(long threads);
    void (*enqueue)(void *queue, long thread, uint64_t number);
    bool (*dequeue)(void *queue, long thread, uint64_t *number);
    void (*destroy)(void *queue);
};

struct queue_work {
    const struct queue_face *face;
    const long *value;
    void *queue;
    struct queue_sums {
        uint64_t count, sum, squares;
    } * taken; /* by each thread */
};

static inline void queue_add(struct queue_sums *sums, uint64_t number)
{
    sums->count++;
    sums->sum += number;
    sums->squares += number * number;
}

/* The numbers of a thread grow; 40 bits are enough for how many there are. */
static inline uint64_t queue_number(long thread, long index)
{
    return (uint64_t)thread << 40 | (uint64_t)(index + 1);
}

static inline bool queue_body(void *argument, long thread)
{
    struct queue_work *work = (struct queue_work *)argument;
    const long threads = work->value[QUEUE_THREADS], batch = work->value[QUEUE_BATCH];
    const long numbers = work->value[QUEUE_OPERATIONS] / threads;
    uint64_t *last = (uint64_t *)work_calloc((size_t)threads, sizeof *last);
    struct queue_sums sums = {0, 0, 0};
    bool right = true;
    for (long first = 0; right && first < numbers; first += batch) {
        const long end = first + batch < numbers ? first + batch : numbers;
        for (long i = first; i < end; i++)
            work->face->enqueue(work->queue, thread, queue_number(thread, i));
        for (long i = first; right && i < end; i++) {
            uint64_t number = 0;
            right = work->face->dequeue(work->queue, thread, &number) &&
                    number >> 40 < (uint64_t)threads && number > last[number >> 40];
            if (right)
                last[number >> 40] = number;
            queue_add(&sums, number);
        }
    }
    work->taken[thread] = sums;
    free(last);
    return right;
}

static inline bool queue_run(const struct queue_face *face, const long *value)
{
    const long threads = value[QUEUE_THREADS], numbers = value[QUEUE_OPERATIONS] / threads;
    struct queue_work work = {
        face, value, face->create(threads),
        (struct queue_sums *)work_calloc((size_t)threads, sizeof(struct queue_sums))};
    bool right = work_in_threads(threads, queue_body, &work);
    struct queue_sums in = {0, 0, 0}, out = {0, 0, 0};
    for (long thread = 0; thread < threads; thread++) {
        for (long i = 0; i < numbers; i++)
            queue_add(&in, queue_number(thread, i));
        out.count += work.taken[thread].count;
        out.sum += work.taken[thread].sum;
        out.squares += work.taken[thread].squares;
    }
    right = right && in.count == out.count && in.sum == out.sum && in.squares == out.squares;
    face->destroy(work.queue);
    free(work.taken);
    return right;
}

#define QUEUE_PARAMETERS(usual, quick)                                                             \
    {                                                                                              \
        {"threads", 0, 0, 0, 0, 64, "threads that put in and take out"},                           \
            {"operations", usual, quick, 1000000, 1, 1L << 40, "numbers that go through in all"},  \
        {                                                                                          \
            "batch", 16384, 16384, 16384, 1, 1L << 30, "numbers in a batch"                        \
        }                                                                                          \
    }

#endif
