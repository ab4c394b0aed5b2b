/* SPDX-License-Identifier: MIT */
/*
 * For a system layer's header, or a part of one, that was opened by itself, by an editor or a test:
 * a composition in which it is the layer `demo`. alone_end.h finishes it.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#define COMPOSITION alone
#define LAYER demo
#define MORTISE_ALONE
#define MORTISE_ALONE_SYSTEM

#endif
