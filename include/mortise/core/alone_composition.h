/* SPDX-License-Identifier: MIT */
/*
 * For a header that was opened by itself, by an editor or a test, and needs a composition around
 * it: the smallest one.
 */
#define COMPOSITION alone
#define LAYER null
#include "null_heap.h"
LAYER_COMPOSE(alone, null)
#if __INCLUDE_LEVEL__ == 0
#include "../socket/malloc_socket.h"
#endif
