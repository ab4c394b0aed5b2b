/* SPDX-License-Identifier: MIT */
/*
 * Test of count: what every allocator promises, with it in the stack.
 */
#define COMPOSITION count
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER count
#include <mortise/layer/count.h>
LAYER_COMPOSE(count, mmap_heap, tlsf_glk, count)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define OWN_ALLOCS count_default.count.allocs
#define OWN_FREES count_default.count.frees

#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, BLOCKS = 500, ROUNDS = 20000 };

/* Blocks of many sizes come and go; nobody else writes to them meanwhile. */
static void *work(void *number)
{
    unsigned char *blocks[BLOCKS] = {0};
    size_t sizes[BLOCKS] = {0};
    uint32_t random = (uint32_t)(uintptr_t)number;
    for (unsigned i = 0; i < ROUNDS; i++) {
        random = random * 1664525u + 1013904223u;
        unsigned at = (random >> 8) % BLOCKS;
        size_t size = (random >> 4) % (i % 64 == 0 ? 300000 : 600);
        for (size_t k = 0; k < sizes[at]; k += 100)
            check(blocks[at][k] == (unsigned char)at, "a block keeps what was written");
        count_free(&count_default, blocks[at]);
        blocks[at] = (unsigned char *)count_malloc(&count_default, size);
        check(blocks[at] != NULL && (uintptr_t)blocks[at] % 16 == 0, "malloc");
        check(count_usable_size(&count_default, blocks[at]) >= size, "usable_size");
        memset(blocks[at], (int)at, size);
        sizes[at] = size;
    }
    for (unsigned at = 0; at < BLOCKS; at++)
        count_free(&count_default, blocks[at]);
    return NULL;
}

static void test_one_block(struct count_heap *heap)
{
    char *block = (char *)count_calloc(heap, 100, 30);
    check(block != NULL && block[0] == 0 && block[2999] == 0, "calloc");
    block[2999] = 1;
    block = (char *)count_realloc(heap, block, 100000);
    check(block != NULL && block[2999] == 1, "realloc");
    count_free(heap, block);
    void *aligned = count_aligned_alloc(heap, 1024, 10);
    check(aligned != NULL && (uintptr_t)aligned % 1024 == 0, "aligned_alloc");
    count_free(heap, aligned);
    check(count_malloc(heap, SIZE_MAX) == NULL, "more than there is");
}

static void test_threads(void)
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        check(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0, "pthread_create");
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void test_heaps(void)
{
    for (unsigned i = 0; i < 20; i++) {
        struct count_heap *heap = count_heap_create();
        check(heap != NULL, "heap_create");
        test_one_block(heap);
        check(count_malloc(heap, 1000) != NULL, "malloc"); /* goes with the heap */
        count_heap_destroy(heap);
    }
}

/* What only this word does. */
static void test_own(void)
{
    unsigned long allocs = OWN_ALLOCS;
    unsigned long frees = OWN_FREES;
    void *block = count_malloc(&count_default, 100);
    check(OWN_ALLOCS == allocs + 1 && OWN_FREES == frees, "an allocation is counted");
    count_free(&count_default, block);
    check(OWN_FREES == frees + 1, "a free is counted");
    check(OWN_ALLOCS == OWN_FREES, "as many of the one as of the other");
}

int main(void)
{
    test_one_block(&count_default);
    test_threads();
    test_heaps();
    test_own();
    puts("count: passed");
    return 0;
}
