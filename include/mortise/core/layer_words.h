/* SPDX-License-Identifier: MIT */
/*
 * The words of layer_begin.h that system layers and others share. Not for direct inclusion.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "alone_composition.h"
#include "../socket/malloc_socket.h"
#else
#include "bits.h"
#include "error.h"
#include "facts.h"
#include "poison.h"

#ifndef LAYER
#error "mortise: #define LAYER name before you include a layer"
#define LAYER mortise_unnamed
#endif

#ifndef MORTISE_SELF /* one expansion more than ##, so that COMPOSITION and LAYER are replaced */
#define MORTISE_SELF(composition, layer, x) MORTISE_SELF_(composition, layer, x)
#define MORTISE_SELF_(composition, layer, x) composition##_at_##layer##_##x
#endif

#define SELF(x) MORTISE_SELF(COMPOSITION, LAYER, x)
#define SELF_HEAP struct SELF(heap)
#define SELF_LOCAL struct SELF(local)
#define mctx_t struct MORTISE_CAT(COMPOSITION, _mctx)
#define mctx_extra_t struct MORTISE_CAT(COMPOSITION, _extra)
#define mctx_make MORTISE_CAT(COMPOSITION, _mctx_make)
#define mctx_caller MORTISE_CAT(COMPOSITION, _mctx_caller)
#define mctx_pack MORTISE_CAT(COMPOSITION, _mctx_pack)
#define mctx_unpack MORTISE_CAT(COMPOSITION, _mctx_unpack)

SELF_HEAP;
SELF_LOCAL;

MORTISE_FAST unsigned SELF(number)(void);
MORTISE_FAST unsigned SELF(placers)(void); /* how many layers of the composition place */
/* Is it served by the system layer? Such a block is on record by its first granule only. */
MORTISE_FAST bool SELF(is_mapping)(uint64_t owned);
MORTISE_FAST SELF_LOCAL *SELF(attach)(SELF_HEAP *heap, SELF_LOCAL *local);
MORTISE_FAST void SELF(age_later)(SELF_HEAP *heap);

#endif
