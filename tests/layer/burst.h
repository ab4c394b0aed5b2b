/* SPDX-License-Identifier: MIT */
/*
 * A burst of blocks, most of which are freed again, and how much of it is in memory then. For tests
 * of layers whose free memory loses its pages; decaying_of.h makes the face of a composition.
 */
#ifndef MORTISE_TESTS_LAYER_BURST_H
#define MORTISE_TESTS_LAYER_BURST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"

enum { MB = 1 << 20, PAGE = 4096 };

struct decaying {
    void *heap;
    void *(*get)(void *heap, size_t size);
    void *(*get_zero)(void *heap, size_t size);
    void *(*get_aligned)(void *heap, size_t align, size_t size);
    void *(*change)(void *heap, void *block, size_t size);
    void (*put)(void *heap, void *block);
};

struct burst {
    unsigned char **block;
    long count, left;
    size_t size;
    uintptr_t low, high; /* where blocks are */
};

static void burst_begin(const struct decaying *it, struct burst *burst, size_t bytes, size_t size)
{
    burst->size = size;
    burst->count = burst->left = (long)(bytes / size);
    burst->block = (unsigned char **)malloc((size_t)burst->count * sizeof *burst->block);
    burst->low = UINTPTR_MAX;
    burst->high = 0;
    for (long i = 0; i < burst->count; i++) {
        unsigned char *block = (unsigned char *)it->get(it->heap, size);
        check(block != NULL, "a burst finds memory");
        memset(block, (int)(i % 251) + 1, size);
        burst->block[i] = block;
        burst->low = (uintptr_t)block < burst->low ? (uintptr_t)block : burst->low;
        uintptr_t end = (uintptr_t)block + size;
        burst->high = end > burst->high ? end : burst->high;
    }
}

static void burst_check(const struct burst *burst, long i)
{
    for (size_t at = 0; at < burst->size; at += 64)
        check(burst->block[i][at] == i % 251 + 1, "what lives keeps what is in it");
}

/* Frees the blocks [from, to). */
static void burst_free(const struct decaying *it, struct burst *burst, long from, long to)
{
    for (long i = from; i < to; i++) {
        burst_check(burst, i);
        it->put(it->heap, burst->block[i]);
        burst->block[i] = NULL;
        burst->left--;
    }
}

static void burst_end(const struct decaying *it, struct burst *burst)
{
    for (long i = 0; i < burst->count; i++)
        if (burst->block[i] != NULL)
            burst_free(it, burst, i, i + 1);
    free(burst->block);
}

/* Bytes in memory where the burst was; what is unmapped is not. */
static size_t burst_resident(const struct burst *burst)
{
    size_t pages = 0;
    for (uintptr_t at = burst->low / PAGE * PAGE, next; at < burst->high; at = next) {
        unsigned char in[256] = {0};
        size_t count =
            at % (sizeof in * PAGE) == 0 && at + sizeof in * PAGE <= burst->high ? sizeof in : 1;
        if (mincore((void *)at, count * PAGE, in) != 0) {
            memset(in, 0, sizeof in);
            count = 1;
            (void)mincore((void *)at, PAGE, in);
        }
        for (size_t i = 0; i < count; i++)
            pages += in[i] & 1;
        next = at + count * PAGE;
    }
    return pages * PAGE;
}

#endif
