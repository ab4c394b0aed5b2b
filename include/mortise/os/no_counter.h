/* SPDX-License-Identifier: MIT */
/*
 * Counters of a thread, for a system that has none to read. Part of what implements os.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of os.h for such a system */
#define MORTISE_FREESTANDING 1
#include "os.h"
#endif

#ifndef MORTISE_OS_NO_COUNTER_H
#define MORTISE_OS_NO_COUNTER_H

struct mortise_os_counter {
    bool all;
};

MORTISE_PLAIN enum mortise_counting mortise_os_counter_open(struct mortise_os_counter *counter,
                                                            enum mortise_event event)
{
    (void)counter, (void)event;
    return MORTISE_COUNTING_UNKNOWN;
}

MORTISE_PLAIN bool mortise_os_counter_opened(const struct mortise_os_counter *counter)
{
    (void)counter;
    return false;
}

MORTISE_PLAIN bool mortise_os_counter_read(const struct mortise_os_counter *counter,
                                           uint64_t *value)
{
    (void)counter, (void)value;
    return false;
}

MORTISE_PLAIN void mortise_os_counter_close(struct mortise_os_counter *counter)
{
    (void)counter;
}

#endif
