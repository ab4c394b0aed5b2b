/* SPDX-License-Identifier: MIT */
/*
 * A block that knows its own size, so that one pointer is enough to give it to another thread. Its
 * marks go before it is freed: a block that two threads own, or that overlaps another, is found.
 */
#ifndef BENCH_WORKLOAD_SHARED_PARCEL_H
#define BENCH_WORKLOAD_SHARED_PARCEL_H

#include "workload.h"

#include <stdlib.h>

struct parcel {
    struct parcel *next;
    uint32_t size, mark;
};

/* In a parcel of the least size this is `mark` itself. */
static inline uint32_t *parcel_last(struct parcel *parcel)
{
    return (uint32_t *)(void *)((char *)parcel + (parcel->size & ~(uint32_t)3)) - 1;
}

/* `size` is at least that of struct parcel. */
static inline struct parcel *parcel_mark(void *block, size_t size, uint32_t mark)
{
    struct parcel *parcel = (struct parcel *)work_hide(block);
    parcel->next = NULL;
    parcel->size = (uint32_t)size;
    parcel->mark = mark | 1;
    *parcel_last(parcel) = mark | 1;
    return parcel;
}

static inline struct parcel *parcel_malloc(size_t size, uint32_t mark)
{
    return parcel_mark(work_malloc(size), size, mark);
}

static inline bool parcel_free(struct parcel *parcel)
{
    if (parcel == NULL)
        return true;
    const bool right = parcel->mark != 0 && *parcel_last(parcel) == parcel->mark;
    parcel->mark = 0;
    free(work_hide(parcel));
    return right;
}

/* Sets *count to how many there were. */
static inline bool parcel_free_list(struct parcel *first, uint64_t *count)
{
    bool right = true;
    *count = 0;
    while (first != NULL && right) {
        struct parcel *next = first->next;
        right = parcel_free(first);
        first = next;
        ++*count;
    }
    return right;
}

#endif
