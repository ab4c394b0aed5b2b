/* SPDX-License-Identifier: MIT */
/*
 * Which blocks a cache keeps: those of the size classes that meet its size_handle. Part of the
 * caching layers.
 *
 * The layer has SIZECLASS(x), its policy; CLASSES, the policy's parameters; KEPT, the size_handle.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../thread_cache.h"
#else
MORTISE_FAST bool SELF(handles)(size_t size, size_t align)
{
    const size_t lo = MORTISE_LOW(KEPT), hi = MORTISE_HIGH(KEPT);
    const size_t fine = SIZECLASS(fine)(CLASSES);
    if (align > MORTISE_SIZECLASS_UNIT)
        return false;
    if (lo == 0 && fine <= hi && MORTISE_LIKELY(size <= fine))
        return true; /* the look-up of the class asks the same, and then it is asked once */
    return mortise_within(size, lo, hi) && size <= SIZECLASS(most)(CLASSES);
}

/* Is a class, of a block that comes back, one that is kept? */
MORTISE_FAST bool SELF(keeps)(size_t szcls)
{
    size_t hi = MORTISE_HIGH(KEPT);
    size_t most = SIZECLASS(most)(CLASSES);
    unsigned last = SIZECLASS(size_to_szcls)(hi < most ? hi : most, CLASSES);
    unsigned first = SIZECLASS(size_to_szcls)(MORTISE_LOW(KEPT), CLASSES);
    return szcls - first <= last - first;
}

#endif
