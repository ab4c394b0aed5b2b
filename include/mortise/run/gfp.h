/* SPDX-License-Identifier: MIT */
/*
 * What a request in the manner of the Linux kernel says: its names, with its values.
 */
#ifndef MORTISE_RUN_GFP_H
#define MORTISE_RUN_GFP_H

typedef unsigned gfp_t;
typedef unsigned slab_flags_t;

/* NOLINTBEGIN(bugprone-reserved-identifier): they are Linux's */
enum {
    __GFP_HIGH = 0x20,
    __GFP_IO = 0x40,
    __GFP_FS = 0x80,
    __GFP_ZERO = 0x100,
    __GFP_DIRECT_RECLAIM = 0x400,
    __GFP_KSWAPD_RECLAIM = 0x800,
    __GFP_NOFAIL = 0x8000,
    GFP_KERNEL = __GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM | __GFP_IO | __GFP_FS,
    GFP_ATOMIC = __GFP_HIGH | __GFP_KSWAPD_RECLAIM,
    GFP_NOWAIT = __GFP_KSWAPD_RECLAIM
};
/* NOLINTEND(bugprone-reserved-identifier) */

enum {
    SLAB_HWCACHE_ALIGN = 0x2000, /* objects begin in cache lines of their own */
    SLAB_PANIC = 0x40000         /* no cache, no program */
};

#endif
