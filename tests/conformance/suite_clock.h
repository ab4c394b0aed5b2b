/* SPDX-License-Identifier: MIT */
/*
 * A clock for a unit with TICKS: each look at it is a tick later, so that free memory loses
 * pages again and again, in the middle of everything, and the unit does not depend on time.
 */
#include <stdint.h>

static uint64_t suite_milliseconds(void)
{
    static uint64_t now;
    return __atomic_add_fetch(&now, 25, __ATOMIC_RELAXED); /* only has to grow */
}

#define MORTISE_MILLISECONDS suite_milliseconds()
