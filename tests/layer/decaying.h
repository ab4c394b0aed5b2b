/* SPDX-License-Identifier: MIT */
/*
 * What all layers promise whose free memory loses its pages when it is not needed for a while. The
 * clock is the test's own. To be included before a composition; behind it decaying_of.h.
 */
#include <stdbool.h>
#include <stdint.h>

static uint64_t milliseconds = 1000000;
#define MORTISE_MILLISECONDS milliseconds

#include "burst.h"

/* Little is served, and the time goes by. */
static void rest(const struct decaying *it, int steps, uint64_t each)
{
    for (int i = 0; i < steps; i++) {
        milliseconds += each;
        for (int j = 0; j < 8; j++) {
            void *block = it->get(it->heap, 40000);
            check(block != NULL, "a little is served");
            it->put(it->heap, block);
        }
    }
}

/* ---- what is promised ---- */

/* Three quarters of a burst are freed: what is in memory then is what lives, and an eighth of that,
 * 1 MB that the layer keeps, and what is in blocks too small to go; for these `more`. */
static void burst_goes_back(const struct decaying *it, long part, size_t size, size_t more)
{
    struct burst burst;
    burst_begin(it, &burst, 32 * MB, size);
    const long quarter = burst.count / 4;
    size_t height = burst_resident(&burst);
    check(height >= 31 * MB, "a burst is in memory");
    burst_free(it, &burst, 0, part * quarter);
    burst_free(it, &burst, (part + 1) * quarter, burst.count);
    rest(it, 40, 30);
    size_t live = (size_t)burst.left * size, after = burst_resident(&burst);
    if (after > live + live / 4 + more)
        fprintf(stderr, "part %ld size %zu: %zu KB live, %zu KB in memory\n", part, size,
                live / 1024, after / 1024);
    check(after <= live + live / 4 + more, "what is not needed any more goes back");
    for (long i = part * quarter; i < (part + 1) * quarter; i++)
        burst_check(&burst, i);
    burst_end(it, &burst);
}

/* What is needed again within the time stays in memory, however often it is free. */
static void steady_use_stays(const struct decaying *it)
{
    struct burst burst;
    size_t least = SIZE_MAX;
    for (int round = 0; round < 25; round++) {
        burst_begin(it, &burst, 7 * MB, 50000);
        milliseconds += 10;
        burst_free(it, &burst, 0, burst.count);
        rest(it, 3, 25);
        size_t in = burst_resident(&burst);
        burst_end(it, &burst);
        if (round > 5 && in < least)
            least = in;
    }
    check(least >= 7 * MB - 256 * 1024, "what is needed again soon stays");
}

/* Nothing goes while no time does. */
static void no_time_no_decay(const struct decaying *it)
{
    struct burst burst;
    burst_begin(it, &burst, 8 * MB, 40000);
    burst_free(it, &burst, burst.count / 8, burst.count);
    for (int i = 0; i < 100; i++)
        it->put(it->heap, it->get(it->heap, 1000));
    check(burst_resident(&burst) >= 8 * MB - 64 * 1024, "nothing goes within a moment");
    burst_end(it, &burst);
}

/* ---- random requests, while the time goes by ---- */

enum { SLOTS = 600 };

struct slot {
    unsigned char *block;
    size_t size;
    size_t step; /* from one byte of the block that is written and looked at to the next */
    unsigned char with;
};

static uint64_t chance(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

static void slot_check(const struct slot *slot)
{
    for (size_t at = 0; at < slot->size; at += slot->step)
        check(slot->block[at] == slot->with, "a block keeps what is in it");
}

static void slot_fill(struct slot *slot, size_t size, unsigned char with)
{
    slot->size = size;
    slot->step = 1 + size / 256;
    slot->with = with;
    if (getenv("MORTISE_TEST_ROUNDS") != NULL)
        memset(slot->block, with, size);
    for (size_t at = 0; at < size; at += slot->step)
        slot->block[at] = with;
}

static void slot_step(const struct decaying *it, struct slot *slot, uint64_t *seed)
{
    const uint64_t number = chance(seed);
    const size_t size = 1 + chance(seed) % ((size_t)1 << (4 + number % 18));
    const unsigned char with = (unsigned char)(number >> 32);
    if (slot->block != NULL && number % 5 == 0) {
        slot_check(slot);
        unsigned char *moved = (unsigned char *)it->change(it->heap, slot->block, size);
        check(moved != NULL, "a block changes its size");
        slot->block = moved;
        slot->size = slot->size < size ? slot->size : size;
        slot_check(slot);
        slot_fill(slot, size, with);
    } else if (slot->block != NULL) {
        slot_check(slot);
        it->put(it->heap, slot->block);
        slot->block = NULL;
    } else {
        if (number % 3 == 0) {
            slot->block = (unsigned char *)it->get_zero(it->heap, size);
            for (size_t at = 0; slot->block != NULL && at < size; at++)
                check(slot->block[at] == 0, "calloc is zero");
        } else if (number % 3 == 1) {
            slot->block = (unsigned char *)it->get(it->heap, size);
        } else {
            slot->block =
                (unsigned char *)it->get_aligned(it->heap, (size_t)64 << number / 64 % 11, size);
        }
        check(slot->block != NULL, "a request is served");
        slot_fill(slot, size, with);
    }
}

/* `audit` is called now and then, to look at what the layer has written down. */
static void random_while_time_goes_by(const struct decaying *it, void (*audit)(void *heap))
{
    static struct slot slot[SLOTS];
    uint64_t seed = 88172645463325252u;
    memset(slot, 0, sizeof slot);
    const long steps = getenv("MORTISE_TEST_ROUNDS") != NULL ? 60000 : 24000;
    for (long i = 0; i < steps; i++) {
        /* From few blocks to many and back, so that there is something to give back. */
        const long many = i / 6000 % 2 == 0 ? SLOTS : SLOTS / 20;
        slot_step(it, &slot[chance(&seed) % (uint64_t)many], &seed);
        for (long j = many; i % 6000 == 0 && j < SLOTS; j++)
            if (slot[j].block != NULL)
                slot_step(it, &slot[j], &seed);
        milliseconds += chance(&seed) % 100 == 0 ? chance(&seed) % 60 : 0;
        if (i % 100 == 0)
            audit(it->heap);
    }
    for (long j = 0; j < SLOTS; j++)
        if (slot[j].block != NULL) {
            slot_check(&slot[j]);
            it->put(it->heap, slot[j].block);
        }
    audit(it->heap);
}
