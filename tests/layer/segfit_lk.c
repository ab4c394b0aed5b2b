/* SPDX-License-Identifier: MIT */
/*
 * Test of segfit_lk: blocks go back to the list of their class, and no more of them than `keep`.
 */
#define COMPOSITION fit
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER segfit_lk
#define SEGFIT_LK_KEEP (1 << 20)
#define SEGFIT_LK_SIZE_HANDLE 65536, 262144
#include <mortise/layer/segfit_lk.h>
LAYER_COMPOSE(fit, mmap_heap, segfit_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "check.h"
#include "noted.h"

#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 64 };

static void test_classes(struct fit_heap *heap)
{
    void *block = fit_malloc(heap, 100000);
    check(fit_usable_size(heap, block) == 131072, "a size is rounded up to its class");
    fit_free(heap, block);
    check(heap->segfit_lk.held == 131072, "a free block is kept");
    void *other = fit_malloc(heap, 200000);
    check(other != block, "another class has other blocks");
    check(fit_malloc(heap, 70000) == block, "a class takes the block that it has");
    check(heap->segfit_lk.held == 0, "a block in use is not kept");
    check(fit_usable_size(heap, fit_malloc(heap, 300000)) < 524288, "others go to the neighbour");
    fit_free(heap, other);
    fit_free(heap, other);
    check(reported == MORTISE_DOUBLE_FREE, "a second free is noticed");
}

static void test_keep(struct fit_heap *heap)
{
    static void *blocks[COUNT];
    for (unsigned i = 0; i < COUNT; i++)
        blocks[i] = fit_malloc(heap, i % 2 == 0 ? 65536 : 262144);
    size_t full = fit_stats(heap).system;
    for (unsigned i = 0; i < COUNT; i++)
        fit_free(heap, blocks[i]);
    struct mortise_stats stats = fit_stats(heap);
    check(stats.free > (1 << 19) && stats.free <= 1 << 20, "what is kept has a bound");
    check(stats.system < full, "what comes beyond goes back");
    check(fit_trim(heap, 0) >= stats.free && fit_stats(heap).free == 0, "trim gives all back");
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    struct fit_heap *heap = fit_heap_create();
    check(heap != NULL, "a heap");
    test_classes(heap);
    test_keep(heap);
    fit_heap_destroy(heap);
    test_classes(&fit_default);
    test_keep(&fit_default);
    return 0;
}
