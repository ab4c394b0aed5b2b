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

#define M(x) arr_##x
#include "cache.h"

enum { SLOTS = 16, BATCH = SLOTS / 2 };

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

static void *work(void *unused)
{
    static __thread void *blocks[BLOCKS];
    waves(blocks, 4, 1);
    return unused;
}

int main(void)
{
    test_untouched();
    test_batches();
    test_exit(work);
    work(NULL);
    test_trim();
    test_twice();
    puts("tarrcache: passed");
    return 0;
}
