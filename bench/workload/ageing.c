/* SPDX-License-Identifier: MIT */
/*
 * ageing: a server's heap that grows old. What is live stays the same in bytes, but its sizes
 * change in phases, as the kinds of requests that a server gets; in each phase blocks are replaced
 * in random order, and one in sixteen stays for good. Free lists lose their order, and free memory
 * of one size is no use for another.
 *
 * Figures for each phase: what is resident for each byte that is live, and what a replacement
 * takes.
 *
 * Wins: an allocator that gives pages which are free over to other sizes, and fills used ones
 * first.
 */
#include "workload.h"

#include "shared/kept.h"

#include <stdio.h>

enum { LIVE, PHASES, ROUNDS };

/* The sizes of a phase lie around its middle. */
static const uint16_t middles[] = {32, 512, 96, 2048, 48, 1024, 192, 4096};

enum { MIDDLES = sizeof middles / sizeof middles[0] };

struct heap {
    struct kept *blocks;
    long count, room;
    size_t bytes;
    struct work_random random;
    bool right;
};

static void add(struct heap *heap, size_t middle)
{
    const uint64_t number = work_random(&heap->random);
    const size_t size = middle / 2 + (number >> 32) % (middle + 1);
    if (heap->count == heap->room) {
        heap->room = heap->room == 0 ? 1024 : 2 * heap->room;
        heap->blocks =
            (struct kept *)work_realloc(heap->blocks, (size_t)heap->room * sizeof(struct kept));
    }
    kept_malloc(&heap->blocks[heap->count++], size, (uint32_t)number);
    memset(heap->blocks[heap->count - 1].block + 4, 1, size - 8);
    heap->bytes += size;
}

/* Those that stay for good are at the beginning. */
static void remove_one(struct heap *heap, long stay)
{
    struct kept *one = &heap->blocks[stay + (long)work_random_below(
                                                &heap->random, (uint64_t)(heap->count - stay))];
    heap->bytes -= one->size;
    heap->right = kept_free(one) && heap->right;
    *one = heap->blocks[--heap->count];
}

static void live_through(struct heap *heap, const long *value, long phase, long stay)
{
    const size_t live = (size_t)value[LIVE] << 20, middle = middles[phase % MIDDLES];
    const uint64_t before = work_nanoseconds();
    uint64_t replaced = 0;
    /* In bytes: every phase changes as much memory. */
    for (size_t changed = 0; changed < (size_t)value[ROUNDS] * live; replaced++) {
        while (heap->bytes > live && heap->count > stay)
            remove_one(heap, stay);
        add(heap, middle);
        changed += heap->blocks[heap->count - 1].size;
    }
    char key[48];
    snprintf(key, sizeof key, "phase_%ld_ns", phase);
    work_figure(key, (double)(work_nanoseconds() - before) / (double)replaced);
    snprintf(key, sizeof key, "phase_%ld_resident_per_live", phase);
    work_figure(key, (double)work_resident_kb() * 1024 / (double)heap->bytes);
}

static bool run(const long *value)
{
    struct heap heap = {.random = {1}, .right = true};
    long stay = 0;
    for (long phase = 0; phase < value[PHASES]; phase++) {
        live_through(&heap, value, phase, stay);
        /* One in sixteen of those which are there now, as far as half of all is not for good. */
        if (stay < heap.count / 2)
            stay += (heap.count - stay) / 16;
    }
    const bool right = kept_free_all(heap.blocks, heap.count) && heap.right;
    free(heap.blocks);
    return right;
}

const struct workload workload_ageing = {
    .name = "ageing",
    .purpose = "a heap whose blocks are replaced by others of another size, over and over",
    .source = "Johnstone and Wilson 1998 on fragmentation; long-running servers",
    .parameters = {{"live_mb", 16, 4, 128, 1, 1L << 20, "MB that are live all the time"},
                   {"phases", 8, 8, 16, 1, 1024, "changes of the sizes"},
                   {"rounds", 1, 1, 2, 1, 1L << 20, "times all memory is replaced in a phase"}},
    .cases = {"live_mb=64"},
    .run = run,
};
