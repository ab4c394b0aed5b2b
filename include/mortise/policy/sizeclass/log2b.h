/* SPDX-License-Identifier: MIT */
/*
 * log2b - powers of two
 *
 * The fewest classes, and blocks that are aligned to their size and can be split in half and joined
 * again. A block wastes less than half of itself.
 *
 * Needs: nothing
 * Offers: at most 37 classes; no table
 *
 * Parameters:
 *   name   type  default  range      meaning
 *   least  size  16       16..64KB   the smallest class; rounded up to a power of two
 *   most   size  1GB      16..1TB    the largest class; rounded down to a power of two
 *
 * Invariants: class k has least * 2^k bytes
 * Ordering: none; no state
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_SIZECLASS_LOG2B_H
#define MORTISE_POLICY_SIZECLASS_LOG2B_H

#include "../sizeclass.h"

#ifndef LOG2B_LEAST
#define LOG2B_LEAST 16
#endif
#ifndef LOG2B_MOST
#define LOG2B_MOST 1073741824
#endif

enum {
    mortise_log2b_id = 2,
    mortise_log2b_classes = 37,
    mortise_log2b_default_least = LOG2B_LEAST,
    mortise_log2b_default_most = LOG2B_MOST
};

MORTISE_FAST unsigned mortise_log2b_lowest(struct mortise_sizeclass parameters)
{
    size_t least =
        mortise_sizeclass_given(parameters.least, mortise_log2b_default_least, 16, 65536);
    return mortise_log2(least - 1) + 1;
}

MORTISE_FAST unsigned mortise_log2b_highest(struct mortise_sizeclass parameters)
{
    size_t most =
        mortise_sizeclass_given(parameters.most, mortise_log2b_default_most, 16, MORTISE_MAX_SIZE);
    unsigned lowest = mortise_log2b_lowest(parameters);
    unsigned highest = mortise_log2(most) > 40 ? 40 : mortise_log2(most);
    return highest < lowest ? lowest : highest;
}

MORTISE_FAST size_t mortise_log2b_most(struct mortise_sizeclass parameters)
{
    return (size_t)1 << mortise_log2b_highest(parameters);
}

MORTISE_FAST size_t mortise_log2b_fine(struct mortise_sizeclass parameters)
{
    return mortise_log2b_most(parameters);
}

/* Every size up to the least has the bits of least - 1, and 0 shares class 0 with 1. */
MORTISE_FAST unsigned mortise_log2b_size_to_szcls(size_t size, struct mortise_sizeclass parameters)
{
    unsigned lowest = mortise_log2b_lowest(parameters);
    size_t last = size - (size != 0);
    return mortise_log2(last | (((size_t)1 << lowest) - 1)) + 1 - lowest;
}

MORTISE_FAST size_t mortise_log2b_szcls_to_size(unsigned szcls, struct mortise_sizeclass parameters)
{
    return (size_t)1 << (mortise_log2b_lowest(parameters) + szcls);
}

MORTISE_FAST uint32_t mortise_log2b_szcls_to_reciprocal(unsigned szcls,
                                                        struct mortise_sizeclass parameters)
{
    unsigned log2_units = mortise_log2b_lowest(parameters) - 4 + szcls;
    return log2_units > 31 ? 1 : (uint32_t)1 << (31 - log2_units);
}

MORTISE_FAST unsigned mortise_log2b_batch(unsigned szcls, struct mortise_sizeclass parameters)
{
    return mortise_sizeclass_batch(mortise_log2b_szcls_to_size(szcls, parameters));
}

#undef LOG2B_LEAST
#undef LOG2B_MOST

#endif
