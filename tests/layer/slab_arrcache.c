/* SPDX-License-Identifier: MIT */
/*
 * What only slab_arrcache does: it keeps blocks apart by the slabs that they lie in, so that blocks
 * in a row come out of one slab and go home slab by slab; it does not touch them, keeps no more
 * than it may, and gives everything back when a thread ends and in trim.
 */
#define COMPOSITION near
#define LAYER mmap_heap
#define MMAP_HEAP_FAA_HEAP_GROWTH 1 /* slabs side by side, so that they are of all arrays */
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER count
#include <mortise/layer/count.h>
#define LAYER slab_arrcache
#define SLAB_ARRCACHE_CACHE_SIZE 131072
#define SLAB_ARRCACHE_SLABS 4
#define SLAB_ARRCACHE_SLOTS 16
#include <mortise/layer/slab_arrcache.h>
LAYER_COMPOSE(near, mmap_heap, slab_lk, count, slab_arrcache)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define M(x) near_##x
#include "cache.h"

enum { SLABS = 4, SLOTS = 16, CACHE = 131072 };

static uintptr_t slab_of(const void *block)
{
    return (uintptr_t)block >> 16;
}

/* Blocks of the arrays of the calling thread, each in that of its slab, within their bounds. */
static size_t kept(void)
{
    const struct near_at_slab_arrcache_local *local = &near_here(&near_default)->slab_arrcache;
    size_t budget = 0;
    size_t sum = 0;
    for (unsigned i = 0; i < mortise_tc_classes; i++) {
        unsigned used = 0, batch = mortise_tc_batch(i, mortise_sizeclass_of(0, 0, 0));
        if (batch > SLOTS)
            batch = SLOTS;
        for (unsigned j = i * SLABS; j < (i + 1) * SLABS; j++) {
            uint32_t base = j * (SLOTS + 1);
            used += local->arrays[j].slab != 0;
            check(local->slots[base] == NULL, "no block at the base");
            check(local->arrays[j].end == base + batch, "end");
            check(local->arrays[j].top <= local->arrays[j].end, "no more than there is room for");
            check(local->arrays[j].slab != 0 || local->arrays[j].top == base, "empty");
            for (uint32_t k = base + 1; k <= local->arrays[j].top; k++, sum++)
                check(slab_of(local->slots[k]) == local->arrays[j].slab, "in its slab's array");
        }
        check(used == local->used[i] && used <= local->allowed[i], "as many as are allowed");
        budget += (size_t)local->allowed[i] * batch * mortise_tc_size[i];
    }
    check(budget == local->budget && budget <= CACHE, "no more than cache_size");
    return sum;
}

/* Blocks of three slabs, freed in turn, come out of one slab after the other. */
static void test_near(void)
{
    static void *blocks[3][SLOTS / 2], *rest[1000];
    unsigned count[3] = {0}, slabs = 0, others = 0, changes = 0;
    uintptr_t slab[3] = {0};
    while (slabs < 3 || count[0] < SLOTS / 2 || count[1] < SLOTS / 2 || count[2] < SLOTS / 2) {
        void *block = get(1000);
        unsigned i = 0;
        while (i < slabs && slab[i] != slab_of(block))
            i++;
        bool apart = true; /* two slabs may want the same array */
        for (unsigned j = 0; j < slabs && i == slabs; j++)
            apart = apart && slab[j] % SLABS != slab_of(block) % SLABS;
        if (i == slabs && i < 3 && apart)
            slab[slabs++] = slab_of(block);
        if (i < slabs && count[i] < SLOTS / 2)
            blocks[i][count[i]++] = block;
        else
            rest[others++] = block;
        check(others < 1000, "three slabs among a thousand blocks");
    }
    trim();
    for (unsigned j = 0; j < SLOTS / 2; j++)
        for (unsigned i = 0; i < 3; i++)
            put(blocks[i][j]);
    check(kept() == 3 * (SLOTS / 2), "all are kept");
    const void *before = NULL;
    for (unsigned i = 0; i < 3 * (SLOTS / 2); i++) {
        const void *block = blocks[i % 3][i / 3] = get(1000);
        changes += before != NULL && slab_of(block) != slab_of(before);
        before = block;
    }
    check(kept() == 0 && changes == 2, "one slab after the other");
    for (unsigned i = 0; i < 3 * (SLOTS / 2); i++)
        put(blocks[i % 3][i / 3]);
    while (others > 0)
        put(rest[--others]);
    kept();
}

static void *work(void *unused)
{
    static __thread void *blocks[BLOCKS];
    waves(blocks, 4, 7);
    return unused;
}

int main(void)
{
    test_untouched();
    test_near();
    test_exit(work);
    work(NULL);
    test_trim();
    test_twice();
    puts("slab_arrcache: passed");
    return 0;
}
