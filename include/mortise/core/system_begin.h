/* SPDX-License-Identifier: MIT */
/*
 * Opens a system layer, the first of a composition, and with it the composition itself.
 * The words are those of layer_begin.h, except NEXT: nothing lies beyond a system layer.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#if !defined COMPOSITION && !defined LAYER && __INCLUDE_LEVEL__ == 1
#include "alone_system.h" /* the header was opened by itself */
#endif

#ifndef COMPOSITION
#error "mortise: #define COMPOSITION name before the first layer of a composition"
#define COMPOSITION mortise_unnamed
#endif

#ifdef MORTISE_OPEN
#error "mortise: a second system layer, or no socket after the composition before this one"
#endif
#define MORTISE_OPEN
#define MORTISE_SYSTEM

#include "context.h"
#include "layer_words.h"

#endif
