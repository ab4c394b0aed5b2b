/* SPDX-License-Identifier: MIT */
/*
 * linear - equal steps
 *
 * A block wastes less than one step, however large it is: many classes where memory is dear, or few
 * where a program asks for a few sizes close together.
 *
 * Needs: nothing
 * Offers: at most 256 classes; no table
 *
 * Parameters:
 *   name   type  default  range      meaning
 *   most   size  1KB      16..512KB  the largest class, of at most 256; rounded down to a step
 *   step   size  16       16..64KB   between two classes; rounded up to a multiple of 16
 *
 * Invariants: class k has (k + 1) * step bytes
 * Ordering: none; no state
 * Wins: none yet
 */
#ifndef MORTISE_POLICY_SIZECLASS_LINEAR_H
#define MORTISE_POLICY_SIZECLASS_LINEAR_H

#include "../sizeclass.h"

#ifndef LINEAR_MOST
#define LINEAR_MOST 1024
#endif
#ifndef LINEAR_STEP
#define LINEAR_STEP 16
#endif

enum {
    mortise_linear_id = 3,
    mortise_linear_classes = 256,
    mortise_linear_default_most = LINEAR_MOST,
    mortise_linear_default_step = LINEAR_STEP
};

MORTISE_FAST size_t mortise_linear_step(struct mortise_sizeclass parameters)
{
    size_t step = mortise_sizeclass_given(parameters.step, mortise_linear_default_step, 16, 65536);
    return mortise_round_up(step, MORTISE_SIZECLASS_UNIT);
}

MORTISE_FAST size_t mortise_linear_most(struct mortise_sizeclass parameters)
{
    size_t step = mortise_linear_step(parameters);
    size_t all = mortise_linear_classes * step;
    size_t most = mortise_sizeclass_given(parameters.most, mortise_linear_default_most, step,
                                          all < 524288 ? all : 524288);
    return most - most % step;
}

MORTISE_FAST size_t mortise_linear_fine(struct mortise_sizeclass parameters)
{
    return mortise_linear_most(parameters);
}

MORTISE_FAST unsigned mortise_linear_size_to_szcls(size_t size, struct mortise_sizeclass parameters)
{
    return (unsigned)((size - (size != 0)) / mortise_linear_step(parameters));
}

MORTISE_FAST size_t mortise_linear_szcls_to_size(unsigned szcls,
                                                 struct mortise_sizeclass parameters)
{
    return (szcls + (size_t)1) * mortise_linear_step(parameters);
}

MORTISE_FAST uint32_t mortise_linear_szcls_to_reciprocal(unsigned szcls,
                                                         struct mortise_sizeclass parameters)
{
    return mortise_sizeclass_reciprocal(mortise_linear_szcls_to_size(szcls, parameters));
}

MORTISE_FAST unsigned mortise_linear_batch(unsigned szcls, struct mortise_sizeclass parameters)
{
    return mortise_sizeclass_batch(mortise_linear_szcls_to_size(szcls, parameters));
}

#undef LINEAR_MOST
#undef LINEAR_STEP

#endif
