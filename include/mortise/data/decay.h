/* SPDX-License-Identifier: MIT */
/*
 * When free memory gives its pages back: a part of what has not been needed for a while, again and
 * again. For one thread.
 *
 * The most that was in use at any time of the last four ticks is what will be needed again, and
 * stays, with an eighth of it and a little more; of what is beyond, each tick takes a quarter. So a
 * program whose use goes up and down within that time does not fault its pages in again and again,
 * and one that has become idle has given back nine tenths after another eight ticks.
 *
 * A layer looks at the clock at a large free, at every eighth other one while more lies free than
 * would stay, else at one of 256, and after a pause at the first few; in between it costs one test.
 * What is in use between two looks is not seen, which is little, for all of it is small.
 *
 * All-zero memory has not seen anything yet.
 *
 * Source: the decay of jemalloc, with the greatest demand of a window in place of a backlog of
 * unused pages
 */
#ifndef MORTISE_DATA_DECAY_H
#define MORTISE_DATA_DECAY_H

#include "../core/atomic.h"
#include "../core/bits.h"

enum {
    MORTISE_DECAY_TICKS = 4,
    MORTISE_DECAY_ALL = 16,      /* ticks after which next to nothing is left */
    MORTISE_DECAY_SKIPPED = 255, /* requests between looks, most */
    MORTISE_DECAY_EAGER = 7,     /* while there is something to give back */
    MORTISE_DECAY_LARGE = 32768, /* bytes of a free that is looked at */
    MORTISE_DECAY_SLACK = 1 << 20,
    MORTISE_DECAY_REST = 256 /* ticks without a try after the system refused */
};

struct mortise_decay {
    uint32_t left;    /* requests until the next look */
    uint32_t skipped; /* requests between two */
    uint32_t turn;    /* of what was used, for the last tick */
    uint32_t exceeds; /* more lay free then than would stay; read outside the lock too */
    uint64_t tick;    /* number of the last one seen + 1; read outside the lock too */
    size_t most;      /* in use at the looks since then */
    size_t used[MORTISE_DECAY_TICKS];
};

/* More lies free than would stay, with so many bytes in use and with pages. */
MORTISE_PLAIN bool mortise_decay_exceeds(size_t used, size_t resident)
{
    return resident > used + used / 8 + MORTISE_DECAY_SLACK;
}

/* It is time to look at the clock; the next one comes later. */
MORTISE_PLAIN void mortise_decay_note(struct mortise_decay *decay, size_t used, size_t resident)
{
    bool exceeds = mortise_decay_exceeds(used, resident);
    MORTISE_STORE_RELAXED(&decay->exceeds, (uint32_t)exceeds);
    uint32_t most = exceeds ? MORTISE_DECAY_EAGER : MORTISE_DECAY_SKIPPED;
    decay->left = decay->skipped < most ? decay->skipped : most;
    decay->skipped = decay->skipped < most ? decay->skipped * 2 + 1 : most;
    if (used > decay->most)
        decay->most = used;
}

/* Counts a request; false where it is time to look at the clock. */
MORTISE_FAST bool mortise_decay_count(struct mortise_decay *decay)
{
    if (MORTISE_UNLIKELY(decay->left == 0))
        return false;
    decay->left--;
    return true;
}

/* The number of the tick at a time. */
MORTISE_FAST uint64_t mortise_decay_tick_at(uint64_t milliseconds, uint64_t period)
{
    uint64_t length = period / MORTISE_DECAY_TICKS;
    return milliseconds / (length != 0 ? length : 1) + 1;
}

/* The length of a tick in milliseconds, or `length` where that is longer. */
MORTISE_FAST size_t mortise_decay_slower(size_t length, uint64_t period)
{
    size_t mine = (size_t)(period / MORTISE_DECAY_TICKS);
    return mine > length ? mine : length;
}

/* Has a tick begun that was not seen yet? Relaxed: who is told so too early or too late finds out
 * under the lock. */
MORTISE_FAST bool mortise_decay_is_new(const struct mortise_decay *decay, uint64_t tick)
{
    return tick > MORTISE_LOAD_RELAXED(&decay->tick);
}

/* Ticks that nobody saw do not count: the program may just not have been run. */
MORTISE_PLAIN void mortise_decay_begin(struct mortise_decay *decay, uint64_t tick, size_t used)
{
    decay->turn = (decay->turn + 1) % MORTISE_DECAY_TICKS;
    decay->used[decay->turn] = decay->most > used ? decay->most : used;
    decay->most = 0;
    MORTISE_STORE_RELAXED(&decay->tick, tick);
}

/* A tick begins, with `used` bytes in use and `resident` ones that have pages, used or not: how
 * many of these should lose them. */
MORTISE_SLOW size_t mortise_decay_take(struct mortise_decay *decay, uint64_t tick, size_t used,
                                       size_t resident)
{
    if (!mortise_decay_is_new(decay, tick))
        return 0;
    uint64_t passed = tick - decay->tick;
    bool first = decay->tick == 0;
    mortise_decay_begin(decay, tick, used);
    if (first)
        decay->used[decay->turn] = resident; /* nothing has been idle for long */
    else if (passed > 1)
        decay->skipped = decay->left = 0;
    size_t stays = used;
    for (unsigned i = 0; i < MORTISE_DECAY_TICKS; i++)
        stays = decay->used[i] > stays ? decay->used[i] : stays;
    if (!mortise_decay_exceeds(stays, resident))
        return 0;
    stays += stays / 8 + MORTISE_DECAY_SLACK;
    size_t left = resident - stays;
    for (uint64_t i = 0; i < passed && i < MORTISE_DECAY_ALL; i++)
        left -= left / 4;
    return passed >= MORTISE_DECAY_ALL ? resident - stays : resident - stays - left;
}

/* The system has refused: it would again. A procedure for a lock; the argument is the decay. */
MORTISE_SLOW void mortise_decay_do_rest(void *argument)
{
    struct mortise_decay *decay = (struct mortise_decay *)argument;
    MORTISE_STORE_RELAXED(&decay->tick, decay->tick + MORTISE_DECAY_REST);
}

#endif
