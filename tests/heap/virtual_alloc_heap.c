/* SPDX-License-Identifier: MIT */
/*
 * Test of virtual_alloc_heap: an object grows where it is, as far as it has addresses, and what is
 * committed follows.
 */
#define COMPOSITION virt
#define LAYER virtual_alloc_heap
#define VIRTUAL_ALLOC_HEAP_RESERVE 4
#include <mortise/heap/virtual_alloc_heap.h>
LAYER_COMPOSE(virt, virtual_alloc_heap)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../layer/check.h"

enum { MB = 1 << 20 };

int main(void)
{
    struct virt_heap *heap = virt_heap_create();
    check(heap != NULL, "a heap");
    char *block = (char *)virt_malloc(heap, MB);
    check(block != NULL && (uintptr_t)block % MORTISE_GRANULE == 0, "a block");
    check(virt_stats(heap).system == MB, "no more is committed than was asked for");
    memset(block, 7, MB);
    check(virt_realloc(heap, block, 4 * MB) == block, "it grows where it is");
    check(virt_stats(heap).system == 4 * MB, "by committing");
    check(block[MB - 1] == 7 && block[MB] == 0 && block[4 * MB - 1] == 0, "fresh pages are zero");
    memset(block, 7, 4 * MB);
    check(virt_realloc(heap, block, MB) == block, "it shrinks where it is");
    check(virt_stats(heap).system == MB, "by decommitting");
    check(virt_realloc(heap, block, 2 * MB) == block && block[MB - 1] == 7, "it grows again");
    check(block[MB] == 0 && block[2 * MB - 1] == 0, "into pages that are fresh");
    char *moved = (char *)virt_realloc(heap, block, 5 * MB);
    check(moved != NULL && moved != block && moved[MB - 1] == 7, "beyond that it moves");
    void *aligned = virt_aligned_alloc(heap, 4 * MB, 10);
    check((uintptr_t)aligned % (4 * MB) == 0, "an alignment above a granule");
    virt_free(heap, moved);
    virt_free(heap, aligned);
    check(virt_stats(heap).system == 0 && virt_stats(heap).directs == 0, "all is released");
    check(virt_malloc(heap, SIZE_MAX / 4) == NULL, "more than there is");
    check(virt_malloc(heap, 3 * MB) != NULL, "a block to leave behind");
    virt_heap_destroy(heap);
    return 0;
}
