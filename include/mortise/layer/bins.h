/* SPDX-License-Identifier: MIT */
/*
 * bins - chunks with boundary tags in bins, in one arena or several, as ptmalloc has them
 *
 * A free chunk is joined with its free neighbours and kept in a bin of its size; the smallest that
 * is large enough serves, the one that was freed last if it is small. data/bins_take.h has the
 * order. An arena is such a heap with a lock of its own; the policy `arena` says how many there
 * are, and which serves a thread. A block goes back to the arena that it is from.
 *
 * The main arena grows with the program break where the neighbour has that, others in rooms of
 * heap_size bytes, of which as much is memory as is in use (fact ROOMS); on other neighbours an
 * arena has regions wherever they are, and where all memory is one range there is only the main
 * one. What is asked for is more by top_pad. Once the top of an
 * arena has trim_threshold bytes, all of it but top_pad goes back. Requests of mmap_threshold
 * bytes are left to a neighbour that serves objects; with `dynamic` that becomes the size of
 * whichever of them, up to 32 MB, was freed, and trim_threshold twice as much.
 *
 * With `checks`, links and sizes are looked at before they are believed. What is wrong is raised
 * through err_handle; the list in which it was found is given up, and its chunks are lost.
 *
 * Needs: regions; a thread-safe neighbour unless sync=none; objects of any alignment where
 *     size_handle leaves some to it
 * Offers: objects of any size and alignment, with size classes; resizing in place; recognises a
 *     block that is free already; thread-safe unless sync=none
 *
 * Parameters:
 *   name            type        default       range        meaning
 *   sync            sync        mutex         -            how threads exclude each other
 *   arena           arena       per_thread    -            which arena serves a thread
 *   arenas          int         0             0..65536     most arenas, 0: eight for each core
 *   sizeclass       sizeclass   linear        -            what a block is of, for a cache
 *   size_handle     range       [0,SIZE_MAX]  0..SIZE_MAX  sizes served here; others go to next
 *   fast_most       int         128           0..160       largest chunk of a fast bin, 0: none
 *   heap_size       size        64MB          1MB..1TB     room of an area, a power of two
 *   top_pad         size        128KB         0..1GB       memory fetched and kept beyond the need
 *   trim_threshold  size        128KB         64KB..1TB    top that is too large
 *   mmap_threshold  size        128KB         0..1TB       objects left to next, 0: none
 *   dynamic         bool        1             -            the thresholds follow what is freed
 *   checks          bool        1             -            look at links and sizes
 *   node_xor        bool        1             -            hide the links of fast bins
 *   err_handle      err_handle  default       -            what happens when one is wrong
 *
 * Invariants: those of data/bins.h, under the lock of an arena. A region is claimed before it is
 *     added, with the address of its arena, so that a block always leads to that. Only who holds
 *     `growing` of an arena adds to it and takes from it, outside the lock.
 * Ordering: the sync policy's. getmeta reads the size word of a block that the caller owns without
 *     the lock: only its flags can change meanwhile. The thresholds order nothing.
 * Wins: none yet
 * Source: Gloger, ptmalloc2; GNU C library, malloc/malloc.c and malloc/arena.c, 2.26 to 2.41
 */
#include "../core/layer_begin.h"
#include "../data/bins_tasks.h"
#include "../policy/arena.h"
#include "../policy/err_handle.h"
#include "../policy/sizeclass.h"
#include "../policy/sync.h"

#ifndef BINS_SYNC
#define BINS_SYNC mutex
#endif
#ifndef BINS_ARENA
#define BINS_ARENA per_thread
#endif
#ifndef BINS_ARENAS
#define BINS_ARENAS 0
#endif
#ifndef BINS_SIZECLASS
#define BINS_SIZECLASS linear
#endif
#ifndef BINS_SIZECLASS_LEAST
#define BINS_SIZECLASS_LEAST 0
#endif
#ifndef BINS_SIZECLASS_MOST
#define BINS_SIZECLASS_MOST 0
#endif
#ifndef BINS_SIZECLASS_STEP
#define BINS_SIZECLASS_STEP 0
#endif
#ifndef BINS_SIZE_HANDLE
#define BINS_SIZE_HANDLE 0, SIZE_MAX
#endif
#ifndef BINS_FAST_MOST
#define BINS_FAST_MOST 128
#endif
#ifndef BINS_HEAP_SIZE
#define BINS_HEAP_SIZE 67108864
#endif
#ifndef BINS_TOP_PAD
#define BINS_TOP_PAD 131072
#endif
#ifndef BINS_TRIM_THRESHOLD
#define BINS_TRIM_THRESHOLD 131072
#endif
#ifndef BINS_MMAP_THRESHOLD
#define BINS_MMAP_THRESHOLD 131072
#endif
#ifndef BINS_DYNAMIC
#define BINS_DYNAMIC 1
#endif
#ifndef BINS_CHECKS
#define BINS_CHECKS 1
#endif
#ifndef BINS_NODE_XOR
#define BINS_NODE_XOR 1
#endif
#ifndef BINS_ERR_HANDLE
#define BINS_ERR_HANDLE default
#endif
#include MORTISE_POLICY(sync, BINS_SYNC)
#include MORTISE_POLICY(arena, BINS_ARENA)
#include MORTISE_POLICY(sizeclass, BINS_SIZECLASS)
#include MORTISE_POLICY(err_handle, BINS_ERR_HANDLE)

#define SYNC(x) MORTISE_MEMBER(BINS_SYNC, x)
#define ARENA(x) MORTISE_MEMBER(BINS_ARENA, x)
#define SIZECLASS(x) MORTISE_MEMBER(BINS_SIZECLASS, x)
#define CLASSES mortise_sizeclass_of(BINS_SIZECLASS_LEAST, BINS_SIZECLASS_MOST, BINS_SIZECLASS_STEP)
#define LEAVES_NONE                                                                                \
    (MORTISE_LOW(BINS_SIZE_HANDLE) == 0 && MORTISE_HIGH(BINS_SIZE_HANDLE) == SIZE_MAX)

MORTISE_ASSERT_STATIC(BINS_ARENAS >= 0 && BINS_ARENAS <= 65536,
                      "mortise: bins: arenas must lie in 0..65536");
MORTISE_ASSERT_STATIC(BINS_FAST_MOST >= 0 && BINS_FAST_MOST <= MORTISE_CHUNK_FAST_MOST,
                      "mortise: bins: fast_most must lie in 0..160");
MORTISE_ASSERT_STATIC(BINS_HEAP_SIZE >= 1 << 20 && (size_t)(BINS_HEAP_SIZE) >> 20 <= 1 << 20 &&
                          ((size_t)(BINS_HEAP_SIZE) & ((size_t)(BINS_HEAP_SIZE)-1)) == 0,
                      "mortise: bins: heap_size must be a power of two in 1MB..1TB");
MORTISE_ASSERT_STATIC((size_t)(BINS_TOP_PAD) <= 1 << 30,
                      "mortise: bins: top_pad must lie in 0..1GB");
MORTISE_ASSERT_STATIC(BINS_TRIM_THRESHOLD >= 65536 &&
                          (size_t)(BINS_TRIM_THRESHOLD) >> 20 <= 1 << 20,
                      "mortise: bins: trim_threshold must lie in 64KB..1TB");
MORTISE_ASSERT_STATIC((size_t)(BINS_MMAP_THRESHOLD) >> 20 <= 1 << 20,
                      "mortise: bins: mmap_threshold must lie in 0..1TB");
MORTISE_ASSERT_STATIC(MORTISE_LOW(BINS_SIZE_HANDLE) < MORTISE_HIGH(BINS_SIZE_HANDLE),
                      "mortise: bins: size_handle=[lo,hi] needs lo < hi");

enum {
    SELF(classes) = SIZECLASS(classes),
    SELF(sizeclass_id) = MORTISE_SIZECLASS_ID(SIZECLASS(id), SIZECLASS(classes), BINS),
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(needs) =
        MORTISE_REGIONS | SELF(safe) | (LEAVES_NONE ? 0 : MORTISE_OBJECTS | MORTISE_ALIGNS),
    SELF(offers) = MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_RESIZES | MORTISE_CLASSES |
                   MORTISE_PLACES | SELF(safe) | (SYNC(sleeps) ? MORTISE_SLEEPS : 0) |
                   (LEAVES_NONE && BINS_MMAP_THRESHOLD == 0 ? MORTISE_CHECKS : 0),
    SELF(passes) = MORTISE_REGIONS | MORTISE_ONE_RANGE | MORTISE_RETURNS | MORTISE_PRECISE |
                   MORTISE_CHECKS | MORTISE_ROOMS
};

/* What an arena has. The address leads to its place in the record of who owns what. */
struct SELF(arena) {
    struct mortise_arena link;
    struct mortise_os_mutex growing;
    MORTISE_MEMBER_STATE(BINS_SYNC) sync;
    struct mortise_bins bins MORTISE_ALIGNED(MORTISE_CACHE_LINE);
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

SELF_HEAP
{
    struct SELF(arena) main;
    struct mortise_arenas arenas;
    MORTISE_MEMBER_STATE(BINS_ARENA) choice;
    size_t mapped; /* the largest object of the neighbour that raised the thresholds, 0: none */
};

/* The sync state is for the arena of the thread. */
SELF_LOCAL
{
    struct ARENA(local) choice;
    struct SYNC(local) sync;
};

MORTISE_FAST struct mortise_bins_rules SELF(rules)(void)
{
    struct mortise_bins_rules rules = {BINS_CHECKS != 0, BINS_NODE_XOR != 0, BINS_FAST_MOST};
    return rules;
}

MORTISE_FAST size_t SELF(threshold)(const SELF_HEAP *heap, size_t given, size_t times)
{
    size_t raised = BINS_DYNAMIC ? MORTISE_LOAD_RELAXED(&heap->mapped) * times : 0;
    return raised > given ? raised : given;
}

/* Which top is too large. Twice what was mapped is what a program frees that has a block of each
 * power of two up to that; the arena holds this and what the last growth added, which is more here,
 * in granules, than in the original's pages. With the original's bound such a program got all pages
 * anew each time: 1,603,457 faults in the workload all_sizes, 8,272 now, glibc 8,239. */
MORTISE_FAST size_t SELF(top_threshold)(const SELF_HEAP *heap)
{
    size_t threshold = SELF(threshold)(heap, BINS_TRIM_THRESHOLD, 2);
    return threshold != BINS_TRIM_THRESHOLD ? threshold + BINS_TOP_PAD + MORTISE_GRANULE
                                            : threshold;
}

/* Is a request of this size left to the neighbour as too large? */
MORTISE_FAST bool SELF(is_large)(const SELF_HEAP *heap, size_t size)
{
    const unsigned serves = MORTISE_OBJECTS | MORTISE_ALIGNS;
    return BINS_MMAP_THRESHOLD != 0 && (NEXT(facts)() & serves) == serves &&
           size >= SELF(threshold)(heap, BINS_MMAP_THRESHOLD, 1);
}

MORTISE_FAST bool SELF(handles)(const SELF_HEAP *heap, size_t size, size_t align)
{
    size_t judged = size > align || align <= MORTISE_CHUNK_ALIGN ? size : align;
    return mortise_within(judged, MORTISE_LOW(BINS_SIZE_HANDLE), MORTISE_HIGH(BINS_SIZE_HANDLE)) &&
           !SELF(is_large)(heap, judged);
}

/* ---- arenas ---- */

/* Where the neighbour's memory is one range, it keeps no record of whose each part is. */
MORTISE_FAST bool SELF(has_one)(void)
{
    return !ARENA(many) || (NEXT(facts)() & MORTISE_ONE_RANGE) != 0;
}

MORTISE_FAST struct SELF(arena) * SELF(arena_of)(SELF_HEAP *heap, uint64_t owned)
{
    if (SELF(has_one)())
        return &heap->main;
    return (struct SELF(arena) *)(uintptr_t)(owned & ~(uint64_t)(MORTISE_CACHE_LINE - 1));
}

MORTISE_FAST uint64_t SELF(owned_by)(const struct SELF(arena) * arena)
{
    return (uint64_t)(uintptr_t)arena | SELF(number)();
}

#include "shared/arenas.h"

#include "shared/arena_lock.h"

MORTISE_SLOW enum mortise_error SELF(raise)(enum mortise_error error, void *address)
{
    MORTISE_MEMBER(BINS_ERR_HANDLE, raise)(error, address, "bins");
    return MORTISE_REPORTED;
}

#include "shared/answer.h"
#include "shared/region.h"

#include "bins/memory.h"
#include "bins/requests.h"
#include "bins/walk.h"

#undef SYNC
#undef ARENA
#undef SIZECLASS
#undef CLASSES
#undef LEAVES_NONE
#undef BINS_SYNC
#undef BINS_ARENA
#undef BINS_ARENAS
#undef BINS_SIZECLASS
#undef BINS_SIZECLASS_LEAST
#undef BINS_SIZECLASS_MOST
#undef BINS_SIZECLASS_STEP
#undef BINS_SIZE_HANDLE
#undef BINS_FAST_MOST
#undef BINS_HEAP_SIZE
#undef BINS_TOP_PAD
#undef BINS_TRIM_THRESHOLD
#undef BINS_MMAP_THRESHOLD
#undef BINS_DYNAMIC
#undef BINS_CHECKS
#undef BINS_NODE_XOR
#undef BINS_ERR_HANDLE
#include "../core/layer_end.h"
