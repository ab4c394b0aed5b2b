/* SPDX-License-Identifier: MIT */
/*
 * Opens a socket, the last word of a composition.
 */
#if !defined COMPOSITION && __INCLUDE_LEVEL__ == 1
#include "alone_composition.h" /* the header was opened by itself */
#endif

#if !defined COMPOSITION || !defined MORTISE_OPEN
#error "mortise: a socket comes after the layers and LAYER_COMPOSE, with COMPOSITION still defined"
#endif
