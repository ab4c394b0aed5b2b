/* SPDX-License-Identifier: MIT */
/*
 * prime - the classes of supermalloc, under the name that the paper's models use
 *
 * Needs: nothing
 * Offers: what supermalloc offers
 *
 * Parameters: none
 *
 * Invariants: those of supermalloc
 * Ordering: none; no state
 * Wins: as supermalloc
 * Source: paper section 3 (wfslab)
 */
#ifndef MORTISE_POLICY_SIZECLASS_PRIME_H
#define MORTISE_POLICY_SIZECLASS_PRIME_H

#include "supermalloc.h"

enum { mortise_prime_id = mortise_supermalloc_id };
enum { mortise_prime_classes = mortise_supermalloc_classes };

MORTISE_FAST size_t mortise_prime_most(struct mortise_sizeclass parameters)
{
    return mortise_supermalloc_most(parameters);
}

MORTISE_FAST size_t mortise_prime_fine(struct mortise_sizeclass parameters)
{
    return mortise_supermalloc_fine(parameters);
}

MORTISE_FAST unsigned mortise_prime_size_to_szcls(size_t size, struct mortise_sizeclass parameters)
{
    return mortise_supermalloc_size_to_szcls(size, parameters);
}

MORTISE_FAST size_t mortise_prime_szcls_to_size(unsigned szcls, struct mortise_sizeclass parameters)
{
    return mortise_supermalloc_szcls_to_size(szcls, parameters);
}

MORTISE_FAST uint32_t mortise_prime_szcls_to_reciprocal(unsigned szcls,
                                                        struct mortise_sizeclass parameters)
{
    return mortise_supermalloc_szcls_to_reciprocal(szcls, parameters);
}

MORTISE_FAST unsigned mortise_prime_batch(unsigned szcls, struct mortise_sizeclass parameters)
{
    return mortise_supermalloc_batch(szcls, parameters);
}

#endif
