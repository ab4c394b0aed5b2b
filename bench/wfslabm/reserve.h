/* SPDX-License-Identifier: MIT */
/*
 * Memory for requests that come while a fork is under way: no lock, blocks one behind the other,
 * all of it free again when the last of them is.
 */
#ifndef WFSLABM_RESERVE_H
#define WFSLABM_RESERVE_H

#include "base.h"

#define RESERVE ((size_t)64 << 20)

struct reserved {
    size_t size;
    size_t mark; /* the block's address, inverted, while it lives */
};

static char *reserve;
static uint64_t reserve_state; /* blocks that live << 32 | units of 16 bytes used */

static char *begin_reserve(void)
{
    char *mine = map_some(RESERVE, MAP_NORESERVE), *other = NULL;
    if (mine != NULL && __atomic_compare_exchange_n(&reserve, &other, mine, false, __ATOMIC_ACQ_REL,
                                                    __ATOMIC_ACQUIRE))
        return mine;
    if (mine != NULL)
        unmap(mine, RESERVE);
    return __atomic_load_n(&reserve, __ATOMIC_ACQUIRE);
}

HOT struct reserved *reserved_of(const void *block)
{
    return (struct reserved *)(uintptr_t)block - 1;
}

COLD void *reserve_alloc(size_t size, size_t align)
{
    char *base = __atomic_load_n(&reserve, __ATOMIC_ACQUIRE);
    if (base == NULL)
        base = begin_reserve();
    if (base == NULL || size > RESERVE || align > RESERVE)
        return NULL;
    size_t lead = sizeof(struct reserved) + (align > 16 ? align : 0);
    size_t units = (lead + size + 15) / 16;
    uint64_t state = __atomic_load_n(&reserve_state, __ATOMIC_RELAXED);
    do {
        if ((uint32_t)state + units > RESERVE / 16)
            return NULL;
    } while (!__atomic_compare_exchange_n(&reserve_state, &state,
                                          state + units + ((uint64_t)1 << 32), false,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    uintptr_t at = (uintptr_t)base + (size_t)(uint32_t)state * 16 + sizeof(struct reserved);
    void *block = (void *)round_up(at, align > 16 ? align : 16);
    reserved_of(block)->size = size;
    __atomic_store_n(&reserved_of(block)->mark, ~(size_t)(uintptr_t)block, __ATOMIC_RELAXED);
    return block;
}

COLD bool reserve_has(const void *block)
{
    const char *base = __atomic_load_n(&reserve, __ATOMIC_ACQUIRE);
    size_t used = (size_t)(uint32_t)__atomic_load_n(&reserve_state, __ATOMIC_RELAXED) * 16;
    size_t offset = (size_t)((const char *)block - base);
    return base != NULL && offset >= sizeof(struct reserved) && offset <= used &&
           offset % 16 == 0 &&
           __atomic_load_n(&reserved_of(block)->mark, __ATOMIC_RELAXED) ==
               ~(size_t)(uintptr_t)block;
}

COLD void reserve_free(void *block)
{
    __atomic_store_n(&reserved_of(block)->mark, 0, __ATOMIC_RELAXED);
    uint64_t state = __atomic_load_n(&reserve_state, __ATOMIC_RELAXED), less;
    do {
        less = state - ((uint64_t)1 << 32);
        if (less >> 32 == 0)
            less = 0;
    } while (!__atomic_compare_exchange_n(&reserve_state, &state, less, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED));
}

#endif
