/* SPDX-License-Identifier: MIT */
/*
 * Mappings on Linux at multiples of more than a page. Part of os/linux.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of os.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_MAP_H
#define MORTISE_OS_LINUX_MAP_H

/* Maps more and cuts. The kernel refuses to cut where it cannot have more mappings. */
MORTISE_PLAIN void *mortise_linux_map_cut(size_t size, size_t align, int protection, int flags)
{
    char *base = (char *)mortise_linux_map_at(NULL, size + align, protection, flags);
    if (base == NULL)
        return NULL;
    size_t lead = (size_t)(-(uintptr_t)base & (align - 1));
    if (lead != 0 && !mortise_os_unreserve(base, lead)) {
        mortise_os_unreserve(base, size + align);
        return NULL;
    }
    if (lead != align && !mortise_os_unreserve(base + lead + size, align - lead)) {
        mortise_os_unreserve(base + lead, size + align - lead);
        return NULL;
    }
    return base + lead;
}

/* Maps `size` bytes at a multiple of `align`. The kernel places mappings side by side, so that once
 * one is aligned the next of a multiple of the alignment is too. Otherwise it is asked where there
 * is more room, and then for the highest place in that, so that nothing has to be cut, for which it
 * may have no mapping left; another thread may be faster. */
MORTISE_PLAIN void *mortise_linux_map_aligned(size_t size, size_t align, int protection, int flags)
{
    char *base = (char *)mortise_linux_map_at(NULL, size, protection, flags);
    if (base == NULL || ((uintptr_t)base & (align - 1)) == 0)
        return base;
    mortise_os_unreserve(base, size);
    if (size > MORTISE_MAX_SIZE - align)
        return NULL;
    for (int tries = 0; tries < 4; tries++) {
        char *room = (char *)mortise_linux_map_at(NULL, size + align, protection, flags);
        if (room == NULL)
            return NULL;
        mortise_os_unreserve(room, size + align);
        void *place = (void *)mortise_round_down((uintptr_t)room + align, align);
        base = (char *)mortise_linux_map_at(place, size, protection, flags);
        if (base == NULL || ((uintptr_t)base & (align - 1)) == 0)
            return base;
        mortise_os_unreserve(base, size);
    }
    return mortise_linux_map_cut(size, align, protection, flags);
}

#endif
