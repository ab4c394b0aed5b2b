/* SPDX-License-Identifier: MIT */
/*
 * A log-linear histogram: how often each value from 0 to 2^36 came, to a 128th of it.
 *
 * Values below 256 have a bucket each; from there on every power of two is cut into 128 buckets of
 * equal width. In ticks of a clock of up to 6.8 GHz that is 10 s and more; a larger value counts as
 * the largest. One thread adds, any may read meanwhile.
 *
 * Invariants: a bucket is no wider than a 128th of the least value in it
 * Ordering: counts are independent of each other; readers see each as it was at some moment.
 */
#ifndef MORTISE_DATA_HISTOGRAM_H
#define MORTISE_DATA_HISTOGRAM_H

#include "../core/atomic.h"
#include "../core/bits.h"
#include "counter.h"

enum {
    mortise_histogram_fine = 7, /* log2 of the buckets in a power of two */
    mortise_histogram_bits = 36,
    mortise_histogram_buckets = (mortise_histogram_bits - mortise_histogram_fine + 1)
                                << mortise_histogram_fine
};

struct mortise_histogram {
    uint64_t total;  /* of the values */
    uint64_t most;   /* the largest of them, exactly */
    uint64_t failed; /* requests that have no value, for they failed */
    uint64_t count[mortise_histogram_buckets];
};

MORTISE_FAST unsigned mortise_histogram_bucket(uint64_t value)
{
    const uint64_t largest = ((uint64_t)1 << mortise_histogram_bits) - 1;
    if (value < 2u << mortise_histogram_fine)
        return (unsigned)value;
    if (value > largest)
        value = largest;
    unsigned shift = mortise_log2((size_t)value) - mortise_histogram_fine;
    return (shift << mortise_histogram_fine) + (unsigned)(value >> shift);
}

/* The largest value that the bucket stands for. */
MORTISE_PLAIN uint64_t mortise_histogram_value(unsigned bucket)
{
    const unsigned fine = 1u << mortise_histogram_fine;
    if (bucket < 2 * fine)
        return bucket;
    unsigned shift = bucket / fine - 1;
    return ((uint64_t)(bucket % fine + fine + 1) << shift) - 1;
}

MORTISE_PLAIN void mortise_histogram_add(struct mortise_histogram *histogram, uint64_t value)
{
    mortise_count_up(&histogram->count[mortise_histogram_bucket(value)], 1);
    mortise_count_up(&histogram->total, value);
    if (value > MORTISE_LOAD_RELAXED(&histogram->most))
        MORTISE_STORE_RELAXED(&histogram->most, value);
}

/* Adds `other`, which its thread may be adding to, to a histogram of the caller's own. */
MORTISE_PLAIN void mortise_histogram_merge(struct mortise_histogram *histogram,
                                           const struct mortise_histogram *other)
{
    uint64_t most = MORTISE_LOAD_RELAXED(&other->most);
    histogram->total += MORTISE_LOAD_RELAXED(&other->total);
    histogram->failed += MORTISE_LOAD_RELAXED(&other->failed);
    histogram->most = most > histogram->most ? most : histogram->most;
    for (unsigned i = 0; i < mortise_histogram_buckets; i++)
        histogram->count[i] += MORTISE_LOAD_RELAXED(&other->count[i]);
}

MORTISE_PLAIN uint64_t mortise_histogram_count(const struct mortise_histogram *histogram)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < mortise_histogram_buckets; i++)
        count += histogram->count[i];
    return count;
}

/* The least value, as its bucket has it, that at most `above` in a million of the values exceed; it
 * is never too small, and at most a 128th too large. 0 of an empty histogram. */
MORTISE_PLAIN uint64_t mortise_histogram_exceeded(const struct mortise_histogram *histogram,
                                                  uint32_t above)
{
    uint64_t count = mortise_histogram_count(histogram);
    uint64_t rest = count - count / 1000000 * above - count % 1000000 * above / 1000000;
    for (unsigned i = 0; i < mortise_histogram_buckets && rest != 0; i++) {
        if (histogram->count[i] >= rest) {
            uint64_t value = mortise_histogram_value(i);
            return value < histogram->most ? value : histogram->most;
        }
        rest -= histogram->count[i];
    }
    return 0;
}

#endif
