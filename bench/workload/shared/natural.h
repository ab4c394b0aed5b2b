/* SPDX-License-Identifier: MIT */
/*
 * Natural numbers of any size. Each result is a new block that its owner frees: that is the point.
 * Schoolbook methods with digits of 32 bits, the lowest first; no leading zeros; zero has none.
 */
#ifndef BENCH_WORKLOAD_SHARED_NATURAL_H
#define BENCH_WORKLOAD_SHARED_NATURAL_H

#include "workload.h"

#include <stdlib.h>
#include <string.h>

typedef struct natural {
    uint32_t length;
    uint32_t digit[];
} natural;

static inline natural *natural_new(uint32_t length)
{
    natural *a = (natural *)work_malloc(sizeof *a + length * sizeof a->digit[0]);
    a->length = length;
    return a;
}

static inline natural *natural_trim(natural *a)
{
    while (a->length > 0 && a->digit[a->length - 1] == 0)
        a->length--;
    return a;
}

static inline natural *natural_of(uint64_t value)
{
    natural *a = natural_new(2);
    a->digit[0] = (uint32_t)value;
    a->digit[1] = (uint32_t)(value >> 32);
    return natural_trim(a);
}

static inline natural *natural_copy(const natural *a)
{
    natural *b = natural_new(a->length);
    memcpy(b->digit, a->digit, a->length * sizeof a->digit[0]);
    return b;
}

/* *a becomes b, which is not to be freed separately any more. */
static inline void natural_become(natural **a, natural *b)
{
    free(*a);
    *a = b;
}

static inline int natural_compare(const natural *a, const natural *b)
{
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    for (uint32_t i = a->length; i-- > 0;)
        if (a->digit[i] != b->digit[i])
            return a->digit[i] < b->digit[i] ? -1 : 1;
    return 0;
}

static inline bool natural_is(const natural *a, uint32_t value)
{
    return value == 0 ? a->length == 0 : a->length == 1 && a->digit[0] == value;
}

static inline natural *natural_add(const natural *a, const natural *b)
{
    const natural *longer = a->length > b->length ? a : b, *other = longer == a ? b : a;
    natural *c = natural_new(longer->length + 1);
    uint64_t carry = 0;
    for (uint32_t i = 0; i < longer->length; i++) {
        carry += (uint64_t)longer->digit[i] + (i < other->length ? other->digit[i] : 0);
        c->digit[i] = (uint32_t)carry;
        carry >>= 32;
    }
    c->digit[longer->length] = (uint32_t)carry;
    return natural_trim(c);
}

/* a is not less than b. */
static inline natural *natural_subtract(const natural *a, const natural *b)
{
    natural *c = natural_new(a->length);
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->length; i++) {
        const uint64_t take = (i < b->length ? b->digit[i] : 0) + borrow;
        borrow = a->digit[i] < take;
        c->digit[i] = (uint32_t)(a->digit[i] - take);
    }
    return natural_trim(c);
}

static inline natural *natural_multiply(const natural *a, const natural *b)
{
    natural *c = natural_new(a->length + b->length);
    memset(c->digit, 0, c->length * sizeof c->digit[0]);
    for (uint32_t i = 0; i < a->length; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j < b->length; j++) {
            carry += (uint64_t)a->digit[i] * b->digit[j] + c->digit[i + j];
            c->digit[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        c->digit[i + b->length] = (uint32_t)carry;
    }
    return natural_trim(c);
}

/* The rest; the quotient as well, where it is asked for. The divisor has one digit, and is not 0.
 * */
static inline uint32_t natural_divide_digit(const natural *a, uint32_t by, natural **quotient)
{
    uint64_t rest = 0;
    natural *q = quotient == NULL ? NULL : natural_new(a->length);
    for (uint32_t i = a->length; i-- > 0;) {
        rest = rest << 32 | a->digit[i];
        if (q != NULL)
            q->digit[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    if (q != NULL)
        *quotient = natural_trim(q);
    return (uint32_t)rest;
}

static inline natural *natural_shift_left(const natural *a, unsigned bits)
{
    natural *c = natural_new(a->length + 1);
    uint64_t carry = 0;
    for (uint32_t i = 0; i < a->length; i++) {
        carry |= (uint64_t)a->digit[i] << bits;
        c->digit[i] = (uint32_t)carry;
        carry >>= 32;
    }
    c->digit[a->length] = (uint32_t)carry;
    return c; /* with its leading zero, which the division needs */
}

/* Takes digit * b off a at `at`; false if that was once too often, and is added again. */
static inline bool natural_take_off(natural *a, uint32_t at, const natural *b, uint64_t digit)
{
    uint64_t carry = 0, borrow = 0;
    for (uint32_t i = 0; i <= b->length; i++) {
        carry += i < b->length ? digit * b->digit[i] : 0;
        const uint64_t take = (uint32_t)carry + borrow;
        borrow = a->digit[at + i] < take;
        a->digit[at + i] = (uint32_t)(a->digit[at + i] - take);
        carry >>= 32;
    }
    if (borrow == 0)
        return true;
    carry = 0;
    for (uint32_t i = 0; i <= b->length; i++) {
        carry += (uint64_t)a->digit[at + i] + (i < b->length ? b->digit[i] : 0);
        a->digit[at + i] = (uint32_t)carry;
        carry >>= 32;
    }
    return false;
}

/* Knuth's algorithm D, by a divisor of two digits or more. */
static inline natural *natural_divide_long(const natural *a, const natural *b, natural **rest)
{
    const unsigned bits = (unsigned)__builtin_clz(b->digit[b->length - 1]);
    natural *left = natural_shift_left(a, bits);
    natural *by = natural_trim(natural_shift_left(b, bits));
    const uint32_t length = by->length;
    natural *quotient = natural_new(a->length - length + 1);
    for (uint32_t i = quotient->length; i-- > 0;) {
        const uint64_t top = (uint64_t)left->digit[i + length] << 32 | left->digit[i + length - 1];
        uint64_t digit = top / by->digit[length - 1], over = top % by->digit[length - 1];
        while (digit >> 32 != 0 ||
               digit * by->digit[length - 2] > (over << 32 | left->digit[i + length - 2])) {
            digit--;
            over += by->digit[length - 1];
            if (over >> 32 != 0)
                break;
        }
        quotient->digit[i] = (uint32_t)(natural_take_off(left, i, by, digit) ? digit : digit - 1);
    }
    /* Back by as many bits. */
    for (uint32_t i = 0; i < length; i++)
        left->digit[i] = (uint32_t)(((uint64_t)left->digit[i + 1] << 32 | left->digit[i]) >> bits);
    left->length = length;
    *rest = natural_trim(left);
    free(by);
    return natural_trim(quotient);
}

static inline natural *natural_divide(const natural *a, const natural *b, natural **rest)
{
    if (natural_compare(a, b) < 0) {
        *rest = natural_copy(a);
        return natural_of(0);
    }
    if (b->length > 1)
        return natural_divide_long(a, b, rest);
    natural *quotient;
    *rest = natural_of(natural_divide_digit(a, b->digit[0], &quotient));
    return quotient;
}

static inline natural *natural_modulo(const natural *a, const natural *b)
{
    natural *rest;
    free(natural_divide(a, b, &rest));
    return rest;
}

static inline natural *natural_multiply_modulo(const natural *a, const natural *b,
                                               const natural *modulus)
{
    natural *product = natural_multiply(a, b);
    natural_become(&product, natural_modulo(product, modulus));
    return product;
}

/* Euclid's. */
static inline natural *natural_common_divisor(const natural *a, const natural *b)
{
    natural *x = natural_copy(a), *y = natural_copy(b);
    while (y->length > 0) {
        natural *rest = natural_modulo(x, y);
        natural_become(&x, y);
        y = rest;
    }
    free(y);
    return x;
}

/* Newton's method from above, downwards until it no longer falls. */
static inline natural *natural_root(const natural *a)
{
    natural *x = natural_new(a->length / 2 + 2);
    memset(x->digit, 0, x->length * sizeof x->digit[0]);
    x->digit[x->length - 1] = 1;
    for (;;) {
        natural *rest, *next = natural_divide(a, x, &rest);
        free(rest);
        natural_become(&next, natural_add(next, x));
        natural_divide_digit(next, 2, &rest);
        natural_become(&next, rest);
        if (natural_compare(next, x) >= 0) {
            free(next);
            return x;
        }
        natural_become(&x, next);
    }
}

#endif
