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
    uintptr_t *where; /* its blocks were, those freed too; the lowest first */
};

static int burst_order(const void *one, const void *other)
{
    const uintptr_t a = *(const uintptr_t *)one, b = *(const uintptr_t *)other;
    return (a > b) - (a < b);
}

static void burst_begin(const struct decaying *it, struct burst *burst, size_t bytes, size_t size)
{
    burst->size = size;
    burst->count = burst->left = (long)(bytes / size);
    burst->block = (unsigned char **)malloc((size_t)burst->count * sizeof *burst->block);
    burst->where = (uintptr_t *)malloc((size_t)burst->count * sizeof *burst->where);
    check(burst->block != NULL && burst->where != NULL, "memory for what the test knows");
    for (long i = 0; i < burst->count; i++) {
        unsigned char *block = (unsigned char *)it->get(it->heap, size);
        check(block != NULL, "a burst finds memory");
        memset(block, (int)(i % 251) + 1, size);
        burst->block[i] = block;
        burst->where[i] = (uintptr_t)block;
    }
    qsort(burst->where, (size_t)burst->count, sizeof *burst->where, burst_order);
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
    free(burst->where);
}

/* Bytes in memory in the pages [from, to); what is unmapped is not. */
static size_t burst_resident_in(uintptr_t from, uintptr_t to)
{
    size_t pages = 0;
    while (from < to) {
        unsigned char in[256];
        size_t count = (to - from) / PAGE < sizeof in ? (to - from) / PAGE : sizeof in;
        if (mincore((void *)from, count * PAGE, in) != 0) {
            memset(in, 0, sizeof in);
            count = 1;
            (void)mincore((void *)from, PAGE, in);
        }
        for (size_t i = 0; i < count; i++)
            pages += in[i] & 1;
        from += count * PAGE;
    }
    return pages * PAGE;
}

/* Bytes in memory where the burst was. What lies between its blocks is not looked at: regions of
 * the layer need not be neighbours, and a sanitizer's own memory may be between them. */
static size_t burst_resident(const struct burst *burst)
{
    size_t bytes = 0;
    uintptr_t from = 0, to = 0; /* pages of blocks that lie side by side */
    for (long i = 0; i < burst->count; i++) {
        const uintptr_t at = burst->where[i];
        const uintptr_t first = at / PAGE * PAGE, end = (at + burst->size + PAGE - 1) / PAGE * PAGE;
        if (first > to) {
            bytes += burst_resident_in(from, to);
            from = first;
        }
        to = end > to ? end : to;
    }
    return bytes + burst_resident_in(from, to);
}

#endif
