/* SPDX-License-Identifier: MIT */
/* Threads that move from node to node, on any machine. */
static unsigned node_of_now(void)
{
    static unsigned looks;
    return __atomic_fetch_add(&looks, 1, __ATOMIC_RELAXED) / 4; /* some share a node */
}
#define MORTISE_HSYNCH_NODE() node_of_now()

#define SYNC hsynch
#include "suite.h"
