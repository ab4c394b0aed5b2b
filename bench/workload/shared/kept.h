/* SPDX-License-Identifier: MIT */
/*
 * A block with a mark at both ends, and what its holder has to know of it. Blocks that overlap, or
 * that lost their contents, are found when they go, as each has a mark of its own.
 */
#ifndef BENCH_WORKLOAD_SHARED_KEPT_H
#define BENCH_WORKLOAD_SHARED_KEPT_H

#include "workload.h"

#include <stdlib.h>
#include <string.h>

struct kept {
    unsigned char *block; /* NULL: none */
    uint32_t size, mark;
};

/* Under 8 bytes the two ends would overlap. */
static inline void kept_mark(struct kept *kept, void *block, size_t size, uint32_t mark)
{
    kept->block = (unsigned char *)block;
    kept->size = (uint32_t)size;
    kept->mark = mark;
    if (size >= 2 * sizeof mark) {
        memcpy(kept->block, &mark, sizeof mark);
        memcpy(kept->block + size - sizeof mark, &mark, sizeof mark);
    } else {
        memcpy(kept->block, &mark, size < sizeof mark ? size : sizeof mark);
    }
}

static inline bool kept_right(const struct kept *kept)
{
    const uint32_t mark = kept->mark;
    const size_t size = kept->size;
    if (size >= 2 * sizeof mark)
        return memcmp(kept->block, &mark, sizeof mark) == 0 &&
               memcmp(kept->block + size - sizeof mark, &mark, sizeof mark) == 0;
    return memcmp(kept->block, &mark, size < sizeof mark ? size : sizeof mark) == 0;
}

static inline void kept_malloc(struct kept *kept, size_t size, uint32_t mark)
{
    kept_mark(kept, work_hide(work_malloc(size)), size, mark);
}

/* What was kept is gone afterwards; none is right too. */
static inline bool kept_free(struct kept *kept)
{
    if (kept->block == NULL)
        return true;
    const bool right = kept_right(kept);
    free(kept->block);
    kept->block = NULL;
    return right;
}

static inline bool kept_free_all(struct kept *kept, long count)
{
    bool right = true;
    for (long i = 0; i < count; i++)
        right = kept_free(&kept[i]) && right;
    return right;
}

#endif
