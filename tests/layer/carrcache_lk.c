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

#define M(x) core_##x
#include "cache.h"
#include "cores.h"

enum { SLOTS = 16, BATCH = SLOTS / 2, CACHE = 131072 };

/* Blocks that all cores keep, within their bounds. Nobody else is inside. */
static size_t kept(void)
{
    size_t blocks = 0;
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

static void move_to(int core)
{
    check(run_on(core) && mortise_os_core() == core, "on the other core");
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
    move_to(core[1]);
    void *block = get(200);
    move_to(core[0]);
    put(block);
    move_to(core[1]);
    void *other = get(200);
    check(other != block, "each core has blocks of its own");
    move_to(core[0]);
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

/* As a cache on the user side would: a chain comes under one lock, and goes back under one. */
static void test_chains(void)
{
    struct core_mctx ctx = core_mctx_make(MORTISE_OBJECT, NULL, 1000, 1);
    trim();
    unsigned long before = core_default.count.allocs;
    ctx.count = BATCH / 2;
    core_at_carrcache_lk_alloc_batch(&ctx, &core_default.carrcache_lk,
                                     &core_here(&core_default)->carrcache_lk);
    check(ctx.count == BATCH / 2, "as many as were wanted");
    check(core_default.count.allocs - before == BATCH, "from a batch of the neighbour's");
    check(kept() == BATCH - BATCH / 2, "the rest is kept");
    unsigned length = 0;
    for (void *block = ctx.ptr; block != NULL; block = *(void **)block)
        length++;
    check(length == ctx.count, "the chain is as long as it says");
    void *other = get(100);
    *(void **)other = ctx.ptr; /* a class more */
    ctx.ptr = other;
    ctx.count++;
    before = core_default.count.frees;
    core_at_carrcache_lk_free_batch(&ctx, &core_default.carrcache_lk,
                                    &core_here(&core_default)->carrcache_lk);
    check(core_default.count.frees == before, "all are kept");
    check(get(100) == other, "each with its class");
    put(other);
    test_trim();
}

static void test_bounds(void)
{
    static void *blocks[BLOCKS];
    waves(blocks, 3, 1);
    struct mortise_stats stats = core_stats(&core_default);
    check(stats.free_blocks >= kept(), "what is kept is told to be free");
    test_trim();
}

int main(void)
{
    int core[2];
    int found = find_cores(core);
    check(found != 0, "sched_getaffinity");
    move_to(core[0]);
    test_shared();
    test_batches();
    test_chains();
    test_bounds();
    if (found == 2)
        test_apart(core);
    else
        puts("carrcache_lk: this machine has one core; skipped what takes two");
    test_twice();
    puts("carrcache_lk: passed");
    return 0;
}
