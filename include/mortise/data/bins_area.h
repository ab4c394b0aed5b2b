/* SPDX-License-Identifier: MIT */
/*
 * The memory of an arena's bins: how areas come, grow, shrink and go. data/bins.h describes them.
 * For one thread; no function here enters the system.
 */
#ifndef MORTISE_DATA_BINS_AREA_H
#define MORTISE_DATA_BINS_AREA_H

#include "bins.h"

/* What an area costs beside the chunk that it is added for, its `lead` not counted. */
enum { MORTISE_BINS_AREA_COST = sizeof(struct mortise_heap_info) + 2 * MORTISE_CHUNK_LEAST };

MORTISE_FAST uintptr_t mortise_bins_end(const struct mortise_bins *bins)
{
    return bins->info != NULL ? (uintptr_t)bins->info + bins->info->size : 0;
}

/* The top, of an area that is no longer the newest, becomes a free chunk and the fence. */
MORTISE_SLOW void mortise_bins_fence(struct mortise_bins *bins)
{
    struct mortise_chunk *top = bins->top, *fence = top;
    size_t size = mortise_chunk_size(top), left = size - 2 * MORTISE_CHUNK_ALIGN;
    if (left >= MORTISE_CHUNK_LEAST)
        fence = mortise_chunk_at(top, left);
    struct mortise_chunk *last = mortise_chunk_at(top, size - MORTISE_CHUNK_ALIGN);
    mortise_chunk_set(last, MORTISE_CHUNK_PREV_INUSE | bins->flag);
    mortise_chunk_set(fence, (size_t)((char *)last - (char *)fence) | MORTISE_CHUNK_PREV_INUSE |
                                 bins->flag);
    bins->info->fence = fence;
    bins->top = NULL;
    if (fence == top)
        return;
    mortise_chunk_set(fence, mortise_chunk_word(fence) & ~MORTISE_CHUNK_PREV_INUSE);
    mortise_bins_put_unsorted(bins, top, left);
}

/* Adds memory, zeroed if `zeroed`: whole granules. If it `may_continue` and begins where the newest
 * area ends, the top grows; otherwise it is a new area, which goes back with `region_owned`, and of
 * which `lead` bytes, a multiple of 16, behind the heap_info stay the caller's. */
MORTISE_SLOW void mortise_bins_add(struct mortise_bins *bins, void *memory, size_t size,
                                   bool zeroed, bool may_continue, size_t lead,
                                   uint64_t region_owned)
{
    uintptr_t end = (uintptr_t)memory + size;
    bins->held += size;
    if (may_continue && (uintptr_t)memory == mortise_bins_end(bins)) {
        bins->info->size += size;
        mortise_bins_set_top(bins, bins->top, mortise_chunk_size(bins->top) + size);
    } else {
        if (bins->top != NULL)
            mortise_bins_fence(bins);
        else
            mortise_bins_begin(bins);
        struct mortise_heap_info *info = (struct mortise_heap_info *)memory;
        info->bins = bins;
        info->prev = bins->info;
        info->size = size;
        info->fence = NULL;
        info->lead = lead;
        info->region_owned = region_owned;
        bins->info = info;
        bins->fresh = 0;
        size_t before = sizeof *info + lead;
        mortise_bins_set_top(bins, (struct mortise_chunk *)(void *)((char *)memory + before),
                             size - before);
    }
    if (!zeroed)
        bins->fresh = end;
}

/* How much of the end of the top could go, in whole granules, when `keep` bytes are to stay. */
MORTISE_FAST size_t mortise_bins_excess(const struct mortise_bins *bins, size_t keep)
{
    size_t size = bins->top != NULL ? mortise_chunk_size(bins->top) : 0;
    if (keep > MORTISE_MAX_SIZE / 2 || size <= keep + MORTISE_CHUNK_LEAST)
        return 0;
    return mortise_round_down(size - keep - MORTISE_CHUNK_LEAST, MORTISE_GRANULE);
}

/* Cuts `size` bytes, of mortise_bins_excess, off the top; where they begin. */
MORTISE_SLOW void *mortise_bins_cut_end(struct mortise_bins *bins, size_t size)
{
    mortise_bins_set_top(bins, bins->top, mortise_chunk_size(bins->top) - size);
    bins->info->size -= size;
    bins->held -= size;
    if (bins->fresh > mortise_bins_end(bins))
        bins->fresh = mortise_bins_end(bins); /* what comes there again may be fresh */
    return (void *)mortise_bins_end(bins);
}

/* Is the top all that the newest area has, and is there an older one? */
MORTISE_FAST bool mortise_bins_is_area_free(const struct mortise_bins *bins)
{
    return bins->info != NULL && bins->info->prev != NULL &&
           (uintptr_t)bins->top == (uintptr_t)(bins->info + 1) + bins->info->lead;
}

/* Room that there would be at the end of the area before, if the newest one were dropped. */
MORTISE_FAST size_t mortise_bins_room_before(const struct mortise_bins *bins)
{
    const struct mortise_heap_info *prev = bins->info->prev;
    size_t room = (size_t)((uintptr_t)prev + prev->size - (uintptr_t)prev->fence);
    return mortise_chunk_prev_in_use(prev->fence) ? room : room + prev->fence->prev_size;
}

/* Drops the newest area, which is free; its size is in its heap_info still. The end of the one
 * before is the top again. */
MORTISE_SLOW struct mortise_heap_info *mortise_bins_drop_area(struct mortise_bins *bins,
                                                              bool checks)
{
    struct mortise_heap_info *dropped = bins->info, *info = dropped->prev;
    struct mortise_chunk *top = info->fence;
    size_t size = (size_t)((uintptr_t)info + info->size - (uintptr_t)top);
    if (!mortise_chunk_prev_in_use(top)) {
        struct mortise_chunk *prev = mortise_chunk_before(top);
        if (mortise_bins_unlink(bins, prev, checks)) {
            size += mortise_chunk_size(prev);
            top = prev;
        }
    }
    bins->held -= dropped->size;
    bins->info = info;
    bins->fresh = mortise_bins_end(bins);
    info->fence = NULL;
    mortise_bins_set_top(bins, top, size);
    return dropped;
}

#endif
