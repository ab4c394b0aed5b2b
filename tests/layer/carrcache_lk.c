/* SPDX-License-Identifier: MIT */
/*
 * What only carrcache_lk does: threads on one core share its blocks, those on another have others;
 * no core keeps more than it may; blocks come and go in batches, and go all in trim.
 */
#define _GNU_SOURCE
#define COMPOSITION core
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER count
#include <mortise/layer/count.h>
#define LAYER carrcache_lk
#define CARRCACHE_LK_SLOTS 16
#define CARRCACHE_LK_CACHE_SIZE 131072
#include <mortise/layer/carrcache_lk.h>
LAYER_COMPOSE(core, mmap_heap, slab_lk, count, carrcache_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCKS = 3000, SLOTS = 16, BATCH = SLOTS / 2, CACHE = 131072 };

static void check(int right, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    exit(1);
}

static void *get(size_t size)
{
    void *block = core_malloc(&core_default, size);
    check(block != NULL, "malloc");
    return block;
}

static void put(void *block)
{
    core_free(&core_default, block);
}

/* Blocks that are with the layer or with the user. */
static unsigned long out(void)
{
    return core_default.count.allocs - core_default.count.frees;
}

/* Blocks that all cores keep, within their bounds. Nobody else is inside. */
static unsigned long kept(void)
{
    unsigned long blocks = 0;
    for (unsigned i = 0;
         i < sizeof core_default.carrcache_lk.cores / sizeof core_default.carrcache_lk.cores[0];
         i++) {
        const struct core_at_carrcache_lk_core *core = &core_default.carrcache_lk.cores[i];
        size_t bytes = 0;
        for (unsigned j = 0; j < mortise_tc_classes; j++) {
            check(core->count[j] <= SLOTS, "no more than `slots` blocks of a class");
            bytes += (size_t)core->count[j] * mortise_tc_size[j];
            blocks += core->count[j];
        }
        check(bytes == core->bytes && bytes <= CACHE, "no more than cache_size");
    }
    return blocks;
}

static void run_on(int number)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(number, &set);
    check(sched_setaffinity(0, sizeof set, &set) == 0 && mortise_os_core() == number, "run_on");
}

/* Cores that this process may use. */
static int find_cores(int core[2])
{
    cpu_set_t set;
    int found = 0;
    check(sched_getaffinity(0, sizeof set, &set) == 0, "sched_getaffinity");
    for (int i = 0; i < CPU_SETSIZE && found < 2; i++)
        if (CPU_ISSET(i, &set))
            core[found++] = i;
    return found;
}

static void *put_there(void *block)
{
    put(block);
    return NULL;
}

/* A block that another thread frees on this core comes next. */
static void test_shared(void)
{
    pthread_t thread;
    void *block = get(100);
    check(pthread_create(&thread, NULL, put_there, block) == 0, "pthread_create");
    check(pthread_join(thread, NULL) == 0, "pthread_join");
    check(get(100) == block, "a core's threads share its blocks");
    put(block);
}

static void test_apart(const int core[2])
{
    run_on(core[1]);
    void *block = get(200);
    run_on(core[0]);
    put(block);
    run_on(core[1]);
    void *other = get(200);
    check(other != block, "each core has blocks of its own");
    run_on(core[0]);
    check(get(200) == block, "a block is where it was freed");
    put(block);
    put(other);
}

static void test_batches(void)
{
    void *blocks[4 * SLOTS];
    unsigned long before = core_default.count.allocs;
    for (unsigned i = 0; i < 4 * SLOTS; i++) {
        blocks[i] = get(1000);
        check(core_default.count.allocs - before == (i / BATCH + 1) * BATCH, "a batch at a time");
    }
    before = core_default.count.frees;
    for (unsigned i = 0; i < 4 * SLOTS; i++) {
        put(blocks[i]);
        unsigned long gone = core_default.count.frees - before;
        check(gone == (i < SLOTS ? 0 : ((i - SLOTS) / BATCH + 1) * BATCH), "gone in batches");
    }
}

/* Allocation in waves, so that the arrays run empty and over, in classes of all sizes. */
static void test_bounds(void)
{
    static void *blocks[BLOCKS];
    for (int wave = 0; wave < 3; wave++) {
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
    struct mortise_stats stats = core_stats(&core_default);
    check(stats.free_blocks >= kept(), "what is kept is told to be free");
    core_trim(&core_default, 0);
    check(kept() == 0 && out() == 0, "all is given back in trim");
}

/* A block that is freed twice is in an array twice, and goes back once. */
static void test_twice(void)
{
    void *twice = get(64), *other = get(64);
    put(twice);
    put(other);
    put(twice);
    core_trim(&core_default, 0);
    check(kept() == 0, "trim ends, also after a double free");
    void *first = get(64), *second = get(64);
    check(first != second, "no block is handed out twice");
    put(first);
    put(second);
}

int main(void)
{
    int core[2];
    int found = find_cores(core);
    run_on(core[0]);
    test_shared();
    test_batches();
    test_bounds();
    if (found == 2)
        test_apart(core);
    else
        puts("carrcache_lk: this machine has one core; skipped what takes two");
    test_twice();
    puts("carrcache_lk: passed");
    return 0;
}
