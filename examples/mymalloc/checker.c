/* SPDX-License-Identifier: MIT */
/*
 * Knows each byte that is part of a block that lives: one bit for 8 bytes, in parts of 1 MiB of
 * addresses. Whoever gets a block sets its bits, and finds one that is set already where two blocks
 * overlap or one was handed out twice, whichever threads have them; whoever frees it clears them.
 * And each block is full of a pattern of its own until then.
 */
#include "kit.h"

enum { PARTS = 1 << 14, PART = 1 << 20, UNIT = 8, WORDS = PART / UNIT / 64 };

struct part {
    uintptr_t number; /* and 1; 0: none */
    uint64_t *bits;
};

static struct part parts[PARTS];
static size_t requested, peak;

static uint64_t *bits_of(uintptr_t address)
{
    uintptr_t number = address / PART + 1;
    for (size_t at = number % PARTS;; at = (at + 1) % PARTS) {
        uintptr_t none = 0;
        if (!__atomic_compare_exchange_n(&parts[at].number, &none, number, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE) &&
            none != number)
            continue;
        uint64_t *bits = __atomic_load_n(&parts[at].bits, __ATOMIC_ACQUIRE);
        if (bits != NULL)
            return bits;
        uint64_t *fresh = kit_pages(WORDS * sizeof *fresh);
        if (fresh == NULL)
            kit_fail("no memory for the checker", WORDS);
        if (__atomic_compare_exchange_n(&parts[at].bits, &bits, fresh, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE))
            return fresh;
        kit_pages_give(fresh, WORDS * sizeof *fresh);
        return bits;
    }
}

/* Sets the bits of a block, or clears them; all must have been otherwise. */
static void turn(uintptr_t block, size_t size, bool lives)
{
    uintptr_t at = block, end = block + (size == 0 ? 1 : size);
    while (at < end) {
        uint64_t *word = &bits_of(at)[at % PART / UNIT / 64];
        unsigned first = at / UNIT % 64;
        uintptr_t next = (at / UNIT / 64 + 1) * UNIT * 64;
        unsigned count = next <= end ? 64 - first : (unsigned)((end - 1) / UNIT % 64 - first + 1);
        uint64_t mask = (count == 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1) << first;
        uint64_t before = lives ? __atomic_fetch_or(word, mask, __ATOMIC_RELAXED)
                                : __atomic_fetch_and(word, ~mask, __ATOMIC_RELAXED);
        if (lives && (before & mask) != 0)
            kit_fail("two blocks share memory at", at);
        if (!lives && (before & mask) != mask)
            kit_fail("what is freed was no block, at", at);
        at = next;
    }
}

/* A large block is looked at where it begins and where it ends, and each 4 KB. */
static void pattern(unsigned char *block, size_t size, bool write)
{
    unsigned char mark = (unsigned char)((uintptr_t)block >> 4 ^ size);
    for (size_t i = 0; i < size; i += i < 256 || size - i < 64 || i % 4096 == 0 ? 1 : 32) {
        if (write)
            block[i] = (unsigned char)(mark + i);
        else if (block[i] != (unsigned char)(mark + i))
            kit_fail("a block was written to by somebody else, at", (size_t)(block + i));
    }
}

void *kit_get(size_t size)
{
    unsigned char *block = mymalloc(size);
    if (block == NULL)
        return NULL;
    if ((uintptr_t)block % 8 != 0)
        kit_fail("a block is not aligned to 8", (size_t)block);
    turn((uintptr_t)block, size, true);
    pattern(block, size, true);
    size_t now = __atomic_add_fetch(&requested, size, __ATOMIC_RELAXED);
    size_t most = __atomic_load_n(&peak, __ATOMIC_RELAXED);
    while (now > most && !__atomic_compare_exchange_n(&peak, &most, now, true, __ATOMIC_RELAXED,
                                                      __ATOMIC_RELAXED)) {
    }
    return block;
}

void kit_put(void *block, size_t size)
{
    if (block == NULL)
        return;
    pattern(block, size, false);
    turn((uintptr_t)block, size, false);
    __atomic_sub_fetch(&requested, size, __ATOMIC_RELAXED);
    myfree(block);
}

size_t kit_requested(void)
{
    return requested;
}

size_t kit_requested_peak(void)
{
    return peak;
}

void kit_checker_begin(void)
{
    peak = requested;
}
