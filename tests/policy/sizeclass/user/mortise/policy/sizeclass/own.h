/* SPDX-License-Identifier: MIT */
/*
 * own - the three sizes that some program asks for
 *
 * Parameters: none
 */
#ifndef OWN_H
#define OWN_H

#include <mortise/policy/sizeclass.h>

enum { mortise_own_id = 1001, mortise_own_classes = 3 };
static const size_t mortise_own_size[3] = {48, 1536, 69632};

MORTISE_FAST size_t mortise_own_most(struct mortise_sizeclass parameters)
{
    (void)parameters;
    return 69632;
}

MORTISE_FAST size_t mortise_own_fine(struct mortise_sizeclass parameters)
{
    return mortise_own_most(parameters);
}

MORTISE_FAST unsigned mortise_own_size_to_szcls(size_t size, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return (size > 48) + (size > 1536);
}

MORTISE_FAST size_t mortise_own_szcls_to_size(unsigned szcls, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_own_size[szcls];
}

MORTISE_FAST uint32_t mortise_own_szcls_to_reciprocal(unsigned szcls,
                                                      struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_sizeclass_reciprocal(mortise_own_size[szcls]);
}

MORTISE_FAST unsigned mortise_own_batch(unsigned szcls, struct mortise_sizeclass parameters)
{
    (void)parameters;
    return mortise_sizeclass_batch(mortise_own_size[szcls]);
}

#endif
