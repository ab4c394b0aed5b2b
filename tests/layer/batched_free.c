/* SPDX-License-Identifier: MIT */
/*
 * What only batched_free does: it gathers blocks, of other threads where the neighbour tells, of
 * everybody elsewhere; no more than it may; and sends them home together, also when a thread ends
 * and in trim.
 */
#define COMPOSITION homes
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER slab_wf
#include <mortise/layer/slab_wf.h>
#define LAYER count
#include <mortise/layer/count.h>
#define LAYER batched_free
#define BATCHED_FREE_BATCH 8
#include <mortise/layer/batched_free.h>
LAYER_COMPOSE(homes, mmap_heap, tlsf_glk, slab_wf, count, batched_free)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION all
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER count
#include <mortise/layer/count.h>
#define LAYER batched_free
#define BATCHED_FREE_BATCH 8
#define BATCHED_FREE_BYTES 8192
#define BATCHED_FREE_SIZE_HANDLE 32, 4096
#include <mortise/layer/batched_free.h>
LAYER_COMPOSE(all, mmap_heap, slab_lk, count, batched_free)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION beneath
#define LAYER malloc_heap
#include <mortise/heap/malloc_heap.h>
#define LAYER batched_free
#include <mortise/layer/batched_free.h>
LAYER_COMPOSE(beneath, malloc_heap, batched_free)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 8, BLOCKS = 20, MANY = 5000 };

static void run(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    check(pthread_create(&thread, NULL, body, argument) == 0, "pthread_create");
    check(pthread_join(thread, NULL) == 0, "pthread_join");
}

static void *blocks[BLOCKS];

static void *free_remote(void *unused)
{
    unsigned long before = homes_default.count.frees;
    for (unsigned i = 0; i < BLOCKS; i++) {
        homes_free(&homes_default, blocks[i]);
        unsigned long gone = homes_default.count.frees - before;
        check(gone == i / BATCH * BATCH, "blocks of another thread go in batches");
    }
    return unused;
}

static void *free_and_trim(void *unused)
{
    unsigned long before = homes_default.count.frees;
    homes_free(&homes_default, blocks[0]);
    homes_free(&homes_default, blocks[1]);
    check(homes_default.count.frees == before, "two wait");
    homes_trim(&homes_default, 0);
    check(homes_default.count.frees == before + 2, "trim sends them home");
    return unused;
}

static void get_all(size_t size)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        check((blocks[i] = homes_malloc(&homes_default, size + i % 3 * 16)) != NULL, "malloc");
}

static void test_homes(void)
{
    get_all(100);
    unsigned long before = homes_default.count.frees;
    for (unsigned i = 0; i < BLOCKS; i++) {
        homes_free(&homes_default, blocks[i]);
        check(homes_default.count.frees == before + i + 1, "the thread's own go at once");
    }
    get_all(100);
    before = homes_default.count.frees;
    run(free_remote, NULL);
    check(homes_default.count.frees == before + BLOCKS, "the rest goes when the thread ends");
    get_all(200);
    run(free_and_trim, NULL);
    for (unsigned i = 2; i < BLOCKS; i++)
        homes_free(&homes_default, blocks[i]);
    check(homes_default.count.allocs == homes_default.count.frees, "all are home");
}

static void *free_many(void *argument)
{
    void **many = (void **)argument;
    for (unsigned i = 0; i < MANY; i++)
        homes_free(&homes_default, many[i * 7u % MANY]);
    return argument;
}

/* Every block that went home in a batch is handed out again, once: the bits are the right ones. */
static void test_bits(void)
{
    static void *many[MANY], *again[MANY];
    unsigned found = 0;
    for (unsigned i = 0; i < MANY; i++)
        check((many[i] = homes_malloc(&homes_default, 48)) != NULL, "malloc");
    run(free_many, many);
    for (unsigned i = 0; i < MANY; i++) {
        check((again[i] = homes_malloc(&homes_default, 48)) != NULL, "malloc");
        *(unsigned *)again[i] = i;
    }
    for (unsigned i = 0; i < MANY; i++)
        check(*(unsigned *)again[i] == i, "no block is handed out twice");
    mortise_sort_addresses(many, MANY);
    for (unsigned i = 0; i + 1 < MANY; i++)
        check((uintptr_t)many[i] <= (uintptr_t)many[i + 1], "sorted");
    for (unsigned i = 0; i < MANY; i++)
        for (unsigned j = 0; j < MANY && many[i] != NULL; j++)
            if (again[j] == many[i]) {
                found++;
                break;
            }
    check(found > MANY * 9 / 10, "blocks come back");
    for (unsigned i = 0; i < MANY; i++)
        homes_free(&homes_default, again[i]);
}

static void *get(size_t size)
{
    void *block = all_malloc(&all_default, size);
    check(block != NULL, "malloc");
    return block;
}

/* Frees a block, and tells how many went home by that. */
static unsigned long put(void *block)
{
    unsigned long before = all_default.count.frees;
    all_free(&all_default, block);
    const struct all_at_batched_free_local *local = &all_here(&all_default)->batched_free;
    check(local->left <= 8192 && local->room <= BATCH, "bounds");
    return all_default.count.frees - before;
}

/* Where the neighbour does not tell whose a block is, all are gathered. */
static void test_all(void)
{
    check(put(get(100000)) == 1 && put(get(16)) == 1 && put(get(5000)) == 1, "not gathered");
    for (unsigned i = 0; i < BATCH; i++)
        check(put(get(100)) == 0, "gathered");
    check(put(get(100)) == BATCH, "as many as `batch`");
    unsigned long first = put(get(4096));
    unsigned long second = put(get(4096));
    check(first == 0 && second == 2, "no more than `bytes`");
    void *twice = get(64), *other = get(64);
    check(put(twice) == 0 && put(other) == 0 && put(twice) == 0, "a double free waits");
    all_trim(&all_default, 0);
    void *again = get(64);
    check(again != get(64), "and goes home once");
}

/* NULL is no block, also where the neighbour does not know its own. */
static void test_null(void)
{
    beneath_free(&beneath_default, beneath_malloc(&beneath_default, 100));
    const struct beneath_at_batched_free_local *local =
        &beneath_here(&beneath_default)->batched_free;
    check(local->room == 63, "one is gathered");
    beneath_free(&beneath_default, NULL);
    check(local->room == 63, "NULL is not");
    beneath_trim(&beneath_default, 0);
    check(local->room == 64, "trim sends it home");
}

int main(void)
{
    test_null();
    test_homes();
    test_bits();
    test_all();
    puts("batched_free: passed");
    return 0;
}
