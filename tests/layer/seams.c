/* SPDX-License-Identifier: MIT */
/*
 * Where what one layer serves ends and its neighbour takes over: found by tests/pairs.
 */
#define COMPOSITION gap
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_wf
#define SLAB_WF_SIZE_HANDLE 0, 1024
#include <mortise/layer/slab_wf.h>
#define LAYER thread_cache
#define THREAD_CACHE_SIZECLASS prime
#include <mortise/layer/thread_cache.h>
#define LAYER tail_chksum
#define TAIL_CHKSUM_ERR_HANDLE callback
#include <mortise/layer/tail_chksum.h>
LAYER_COMPOSE(gap, mmap_heap, slab_wf, thread_cache, tail_chksum)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION wide
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_wf
#define SLAB_WF_SIZECLASS log2b
#define SLAB_WF_SIZE_HANDLE 0, SIZE_MAX
#include <mortise/layer/slab_wf.h>
LAYER_COMPOSE(wide, mmap_heap, slab_wf)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION locked
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#define SLAB_LK_SIZECLASS log2b
#define SLAB_LK_SIZE_HANDLE 0, SIZE_MAX
#define SLAB_LK_SLAB_SIZE 262144
#include <mortise/layer/slab_lk.h>
LAYER_COMPOSE(locked, mmap_heap, slab_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION fit
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER segfit_lf
#include <mortise/layer/segfit_lf.h>
#define LAYER tail_chksum
#define TAIL_CHKSUM_ERR_HANDLE callback
#include <mortise/layer/tail_chksum.h>
LAYER_COMPOSE(fit, mmap_heap, segfit_lf, tail_chksum)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "check.h"
#include "noted.h"

#include <stdio.h>
#include <stdlib.h>

/* The cache has classes that its neighbour leaves to another layer, whose blocks are larger. */
static void test_class_of_another_layer(struct gap_heap *heap)
{
    void *block[8];
    for (int i = 0; i < 8; i++)
        block[i] = gap_malloc(heap, 2000);
    for (int i = 0; i < 8; i++)
        gap_free(heap, block[i]);
    check(reported == MORTISE_OK, "a block that no slab has is sound");
}

/* A class of just such a size does not help where slabs begin at granules. */
static void test_alignment_beyond_a_slab(void)
{
    const size_t align = 2 * MORTISE_GRANULE;
    for (int i = 0; i < 16; i++) {
        uintptr_t block = (uintptr_t)wide_aligned_alloc(&wide_default, align, align);
        check(block != 0 && block % align == 0, "slab_wf leaves what it cannot align");
        block = (uintptr_t)locked_aligned_alloc(&locked_default, align, align);
        check(block != 0 && block % align == 0, "slab_lk leaves what it cannot align");
    }
}

/* The layer that knows says what is wrong, not the one that looks for its mark. */
static void test_inside_of_a_large_block(struct fit_heap *heap)
{
    char *block = (char *)fit_malloc(heap, 100000);
    fit_free(heap, block + 32);
    check(reported == MORTISE_FOREIGN_POINTER, "an address inside of a block is none");
    reported = MORTISE_OK;
    fit_free(heap, block);
    check(reported == MORTISE_OK, "the block itself is sound");
    fit_free(heap, block);
    check(reported == MORTISE_DOUBLE_FREE, "a second free is noticed");
    reported = MORTISE_OK;
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    test_class_of_another_layer(&gap_default);
    test_alignment_beyond_a_slab();
    test_inside_of_a_large_block(&fit_default);
    return 0;
}
