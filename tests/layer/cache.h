/* SPDX-License-Identifier: MIT */
/*
 * What the tests of layers that keep blocks share. A test has the composition `mmap_heap, slab_lk,
 * count, the layer`, M(x), which is x of that composition, and kept().
 */
#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 3000 };

/* How many blocks, or bytes, the layer keeps, after a check that all is within its bounds. */
static size_t kept(void);

static void *get(size_t size)
{
    void *block = M(malloc)(&M(default), size);
    check(block != NULL, "malloc");
    return block;
}

static void put(void *block)
{
    M(free)(&M(default), block);
}

static void trim(void)
{
    M(trim)(&M(default), 0);
}

/* Blocks that are with the layer or with the user. */
static unsigned long out(void)
{
    return M(default).count.allocs - M(default).count.frees;
}

/* Allocation in waves, so that the arrays run empty and over, in classes of all sizes. Blocks are
 * freed `step` apart, which has no divisor in common with BLOCKS. */
static void waves(void **blocks, int waves, size_t step)
{
    for (int wave = 0; wave < waves; wave++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            blocks[i] = get(i * 11 % 33000);
            if (i % 64 == 0)
                kept();
        }
        for (size_t i = 0; i < BLOCKS; i++) {
            put(blocks[i * step % BLOCKS]);
            if (i % 64 == 0)
                kept();
        }
    }
    check(kept() != 0, "something is kept");
}

static inline void test_untouched(void)
{
    unsigned char *block = (unsigned char *)get(200);
    memset(block, 0x5a, 200);
    put(block);
    for (int i = 0; i < 200; i++)
        check(block[i] == 0x5a, "a block that is kept is not touched");
    check(get(200) == block, "the block that was freed last comes first");
    put(block);
}

static inline void test_exit(void *(*work)(void *))
{
    pthread_t thread;
    unsigned long before = out();
    check(pthread_create(&thread, NULL, work, NULL) == 0, "pthread_create");
    check(pthread_join(thread, NULL) == 0, "pthread_join");
    check(out() == before, "all is given back when a thread ends");
}

static void test_trim(void)
{
    trim();
    check(kept() == 0 && out() == 0, "all is given back in trim");
}

/* A block that is freed twice is in an array twice, and goes back once. */
static void test_twice(void)
{
    void *twice = get(64), *other = get(64);
    put(twice);
    put(other);
    put(twice);
    trim();
    check(kept() == 0, "trim ends, also after a double free");
    void *first = get(64), *second = get(64), *third = get(64);
    check(first != second && second != third && first != third, "no block is handed out twice");
    put(first);
    put(second);
    put(third);
}
