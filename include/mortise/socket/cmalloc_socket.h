/* SPDX-License-Identifier: MIT */
/*
 * cmalloc_socket - malloc that is told for which core
 *
 *     void *cmalloc(size_t size, unsigned core);
 *     void *ccalloc(size_t count, size_t size, unsigned core);
 *     void *crealloc(void *block, size_t size, unsigned core);
 *     void *caligned_alloc(size_t align, size_t size, unsigned core);
 *     void cfree(void *block);
 *     size_t cmalloc_usable_size(void *block);
 *     int cmalloc_core(void *block);       the core that a block was asked for, -1: no block
 *     size_t cmalloc_trim(size_t keep);    bytes that went back to the system
 * A program links the composition and declares those that it calls. Each core has a partition, a
 * heap of the composition, made when it is first asked for. Any thread may ask for any core, and
 * free what is another core's. crealloc moves a block that is another core's.
 *
 * Whose a block is stands in a map of granules, which costs two loads.
 *
 * Needs: objects of known size and any alignment; a thread-safe neighbour unless threads=one; a
 *     system layer that can have many heaps, such as mmap_heap
 * Offers: cmalloc and the others
 *
 * Parameters:
 *   name        type        default  range     meaning
 *   cores       int         128      1..4096   partitions; core numbers beyond begin again at 0
 *   export      bool        1        -         0: the functions are static, for a program that
 *                                              includes the composition
 *   err_handle  err_handle  default  -         what happens when a pointer is freed that is not a
 *                                              living block
 *   align       int         16       8..4096   alignment of every block, a power of two
 *   threads     name        many     many|one  one: the program promises to use one thread
 *
 * Invariants: a granule with a living block is of one partition, and on record as such: partitions
 *     share no slab, no cache line and no page. errno changes only when an allocation fails, to
 *     ENOMEM; an alignment that is no power of two is refused.
 * Ordering: whoever frees a block got it after its granule was recorded; a partition is published
 *     by release, and found by acquire
 * Wins: none yet
 * Source: paper table 2
 */
#include "../core/socket_begin.h"

#ifndef CMALLOC_SOCKET_CORES
#define CMALLOC_SOCKET_CORES 128
#endif
#ifndef CMALLOC_SOCKET_EXPORT
#define CMALLOC_SOCKET_EXPORT 1
#endif
#ifndef CMALLOC_SOCKET_ERR_HANDLE
#define CMALLOC_SOCKET_ERR_HANDLE default
#endif
#ifndef CMALLOC_SOCKET_ALIGN
#define CMALLOC_SOCKET_ALIGN 16
#endif
#ifndef CMALLOC_SOCKET_THREADS
#define CMALLOC_SOCKET_THREADS many
#endif

#define SOCKET "cmalloc_socket"
#define SOCKET_ERR_HANDLE CMALLOC_SOCKET_ERR_HANDLE
#define SOCKET_ALIGN CMALLOC_SOCKET_ALIGN
#define SOCKET_THREADS CMALLOC_SOCKET_THREADS
#define SOCKET_EXPORT CMALLOC_SOCKET_EXPORT
#include "../data/granule_map.h"
#include "../run/socket.h"

MORTISE_ASSERT_STATIC(CMALLOC_SOCKET_CORES >= 1 && CMALLOC_SOCKET_CORES <= 4096,
                      "mortise: cmalloc_socket: cores must lie in 1..4096");

#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)

MORTISE_ASSERT_STATIC(
    (RUN(system_offers) & MORTISE_HEAPS) != 0,
    "mortise: cmalloc_socket needs heaps beside the default one, which the system "
    "layer cannot have: begin with another one, such as mmap_heap");

static struct RUN(heap) * RUN(partitions)[CMALLOC_SOCKET_CORES];
static struct mortise_granule_map RUN(granules); /* the core + 1 of each that had a block */

/* Several threads may make one; the first wins. */
MORTISE_SLOW struct RUN(heap) * RUN(make_partition)(unsigned core)
{
    struct RUN(heap) *made = RUN(heap_create)(), *found = NULL;
    if (made == NULL) {
        mortise_os_set_enomem();
        return NULL;
    }
    /* Release: who finds the partition finds it made. Acquire: the loser finds the winner's so. */
    if (MORTISE_CAS_ACQ_REL(&RUN(partitions)[core], &found, made))
        return made;
    RUN(heap_destroy)(made);
    return found;
}

MORTISE_FAST struct RUN(heap) * RUN(partition)(unsigned core)
{
    struct RUN(heap) *heap = MORTISE_LOAD_ACQUIRE(&RUN(partitions)[core]); /* sees it made */
    return MORTISE_LIKELY(heap != NULL) ? heap : RUN(make_partition)(core);
}

/* Of a block that is not on record: -1 where it is nobody's. */
MORTISE_SLOW int RUN(search)(void *block)
{
    for (int core = 0; block != NULL && core < CMALLOC_SOCKET_CORES; core++) {
        struct RUN(heap) *heap = MORTISE_LOAD_ACQUIRE(&RUN(partitions)[core]); /* sees it made */
        if (heap != NULL && RUN(about)(heap, RUN(here)(heap), block, 0, NULL).owned != 0)
            return core;
    }
    return -1;
}

MORTISE_FAST int RUN(core_of)(void *block)
{
    int core = (int)mortise_granule_map_get(&RUN(granules), block) - 1;
    return MORTISE_LIKELY(core >= 0) ? core : RUN(search)(block);
}

/* Puts a new block's granule on record. No other partition has a block there, so nobody needs the
 * entry before. Where there is no memory for an entry it stays 0, and the block is searched for. */
MORTISE_FAST void *RUN(record)(void *block, unsigned core)
{
    if (block != NULL &&
        MORTISE_UNLIKELY(mortise_granule_map_get(&RUN(granules), block) != core + 1))
        mortise_granule_map_set(&RUN(granules),
                                (void *)mortise_round_down((uintptr_t)block, MORTISE_GRANULE),
                                MORTISE_GRANULE, core + 1);
    return block;
}

SOCKET_CALL void *caligned_alloc(size_t align, size_t size, unsigned core)
{
    core %= CMALLOC_SOCKET_CORES;
    struct RUN(heap) *heap = RUN(partition)(core);
    if (heap == NULL)
        return NULL;
    if (!mortise_is_power_of_two(align)) {
        mortise_os_set_enomem();
        return NULL;
    }
    return RUN(record)(RUN(aligned_alloc)(heap, align, size), core);
}

SOCKET_CALL void *cmalloc(size_t size, unsigned core)
{
    core %= CMALLOC_SOCKET_CORES;
    struct RUN(heap) *heap = RUN(partition)(core);
    return heap != NULL ? RUN(record)(RUN(malloc)(heap, size), core) : NULL;
}

SOCKET_CALL void *ccalloc(size_t count, size_t size, unsigned core)
{
    core %= CMALLOC_SOCKET_CORES;
    struct RUN(heap) *heap = RUN(partition)(core);
    return heap != NULL ? RUN(record)(RUN(calloc)(heap, count, size), core) : NULL;
}

SOCKET_CALL void cfree(void *block)
{
    int core = RUN(core_of)(block);
    if (MORTISE_LIKELY(core >= 0))
        RUN(free)(RUN(partitions)[core], block);
    else /* NULL is none */
        RUN(misuse)(&RUN(default), MORTISE_FOREIGN_POINTER, block, MORTISE_CALLER);
}

SOCKET_CALL size_t cmalloc_usable_size(void *block)
{
    int core = RUN(core_of)(block);
    if (MORTISE_LIKELY(core >= 0))
        return RUN(usable_size)(RUN(partitions)[core], block);
    RUN(misuse)(&RUN(default), MORTISE_FOREIGN_POINTER, block, MORTISE_CALLER);
    return 0;
}

/* As glibc's: size 0 frees the block and returns NULL. */
SOCKET_CALL void *crealloc(void *block, size_t size, unsigned core)
{
    core %= CMALLOC_SOCKET_CORES;
    int before = RUN(core_of)(block);
    if (before < 0 && block != NULL) {
        RUN(misuse)(&RUN(default), MORTISE_FOREIGN_POINTER, block, MORTISE_CALLER);
        return NULL;
    }
    if (before == (int)core) {
        struct RUN(heap) *heap = RUN(partitions)[core];
        return RUN(record)(RUN(realloc)(heap, block, size), core);
    }
    void *copy = block == NULL || size != 0 ? cmalloc(size, core) : NULL;
    if (block == NULL || (copy == NULL && size != 0))
        return copy;
    size_t old = cmalloc_usable_size(block);
    if (copy != NULL)
        __builtin_memcpy(copy, block, old < size ? old : size);
    cfree(block);
    return copy;
}

SOCKET_CALL int cmalloc_core(void *block)
{
    return RUN(core_of)(block);
}

SOCKET_CALL size_t cmalloc_trim(size_t keep)
{
    size_t returned = 0;
    for (unsigned core = 0; core < CMALLOC_SOCKET_CORES; core++) {
        struct RUN(heap) *heap = MORTISE_LOAD_ACQUIRE(&RUN(partitions)[core]); /* sees it made */
        returned += heap != NULL ? RUN(trim)(heap, keep) : 0;
    }
    return returned;
}

#undef RUN
#undef CMALLOC_SOCKET_CORES
#undef CMALLOC_SOCKET_EXPORT
#undef CMALLOC_SOCKET_ERR_HANDLE
#undef CMALLOC_SOCKET_ALIGN
#undef CMALLOC_SOCKET_THREADS
#include "../core/socket_end.h"
