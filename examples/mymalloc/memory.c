/* SPDX-License-Identifier: MIT */
/*
 * vmalloc and vmfree, counted, and held to their contract: whole pages, and back as they came.
 */
#include "kit.h"

enum { REGIONS = 1 << 14 };

struct region {
    uintptr_t base;
    size_t length;
};

static struct region regions[REGIONS];
static uint32_t lock;
static size_t mapped, peak;

static void acquire(void)
{
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0)
        kit_yield();
}

static void release(void)
{
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

/* The place of a base, or an empty one where there is none; the table is never more than half
 * full. */
static size_t find(uintptr_t base)
{
    size_t at = (size_t)(base / 4096 * 2654435761u) % REGIONS;
    while (regions[at].base != 0 && regions[at].base != base)
        at = (at + 1) % REGIONS;
    return at;
}

void *vmalloc(void *addr, size_t length)
{
    if (addr != NULL || length == 0 || length % 4096 != 0)
        kit_fail("vmalloc is asked for this length", length);
    acquire();
    void *base = kit_region_take(length);
    if (base != NULL) {
        size_t at = find((uintptr_t)base);
        if (regions[at].base != 0 && regions[at].length != 0)
            kit_fail("the region that vmalloc gives is in use", (size_t)base);
        regions[at] = (struct region){(uintptr_t)base, length};
        mapped += length;
        if (mapped > peak)
            peak = mapped;
    }
    release();
    return base;
}

/* Places of regions that have gone keep their address, so that a search goes on behind them. */
void vmfree(void *addr, size_t length)
{
    acquire();
    size_t at = find((uintptr_t)addr);
    if (regions[at].base == 0 || regions[at].length != length)
        kit_fail("vmfree is given what vmalloc has not given", length);
    regions[at].length = 0;
    mapped -= length;
    kit_region_give(addr, length);
    release();
}

size_t kit_mapped(void)
{
    return mapped;
}

size_t kit_mapped_peak(void)
{
    return peak;
}

void kit_memory_begin(void)
{
    peak = mapped;
}
