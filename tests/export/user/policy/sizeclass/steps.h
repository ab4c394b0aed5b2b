/* SPDX-License-Identifier: MIT */
/*
 * steps - the three sizes that some program asks for
 *
 * Parameters: none
 */
#ifndef STEPS_H
#define STEPS_H

#include <mortise/policy/sizeclass.h>

enum { mortise_steps_id = 1002, mortise_steps_classes = 3 };
static const size_t mortise_steps_size[3] = {48, 1536, 69632};

MORTISE_FAST size_t mortise_steps_most(struct mortise_sizeclass parameters)
{
    (void)parameters;
    return 69632;
}

MORTISE_FAST size_t mortise_steps_fine(struct mortise_sizeclass parameters)
{
    return mortise_steps_most(parameters);
}

MORTISE_FAST unsigned mortise_steps_size_to_szcls(size_t size, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return (size > 48) + (size > 1536);
}

MORTISE_FAST size_t mortise_steps_szcls_to_size(unsigned szcls, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_steps_size[szcls];
}

MORTISE_FAST uint32_t mortise_steps_szcls_to_reciprocal(unsigned szcls,
                                                        struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_sizeclass_reciprocal(mortise_steps_size[szcls]);
}

MORTISE_FAST unsigned mortise_steps_batch(unsigned szcls, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_sizeclass_batch(mortise_steps_size[szcls]);
}

#endif
