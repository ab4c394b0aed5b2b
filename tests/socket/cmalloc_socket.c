/* SPDX-License-Identifier: MIT */
/*
 * Test of cmalloc_socket: what is asked for different cores lies apart, and comes home.
 */
#define COMPOSITION parts
#define LAYER mmap_heap
#define MMAP_HEAP_FAA_HEAP_GROWTH 1
#include <mortise/heap/mmap_heap.h>
#define LAYER segfit_lf
#include <mortise/layer/segfit_lf.h>
#define LAYER slab_wf
#include <mortise/layer/slab_wf.h>
LAYER_COMPOSE(parts, mmap_heap, segfit_lf, slab_wf)
#define CMALLOC_SOCKET_CORES 8
#define CMALLOC_SOCKET_EXPORT 0
#define CMALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/cmalloc_socket.h>

#include "check.h"
#include <errno.h>
#include <pthread.h>

enum { CORES = 8, THREADS = 4, BLOCKS = 400, ROUNDS = 30000 };

static unsigned reports;

static enum mortise_verdict note(enum mortise_error error, const void *address, const char *layer,
                                 void *user)
{
    (void)error, (void)address, (void)layer, (void)user;
    reports++;
    return MORTISE_GO_ON;
}

static size_t size_of(unsigned i)
{
    return i % 40 == 0 ? 70000 + i : 1 + i * 7 % 900;
}

/* Sizes of one class, asked for core after core: neighbours if anything were shared. */
static void test_apart(void)
{
    static void *blocks[BLOCKS];
    for (unsigned i = 0; i < BLOCKS; i++) {
        blocks[i] = cmalloc(size_of(i / CORES), i);
        check(blocks[i] != NULL && cmalloc_core(blocks[i]) == (int)(i % CORES), "a block's core");
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        for (unsigned j = 0; j < i; j++)
            check((uintptr_t)blocks[i] / MORTISE_GRANULE !=
                          (uintptr_t)blocks[j] / MORTISE_GRANULE ||
                      i % CORES == j % CORES,
                  "two cores share a granule");
    for (unsigned i = 0; i < BLOCKS; i++)
        cfree(blocks[i]);
}

static void test_calls(void)
{
    char *zero = (char *)ccalloc(100, 30, 1);
    check(zero != NULL && all_bytes(zero, 3000, 0), "ccalloc");
    memset(zero, 7, 3000);
    char *same = (char *)crealloc(zero, 9000, 1);
    check(cmalloc_core(same) == 1 && all_bytes(same, 3000, 7), "crealloc for the same core");
    char *moved = (char *)crealloc(same, 5000, 2);
    check(cmalloc_core(moved) == 2 && all_bytes(moved, 3000, 7), "crealloc for another core");
    check(crealloc(moved, 0, 3) == NULL, "crealloc to nothing");
    char *first = (char *)crealloc(NULL, 10, 3);
    check(cmalloc_core(first) == 3 && cmalloc_usable_size(first) >= 10, "crealloc of nothing");
    cfree(first);
    void *aligned = caligned_alloc(4096, 100, 9);
    check((uintptr_t)aligned % 4096 == 0 && cmalloc_core(aligned) == 1, "caligned_alloc");
    cfree(aligned);
    errno = 0;
    check(cmalloc(SIZE_MAX / 2, 0) == NULL && errno == ENOMEM, "more than there is");
    errno = 0;
    check(caligned_alloc(3, 3, 0) == NULL && errno == ENOMEM, "no power of two");
    cfree(NULL);
    check(reports == 0, "nothing is wrong so far");
    cfree(&aligned);
    check(reports == 1 && cmalloc_core(&aligned) == -1, "a foreign pointer is reported");
}

static void *exchange[BLOCKS];

/* Blocks of all cores go from thread to thread by one exchange each. */
static void *work(void *number)
{
    uint32_t random = (uint32_t)(uintptr_t)number;
    for (unsigned i = 0; i < ROUNDS; i++) {
        random = random * 1664525u + 1013904223u;
        unsigned core = random >> 8 & 15, at = (random >> 12) % BLOCKS;
        size_t size = size_of(random >> 10 & 255);
        unsigned char *block = (unsigned char *)cmalloc(size, core);
        check(block != NULL && cmalloc_core(block) == (int)(core % CORES), "cmalloc");
        memset(block, (int)core, size < 64 ? size : 64);
        block = (unsigned char *)__atomic_exchange_n(&exchange[at], block, __ATOMIC_ACQ_REL);
        check(block == NULL || block[0] % CORES == cmalloc_core(block), "a block keeps its core");
        cfree(block);
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        check(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0, "pthread_create");
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < BLOCKS; i++)
        cfree(exchange[i]);
    check(cmalloc_trim(0) > 0, "trim");
    check(reports == 1, "nothing else is wrong");
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    test_apart();
    test_calls();
    test_threads();
    return 0;
}
