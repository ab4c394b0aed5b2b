/* SPDX-License-Identifier: MIT */
/*
 * For a layer's header that was opened by itself, by an editor or a test: a composition in which it
 * is the layer `demo` upon a system layer that has nothing. alone_end.h finishes it.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#define COMPOSITION alone
#define LAYER null
#include "null_heap.h"
#define MORTISE_ALONE
#define LAYER demo

#endif
