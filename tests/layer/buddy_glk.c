/* SPDX-License-Identifier: MIT */
/*
 * Test of buddy_glk: free memory loses its pages when it is not needed for a while.
 */
#include "decaying.h"

#define COMPOSITION pair
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER buddy_glk
#include <mortise/layer/buddy_glk.h>
LAYER_COMPOSE(pair, mmap_heap, buddy_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION slabs
#define LAYER mmap_heap
#define MMAP_HEAP_FAA_HEAP_GROWTH 1
#include <mortise/heap/mmap_heap.h>
#define LAYER buddy_glk
#define BUDDY_GLK_SYNC flatcombine
#define BUDDY_GLK_SIZE_HANDLE 32768, SIZE_MAX
#define BUDDY_GLK_REGION_SIZE (64 << 20)
#include <mortise/layer/buddy_glk.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
LAYER_COMPOSE(slabs, mmap_heap, buddy_glk, slab_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION never
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER buddy_glk
#define BUDDY_GLK_DECAY 0
#define BUDDY_GLK_REGION_SIZE (64 << 20)
#include <mortise/layer/buddy_glk.h>
LAYER_COMPOSE(never, mmap_heap, buddy_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "noted.h"

#define DECAYING pair
#include "decaying_of.h"
#define DECAYING slabs
#include "decaying_of.h"
#define DECAYING never
#include "decaying_of.h"

/* The sum of what has no pages is right, and that is used last. */
static void audit(const struct mortise_buddy *buddy)
{
    size_t bare = 0, free_units = 0;
    for (unsigned order = 0; order < MORTISE_BUDDY_ORDERS; order++) {
        bool before = false;
        for (const struct mortise_buddy_unit *unit = buddy->head[order]; unit != NULL;
             unit = unit->next) {
            check(unit->length == 0 || !before, "bare blocks come last");
            before = unit->length == 0;
            bare += ((size_t)1 << order) - unit->length;
            free_units += (size_t)1 << order;
            const char *base = (const char *)mortise_buddy_address(unit);
            for (size_t at = unit->length; at < (size_t)1 << order; at += 16)
                check(*(volatile const char *)(base + at * MORTISE_BUDDY_UNIT) == 0,
                      "what has no pages reads as zero");
        }
    }
    check(bare == buddy->bare_units, "the sum is that of the blocks");
    check(free_units == buddy->free_units, "what is free is in lists");
}

static void audit_pair(void *heap)
{
    audit(&((struct pair_heap *)heap)->buddy_glk.buddy);
}

static void audit_slabs(void *heap)
{
    audit(&((struct slabs_heap *)heap)->buddy_glk.buddy);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    struct pair_heap *pair = pair_heap_create();
    struct slabs_heap *slabs = slabs_heap_create();
    struct never_heap *never = never_heap_create();
    check(pair != NULL && slabs != NULL && never != NULL, "heaps");
    struct decaying it = pair_decaying(pair);
    for (long part = 0; part < 4; part++) {
        burst_goes_back(&it, part, 40960, 4 * MB);
        burst_goes_back(&it, part, 262144, 4 * MB);
    }
    random_while_time_goes_by(&it, audit_pair);
    it = slabs_decaying(slabs);
    no_time_no_decay(&it);
    steady_use_stays(&it);
    for (long part = 0; part < 4; part++)
        burst_goes_back(&it, part, 2048, 4 * MB);
    random_while_time_goes_by(&it, audit_slabs);
    it = never_decaying(never);
    struct burst burst;
    burst_begin(&it, &burst, 16 * MB, 40960);
    burst_free(&it, &burst, 1, burst.count);
    rest(&it, 100, 1000);
    check(burst_resident(&burst) >= 16 * MB - 256 * 1024, "decay=0: what is free stays");
    burst_end(&it, &burst);
    check(reported == MORTISE_OK, "nothing was reported");
    pair_heap_destroy(pair);
    slabs_heap_destroy(slabs);
    never_heap_destroy(never);
    return 0;
}
