/* SPDX-License-Identifier: MIT */
/*
 * spread - how far behind the beginning of its memory a large block begins
 *
 * Large blocks that all begin at a page, or at a multiple of some pages, have their first lines in
 * the same few sets of a cache, and a program that walks over the beginnings of many of them has
 * that few lines of cache for it. A block that begins some lines later begins in another set.
 *
 * A member M of this slot defines:
 *   enum mortise_M_room         the most bytes that it moves a block by, which whoever has the slot
 *                               adds to the request; 0: it moves none
 *   struct mortise_M_local      what it knows of a thread, all zero before join
 *   mortise_M_join(local)       when the state of a thread is made
 *   size_t mortise_M_offset(local)  of the next block: a multiple of the cache line, at most room;
 *                               0 before join, when local may be the state of nobody
 *
 * What a block is moved by is the layer's to remember. A request that is aligned to more than a
 * cache line is not moved.
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_SPREAD_H
#define MORTISE_POLICY_SPREAD_H

#include "../core/bits.h"

enum { MORTISE_SPREAD_LINES = 64 }; /* in a page: beyond it the sets come again in many caches */

#endif
