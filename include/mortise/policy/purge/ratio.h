/* SPDX-License-Identifier: MIT */
/*
 * ratio - free memory may have pages up to a part of what is in use, and no more
 *
 * What is beyond goes at the free that brings it there, so the bound holds at every moment, and who
 * frees pays for it. With `environment` the variable MALLOC_PURGE_RATIO says the percentage
 * instead; where there is none, or it is negative, pages stay. It is read when an arena begins.
 *
 * Needs: nothing
 * Offers: a bound on what lies free, for a program whose memory is counted
 *
 * Parameters:
 *   name         type  default  range       meaning
 *   percent      int   100      0..1000000  of what is in use may lie free with pages
 *   environment  bool  0        -           MALLOC_PURGE_RATIO says so instead
 *
 * Invariants: used + used * percent / 100 >= resident after each take that the system obeyed
 * Ordering: none; the layer's lock guards the state
 * Wins: none yet
 * Source: thestinger/allocator, purge.c: there any value from 0 on has all pages go that its cache
 *     of one chunk does not hold
 */
#ifndef MORTISE_POLICY_PURGE_RATIO_H
#define MORTISE_POLICY_PURGE_RATIO_H

#include "../../os/os.h"
#include "../purge.h"

#ifndef RATIO_PERCENT
#define RATIO_PERCENT 100
#endif
#ifndef RATIO_ENVIRONMENT
#define RATIO_ENVIRONMENT 0
#endif

enum {
    mortise_ratio_purges = 1,
    mortise_ratio_percent = RATIO_PERCENT,
    mortise_ratio_environment = RATIO_ENVIRONMENT,
    mortise_ratio_most = 1000000,
    MORTISE_RATIO_REST = 256 /* frees without a try after the system refused */
};

MORTISE_ASSERT_STATIC(RATIO_PERCENT >= 0 && RATIO_PERCENT <= 1000000,
                      "mortise: ratio: percent must lie in 0..1000000");

struct mortise_ratio {
    int32_t percent; /* -1: never */
    uint32_t begun;
    uint32_t rest;
};

/* A decimal number as strtol reads it, within what `percent` may be; 0 where there is none. */
MORTISE_SLOW int32_t mortise_ratio_number(const char *text)
{
    int64_t number = 0;
    while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
        text++;
    bool negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    for (; *text >= '0' && *text <= '9' && number < mortise_ratio_most; text++)
        number = number * 10 + (*text - '0');
    if (negative && number != 0)
        return -1;
    return number < mortise_ratio_most ? (int32_t)number : (int32_t)mortise_ratio_most;
}

MORTISE_SLOW void mortise_ratio_init(struct mortise_ratio *state, struct mortise_purge parameters)
{
    state->percent = mortise_purge_given(parameters.percent, mortise_ratio_percent);
    if (mortise_purge_given(parameters.environment, mortise_ratio_environment) != 0) {
        const char *text = mortise_os_environment("MALLOC_PURGE_RATIO");
        state->percent = text != NULL ? mortise_ratio_number(text) : -1;
    }
    state->begun = 1;
}

/* The bytes beyond what may lie free. */
MORTISE_FAST size_t mortise_ratio_excess(const struct mortise_ratio *state, size_t used,
                                         size_t resident)
{
    if (!state->begun || state->percent < 0)
        return 0;
    size_t free = resident > used ? resident - used : 0;
    size_t most = used / 100 * (size_t)state->percent +
                  used % 100 * (size_t)state->percent / 100; /* without overflow below 2^44 */
    return free > most ? free - most : 0;
}

MORTISE_FAST bool mortise_ratio_due(struct mortise_ratio *state, size_t used, size_t resident,
                                    struct mortise_purge parameters)
{
    (void)parameters;
    if (MORTISE_UNLIKELY(state->rest != 0)) {
        state->rest--;
        return false;
    }
    return mortise_ratio_excess(state, used, resident) != 0;
}

MORTISE_FAST uint64_t mortise_ratio_look(const struct mortise_ratio *state,
                                         struct mortise_purge parameters)
{
    (void)state, (void)parameters;
    return 1;
}

MORTISE_FAST size_t mortise_ratio_take(struct mortise_ratio *state, uint64_t seen, size_t used,
                                       size_t resident, struct mortise_purge parameters)
{
    (void)seen, (void)parameters;
    return mortise_ratio_excess(state, used, resident);
}

MORTISE_FAST size_t mortise_ratio_later(const struct mortise_ratio *state,
                                        struct mortise_purge parameters)
{
    (void)state, (void)parameters;
    return 0;
}

MORTISE_FAST void mortise_ratio_rest(struct mortise_ratio *state)
{
    state->rest = MORTISE_RATIO_REST;
}

#undef RATIO_PERCENT
#undef RATIO_ENVIRONMENT

#endif
