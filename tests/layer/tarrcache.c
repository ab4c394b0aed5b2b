/* SPDX-License-Identifier: MIT */
/*
 * What only tarrcache does: it keeps blocks in arrays and does not touch them, keeps no more than
 * it may, asks and gives in batches, and gives everything back when a thread ends and in trim.
 */
#define COMPOSITION arr
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER count
#include <mortise/layer/count.h>
#define LAYER tarrcache
#define TARRCACHE_SLOTS 16
#define TARRCACHE_CACHE_SIZE 131072
#include <mortise/layer/tarrcache.h>
LAYER_COMPOSE(arr, mmap_heap, slab_lk, count, tarrcache)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 3000, SLOTS = 16, BATCH = SLOTS / 2 };

static void check(int right, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    exit(1);
}

static void *get(size_t size)
{
    void *block = arr_malloc(&arr_default, size);
    check(block != NULL, "malloc");
    return block;
}

static void put(void *block)
{
    arr_free(&arr_default, block);
}

/* Blocks that are with the layer or with the user. */
static unsigned long out(void)
{
    return arr_default.count.allocs - arr_default.count.frees;
}

/* Bytes in the arrays of the calling thread, within their bounds. */
static size_t kept(void)
{
    const struct arr_at_tarrcache_local *local = &arr_here(&arr_default)->tarrcache;
    size_t sum = 0, limits = 0;
    for (unsigned i = 0; i < mortise_tc_classes; i++) {
        uint32_t base = i * (SLOTS + 1);
        check(local->slots[base] == NULL, "no block at the base");
        check(local->ends[i].top >= base && local->ends[i].top <= local->ends[i].end, "top");
        check(local->ends[i].end <= base + SLOTS, "no more than `slots` blocks of a class");
        sum += (local->ends[i].top - base) * (size_t)mortise_tc_size[i];
        limits += (local->ends[i].end - base) * (size_t)mortise_tc_size[i];
    }
    check(limits == local->budget, "the limits make the budget");
    check(local->budget <= 131072, "the budget keeps to cache_size");
    return sum;
}

static void test_untouched(void)
{
    unsigned char *block = (unsigned char *)get(200);
    memset(block, 0x5a, 200);
    put(block);
    for (int i = 0; i < 200; i++)
        check(block[i] == 0x5a, "a block that is kept is not touched");
    check(get(200) == block, "the block that was freed last comes first");
    put(block);
}

static void test_batches(void)
{
    void *blocks[4 * SLOTS];
    unsigned long before = arr_default.count.allocs;
    for (int i = 0; i < 4 * SLOTS; i++) {
        blocks[i] = get(1000);
        unsigned long came = arr_default.count.allocs - before;
        check(came >= (unsigned long)i + 1 && came <= (unsigned long)i + BATCH, "a batch ahead");
        check(came == 1 || came % BATCH == 0, "a batch at a time");
    }
    before = arr_default.count.frees;
    for (int i = 0; i < 4 * SLOTS; i++) {
        put(blocks[i]);
        check((arr_default.count.frees - before) % BATCH == 0, "gone in batches");
    }
    check(arr_default.count.frees != before, "too much is given up");
    for (int i = 0; i < SLOTS; i++)
        check(get(1000) == blocks[4 * SLOTS - 1 - i] || i >= BATCH, "the last ones stay");
    for (int i = 0; i < SLOTS; i++)
        put(blocks[4 * SLOTS - 1 - i]);
}

/* Allocation in waves, so that the arrays run empty and over, in classes of all sizes. */
static void *work(void *unused)
{
    static __thread void *blocks[BLOCKS];
    for (int wave = 0; wave < 4; wave++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            blocks[i] = get(i * 11 % 33000);
            if (i % 64 == 0)
                kept();
        }
        for (size_t i = 0; i < BLOCKS; i++) {
            put(blocks[i]);
            if (i % 64 == 0)
                kept();
        }
    }
    check(kept() != 0, "something is kept");
    return unused;
}

static void test_exit(void)
{
    pthread_t thread;
    unsigned long before = out();
    check(pthread_create(&thread, NULL, work, NULL) == 0, "pthread_create");
    check(pthread_join(thread, NULL) == 0, "pthread_join");
    check(out() == before, "all is given back when a thread ends");
}

static void test_trim(void)
{
    work(NULL);
    arr_trim(&arr_default, 0);
    check(kept() == 0 && out() == 0, "all is given back in trim");
}

/* A block that is freed twice is in an array twice, and goes back once. */
static void test_twice(void)
{
    void *twice = get(64), *other = get(64);
    put(twice);
    put(other);
    put(twice);
    arr_trim(&arr_default, 0);
    check(kept() == 0, "trim ends, also after a double free");
    void *first = get(64), *second = get(64), *third = get(64);
    check(first != second && second != third && first != third, "no block is handed out twice");
    put(first);
    put(second);
    put(third);
}

int main(void)
{
    test_untouched();
    test_batches();
    test_exit();
    test_trim();
    test_twice();
    puts("tarrcache: passed");
    return 0;
}
