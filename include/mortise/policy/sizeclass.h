/* SPDX-License-Identifier: MIT */
/*
 * sizeclass - which block sizes there are, so that requests of like size share lists and slabs
 *
 * Classes are numbered from 0 by size; each size is a multiple of MORTISE_SIZECLASS_UNIT, so that
 * blocks side by side are aligned for any object. A size up to 512KB may be anything else; above,
 * it is a power of two, which keeps mortise_sizeclass_index exact.
 *
 * A member M of this slot defines, all of them pure and without state at run time:
 *   mortise_M_id               enumerator: which classes these are, so that layers of a stack that
 *       mean different ones are told apart; members of users have numbers from 1000
 *   mortise_M_classes          enumerator: the most classes that any parameters give, for arrays
 *   size_t mortise_M_most(parameters)       the largest size with a class
 *   size_t mortise_M_fine(parameters)       the sizes up to here have the quickest look-up, and
 *       size_to_szcls asks first whether a size is one: a caller that asks the same before, and
 *       whatever else it must ask of larger sizes after, asks once
 *   unsigned mortise_M_size_to_szcls(size, parameters)   the smallest class that fits;
 *       size <= most; 0 has class 0. The classes in use are 0 to that of `most`
 *   size_t mortise_M_szcls_to_size(szcls, parameters)    of a class in use
 *   uint32_t mortise_M_szcls_to_reciprocal(szcls, parameters)  mortise_sizeclass_reciprocal of it
 *   unsigned mortise_M_batch(szcls, parameters)  how many blocks a cache moves at a time
 * `parameters` is a struct mortise_sizeclass of constants, which folds away; a member ignores those
 * that it does not have and brings those out of range into it.
 *
 * A layer W with the parameter sizeclass binds the slot so:
 *   #include "../policy/sizeclass.h"
 *   #include MORTISE_POLICY(sizeclass, W_SIZECLASS)
 *   #define SZCLS(x) MORTISE_MEMBER(W_SIZECLASS, x)
 *   #define SZCLS_PARAMETERS \
 *       mortise_sizeclass_of(W_SIZECLASS_LEAST, W_SIZECLASS_MOST, W_SIZECLASS_STEP)
 *   ... SZCLS(size_to_szcls)(size, SZCLS_PARAMETERS) ...
 * where W_SIZECLASS_LEAST, _MOST and _STEP default to 0, which stands for the member's own default,
 * and are undefined at the end with the rest. A member of a user's own has parameters of these
 * names or none; tests/policy/sizeclass/user/ has one.
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_SIZECLASS_H
#define MORTISE_POLICY_SIZECLASS_H

#include "../core/bits.h"

#define MORTISE_SIZECLASS_UNIT ((size_t)16)
#define MORTISE_SIZECLASS_SLAB ((size_t)1 << 20) /* the largest slab that index is exact in */

/* 0: the member's default. */
struct mortise_sizeclass {
    size_t least; /* the smallest class */
    size_t most;  /* the largest class, or a little more */
    size_t step;  /* between classes */
};

MORTISE_FAST struct mortise_sizeclass mortise_sizeclass_of(size_t least, size_t most, size_t step)
{
    struct mortise_sizeclass parameters = {least, most, step};
    return parameters;
}

/* Which classes, with which parameters: the same number, not 0, for two layers that agree, hardly
 * ever for others. A constant. */
#define MORTISE_SIZECLASS_ID(id, classes, layer)                                                   \
    MORTISE_SIZECLASS_ID_(id, classes, layer##_SIZECLASS_LEAST, layer##_SIZECLASS_MOST,            \
                          layer##_SIZECLASS_STEP)
#define MORTISE_SIZECLASS_ID_(id, classes, least, most, step)                                      \
    ((int)((((unsigned long long)(id)*1009 + (classes)) * 1009 + (least)) * 1009 % 1000003 +       \
           (unsigned long long)(most) % 1000003 + (step)) %                                        \
         1000003 +                                                                                 \
     1)

/* What a parameter says: its default where it is 0, and no less or more than lo and hi. */
MORTISE_FAST size_t mortise_sizeclass_given(size_t value, size_t standard, size_t lo, size_t hi)
{
    size_t given = value == 0 ? standard : value;
    return given < lo ? lo : given > hi ? hi : given;
}

/* Of a class size, for mortise_sizeclass_index: 2^31 divided by the size in units, rounded up. */
MORTISE_FAST uint32_t mortise_sizeclass_reciprocal(size_t size)
{
    uint64_t units = size / MORTISE_SIZECLASS_UNIT;
    return (uint32_t)((((uint64_t)1 << 31) + units - 1) / units);
}

/* offset / size, for an offset below MORTISE_SIZECLASS_SLAB, by a multiplication. Exact: with u the
 * offset and m the size in units, u / m has the same integer part, since m is whole; the reciprocal
 * is (2^31 + e) / m with e < m, so that the product is too large by less than u * e / m units of
 * 2^-31, and u * e < 2^16 * 2^15 keeps that below 1 / m, the least distance from u / m to the next
 * integer. For a power of two e is 0 (or the size exceeds every offset). */
MORTISE_FAST size_t mortise_sizeclass_index(size_t offset, uint32_t reciprocal)
{
    return (size_t)(((uint64_t)(offset / MORTISE_SIZECLASS_UNIT) * reciprocal) >> 31);
}

/* 64 KiB of blocks, within 2..32: few trips to where blocks come from, little kept in a cache. */
MORTISE_FAST unsigned mortise_sizeclass_batch(size_t size)
{
    if (size <= 2048)
        return 32;
    return size >= 32768 ? 2 : (unsigned)(65536 / size);
}

#endif
