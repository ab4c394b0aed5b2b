/* SPDX-License-Identifier: MIT */
/*
 * extent_abf - extents of granules by address-ordered best fit, in one arena or several
 *
 * Memory is fetched in chunks and cut into extents, as many granules as a request needs: the
 * smallest free one that is large enough serves, of equal ones the lowest, from its beginning; what
 * comes back is joined with its neighbours. That leaves the ends of chunks alone as long as can be,
 * so the little that is needed of them stays in a few places. data/extents.h has the order.
 *
 * An arena is such a heap with a lock of its own; the policy `arena` says how many there are, and
 * which serves a thread. An extent goes back to the arena that it is from. A request for which
 * there is no more memory is served by whichever arena has some.
 *
 * The slot purge says when free memory loses its pages. A chunk whose extents are all free goes
 * back in trim, and before a request is refused.
 *
 * Needs: regions; objects of any alignment for what size_handle leaves to the neighbour; a
 *     thread-safe neighbour unless sync=none
 * Offers: regions; objects of any size and alignment, in granules; resizing in place; recognises a
 *     block that is free already; thread-safe unless sync=none
 *
 * Parameters:
 *   name         type   default       range        meaning
 *   sync         sync   futex         -            how threads exclude each other from an arena
 *   arena        arena  one           -            which arena serves a thread
 *   arenas       int    0             0..65536     most arenas, 0: one for each core
 *   size_handle  range  [0,SIZE_MAX]  0..SIZE_MAX  sizes served here; others go to next
 *   chunk_size   size   1MB           256KB..1GB   least memory fetched at a time, a power of two
 *   purge        purge  idle          -            when free memory loses its pages
 *
 * Invariants: those of data/extents.h, under the lock of an arena. The record of who owns what has,
 *     for the first granule of an object in use, the address of its extent; for that of one that
 *     was freed a mark, until it is another's; for all other granules that no layer claimed nothing
 *     but the layer. Regions are on record likewise until whoever has them claims them.
 * Ordering: the sync policy's. Whoever frees a block got it after its claim. Base and bytes of an
 *     extent in use change by its owner's requests only, and the arena of a record never, so that
 *     they are read without the lock.
 * Wins: none yet
 * Source: thestinger/allocator, chunk.c, extent.c, huge.c and purge.c
 */
#include "../core/layer_begin.h"
#include "../data/extents_tasks.h"
#include "../os/os.h"
#include "../policy/arena.h"
#include "../policy/purge.h"
#include "../policy/sync.h"

#ifndef EXTENT_ABF_SYNC
#define EXTENT_ABF_SYNC futex
#endif
#ifndef EXTENT_ABF_ARENA
#define EXTENT_ABF_ARENA one
#endif
#ifndef EXTENT_ABF_ARENAS
#define EXTENT_ABF_ARENAS 0
#endif
#ifndef EXTENT_ABF_SIZE_HANDLE
#define EXTENT_ABF_SIZE_HANDLE 0, SIZE_MAX
#endif
#ifndef EXTENT_ABF_CHUNK_SIZE
#define EXTENT_ABF_CHUNK_SIZE 1048576
#endif
#ifndef EXTENT_ABF_PURGE
#define EXTENT_ABF_PURGE idle
#endif
#ifndef EXTENT_ABF_PURGE_PERCENT
#define EXTENT_ABF_PURGE_PERCENT MORTISE_PURGE_OWN
#endif
#ifndef EXTENT_ABF_PURGE_ENVIRONMENT
#define EXTENT_ABF_PURGE_ENVIRONMENT MORTISE_PURGE_OWN
#endif
#ifndef EXTENT_ABF_PURGE_MILLISECONDS
#define EXTENT_ABF_PURGE_MILLISECONDS MORTISE_PURGE_OWN
#endif
#include MORTISE_POLICY(sync, EXTENT_ABF_SYNC)
#include MORTISE_POLICY(arena, EXTENT_ABF_ARENA)
#include MORTISE_POLICY(purge, EXTENT_ABF_PURGE)

#define SYNC(x) MORTISE_MEMBER(EXTENT_ABF_SYNC, x)
#define ARENA(x) MORTISE_MEMBER(EXTENT_ABF_ARENA, x)
#define PURGE(x) MORTISE_MEMBER(EXTENT_ABF_PURGE, x)
#define PURGING                                                                                    \
    mortise_purge_of(EXTENT_ABF_PURGE_PERCENT, EXTENT_ABF_PURGE_ENVIRONMENT,                       \
                     EXTENT_ABF_PURGE_MILLISECONDS)

MORTISE_ASSERT_STATIC(EXTENT_ABF_ARENAS >= 0 && EXTENT_ABF_ARENAS <= 65536,
                      "mortise: extent_abf: arenas must lie in 0..65536");
MORTISE_ASSERT_STATIC(EXTENT_ABF_CHUNK_SIZE >= 262144 && EXTENT_ABF_CHUNK_SIZE <= 1 << 30 &&
                          (EXTENT_ABF_CHUNK_SIZE & (EXTENT_ABF_CHUNK_SIZE - 1)) == 0,
                      "mortise: extent_abf: chunk_size must be a power of two in 256KB..1GB");
MORTISE_ASSERT_STATIC(MORTISE_LOW(EXTENT_ABF_SIZE_HANDLE) < MORTISE_HIGH(EXTENT_ABF_SIZE_HANDLE),
                      "mortise: extent_abf: size_handle=[lo,hi] needs lo < hi");

enum {
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(needs) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | SELF(safe),
    SELF(offers) = MORTISE_REGIONS | MORTISE_OBJECTS | MORTISE_ALIGNS | MORTISE_RESIZES |
                   MORTISE_PLACES | SELF(safe) | (SYNC(sleeps) ? MORTISE_SLEEPS : 0),
    SELF(passes) = MORTISE_RETURNS | MORTISE_PRECISE | MORTISE_CHECKS
};

struct SELF(arena) {
    struct mortise_arena link;
    MORTISE_MEMBER_STATE(EXTENT_ABF_SYNC) sync;
    struct mortise_extents extents MORTISE_ALIGNED(MORTISE_CACHE_LINE);
    MORTISE_MEMBER_STATE(EXTENT_ABF_PURGE) purge;
} MORTISE_ALIGNED(MORTISE_CACHE_LINE);

SELF_HEAP
{
    struct SELF(arena) main;
    struct mortise_arenas arenas;
    MORTISE_MEMBER_STATE(EXTENT_ABF_ARENA) choice;
};

/* The sync state is for the arena of the thread. */
SELF_LOCAL
{
    struct ARENA(local) choice;
    struct SYNC(local) sync;
};

MORTISE_FAST bool SELF(has_one)(void)
{
    return !ARENA(many);
}

MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    size_t judged = size > align || align <= MORTISE_GRANULE ? size : align;
    return mortise_within(judged, MORTISE_LOW(EXTENT_ABF_SIZE_HANDLE),
                          MORTISE_HIGH(EXTENT_ABF_SIZE_HANDLE));
}

/* Granules for a request, in bytes; 0: too large. */
MORTISE_FAST size_t SELF(bytes_for)(size_t size, size_t align)
{
    if (MORTISE_UNLIKELY(size > MORTISE_MAX_SIZE / 4 || align > MORTISE_MAX_SIZE / 4))
        return 0;
    return mortise_round_up(size + (size == 0), MORTISE_GRANULE);
}

#include "shared/answer.h"
#include "shared/region.h"

#include "extent_abf/memory.h"
#include "extent_abf/requests.h"
#include "extent_abf/walk.h"

#undef SYNC
#undef ARENA
#undef PURGE
#undef PURGING
#undef EXTENT_ABF_SYNC
#undef EXTENT_ABF_ARENA
#undef EXTENT_ABF_ARENAS
#undef EXTENT_ABF_SIZE_HANDLE
#undef EXTENT_ABF_CHUNK_SIZE
#undef EXTENT_ABF_PURGE
#undef EXTENT_ABF_PURGE_PERCENT
#undef EXTENT_ABF_PURGE_ENVIRONMENT
#undef EXTENT_ABF_PURGE_MILLISECONDS
#include "../core/layer_end.h"
