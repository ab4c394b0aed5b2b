/* SPDX-License-Identifier: MIT */
/*
 * What a layer can say about itself, as bits of three enumerators that it defines:
 *   SELF(needs)   what its system-side neighbour must give
 *   SELF(offers)  what it gives itself
 *   SELF(passes)  what it gives exactly if its neighbour does
 * The facts of a position are offers | (passes & facts of the neighbour); LAYER_COMPOSE asserts
 * that every need is met. Who keeps blocks to itself on their way to the neighbour does not pass
 * CHECKS; neither that nor one that places can stand on the user side of one that GUARDS. Who
 * checks all that it places, but may leave sizes to its neighbour, passes CHECKS and does not offer
 * it.
 */
#ifndef MORTISE_CORE_FACTS_H
#define MORTISE_CORE_FACTS_H

enum mortise_fact {
    MORTISE_REGIONS = 1 << 0,    /* serves regions: granule multiples to be cut up */
    MORTISE_OBJECTS = 1 << 1,    /* serves objects of any size, and knows the size of each */
    MORTISE_ALIGNS = 1 << 2,     /* honours any power of two as alignment */
    MORTISE_THREADSAFE = 1 << 3, /* many threads may call at once */
    MORTISE_ONE_RANGE = 1 << 4,  /* one range, or a second one that goes on for it, so that
                                  * comparisons tell its memory from everything else; where a single
                                  * layer places, no record of whose each part is. The end of a
                                  * range may be freed, whatever regions it was: so not what serves
                                  * regions out of blocks of its own */
    MORTISE_RETURNS = 1 << 5,    /* gives memory back to the system */
    MORTISE_RESIZES = 1 << 6,    /* may change a block's size without copying it */
    MORTISE_CLASSES = 1 << 8,    /* getmeta names the size class, of the policy SELF(sizeclass)() */
    MORTISE_CHECKS = 1 << 9,  /* recognises a block that is free already, and no block's address */
    MORTISE_QUICK = 1 << 10,  /* answers most requests without a lock, and announces itself for the
                              * rest (REST in layer_begin.h) */
    MORTISE_EXACT = 1 << 11,  /* usable size is the size that was wanted: resizing must be told */
    MORTISE_GUARDS = 1 << 12, /* promises to check every block that the user gives back */
    MORTISE_LOCKLESS = 1 << 13, /* takes no lock, so nobody has to announce itself to fork; a layer
                                 * with a lock does not pass it on */
    MORTISE_PRECISE = 1 << 14,  /* alloc and resize tell as many usable bytes as getmeta does, and a
                                 * block that is moved goes to another granule's beginning; not
                                 * of a cache, which takes what it gets for a block of a class */
    MORTISE_HOMES = 1 << 15,    /* getmeta tells whether a block is another thread's */
    MORTISE_HEAPS = 1 << 16,  /* a system layer: there can be heaps beside the default one; known as
                                 * <composition>_system_offers */
    MORTISE_SLEEPS = 1 << 17, /* who waits in it may sleep in the system, see policy/sync.h */
    MORTISE_BARE = 1 << 18,   /* a system layer without a system: nobody on it may sleep */
    MORTISE_ROOMS = 1 << 19,  /* regions can grow where they are, by resize with kind REGION:
                               * ctx->size bytes are added to the region that ends at ctx->ptr, or,
                               * where that is NULL, to the end of the program break; ctx->ptr is
                               * where they begin. A region that is less than what it is aligned to
                               * has room for all of that but for a granule. The end of one may be
                               * freed */
    MORTISE_PLACES = 1 << 7   /* decides where objects lie: can own a pointer; never passed on */
};

#endif
