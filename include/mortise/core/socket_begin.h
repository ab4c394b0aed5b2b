/* SPDX-License-Identifier: MIT */
/*
 * Opens a socket, the last word of a composition.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#if !defined COMPOSITION && __INCLUDE_LEVEL__ == 1
#include "alone_composition.h" /* the header was opened by itself */
#endif

#if !defined COMPOSITION || !defined MORTISE_OPEN
#error "mortise: a socket comes after the layers and LAYER_COMPOSE, with COMPOSITION still defined"
#endif

#endif
