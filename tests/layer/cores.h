/* SPDX-License-Identifier: MIT */
/*
 * What the tests share that move from one processor to another.
 */
#include <sched.h>

static bool run_on(int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

/* Up to two cores that this process may use; how many there are. */
static int find_cores(int core[2])
{
    cpu_set_t set;
    int found = 0;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 0;
    for (int i = 0; i < CPU_SETSIZE && found < 2; i++)
        if (CPU_ISSET(i, &set))
            core[found++] = i;
    return found;
}
