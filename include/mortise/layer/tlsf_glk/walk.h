/* SPDX-License-Identifier: MIT */
/*
 * The pools of tlsf_glk, block by block. Part of layer/tlsf_glk.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone.h"
#include "../tlsf_glk.h"
#else
/* A block that was never handed out, but for its beginning perhaps. */
MORTISE_SLOW bool SELF(is_top)(const struct mortise_tlsf *tlsf,
                               const struct mortise_tlsf_block *block)
{
    return mortise_tlsf_touched_end(tlsf, block) != (uintptr_t)block + mortise_tlsf_size(block);
}

/* From the block at which a pool begins; where the pool ends. */
MORTISE_SLOW uintptr_t SELF(walk_pool)(struct mortise_walk *walk, SELF_HEAP *heap, uintptr_t begin)
{
    const struct mortise_tlsf *tlsf = &heap->tlsf;
    struct mortise_tlsf_block *first = (struct mortise_tlsf_block *)begin, *block = first;
    while (mortise_tlsf_size(block) != 0)
        block = mortise_tlsf_at(block, mortise_tlsf_size(block));
    uintptr_t end = (uintptr_t)block + MORTISE_TLSF_POOL_COST;
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, first,
                       end - (uintptr_t)first, "pool", 0);
    for (block = first; mortise_tlsf_size(block) != 0;
         block = mortise_tlsf_at(block, mortise_tlsf_size(block))) {
        void *payload = mortise_tlsf_payload(block);
        bool used = (mortise_tlsf_word(block) & MORTISE_TLSF_NOT_USED) == 0;
        mortise_walk_piece(walk, MORTISE_STRING(LAYER),
                           used                        ? MORTISE_WALK_ALLOCATED
                           : SELF(is_top)(tlsf, block) ? MORTISE_WALK_TOP
                                                       : MORTISE_WALK_FREE,
                           payload, mortise_tlsf_usable(payload), used ? NULL : "list",
                           used ? 0 : mortise_tlsf_least_of(mortise_tlsf_size(block)));
    }
    return end;
}

#include "../shared/walk_pools.h"

#endif
