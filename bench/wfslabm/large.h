/* SPDX-License-Identifier: MIT */
/*
 * Large blocks of wfslabm: rounded up to powers of two, kept free in one stack a class, without
 * locks. Stacks link numbers of records, with a tag against reuse; each operation tries eight times
 * and then takes another way.
 */
#ifndef WFSLABM_LARGE_H
#define WFSLABM_LARGE_H

#include "classes.h"
#include "pages.h"

enum { TRIES = 8, CHUNKS = 4096, IN_CHUNK = 1024 };

#define KEEP ((size_t)16 << 20)

struct large {
    char *base;
    size_t bytes;
    uint32_t szcls;
    uint32_t number;
    uint32_t link;
    uint32_t taken;
} __attribute__((aligned(LINE)));

_Static_assert(sizeof(struct large) * IN_CHUNK == GRANULE, "a chunk of records is a granule");

struct stack {
    uint64_t top; /* tag << 32 | number */
};

/* The part of a thread's state that belongs here. */
struct larges {
    uint32_t parked[LARGE_CLASSES]; /* what a stack did not take in time */
    struct own own;
    bool begun;
};

static struct stack large_free[LARGE_CLASSES], large_spare;
static uint32_t large_made;
static size_t large_held;
static struct large *large_chunk[CHUNKS];

HOT struct large *large_at(uint32_t number)
{
    return &__atomic_load_n(&large_chunk[number / IN_CHUNK], __ATOMIC_ACQUIRE)[number % IN_CHUNK];
}

HOT bool push(struct stack *stack, uint32_t number)
{
    uint64_t top = __atomic_load_n(&stack->top, __ATOMIC_RELAXED);
    for (int tries = 0; tries < TRIES; tries++) {
        __atomic_store_n(&large_at(number)->link, (uint32_t)top, __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&stack->top, &top, ((top >> 32) + 1) << 32 | number, false,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            return true;
    }
    return false;
}

HOT uint32_t pop(struct stack *stack)
{
    uint64_t top = __atomic_load_n(&stack->top, __ATOMIC_ACQUIRE);
    for (int tries = 0; tries < TRIES && (uint32_t)top != 0; tries++) {
        uint32_t below = __atomic_load_n(&large_at((uint32_t)top)->link, __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&stack->top, &top, ((top >> 32) + 1) << 32 | below, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            return (uint32_t)top;
    }
    return 0;
}

HOT struct own *own_of(struct larges *mine)
{
    return mine->begun ? &mine->own : NULL;
}

COLD struct large *get_record(struct larges *mine)
{
    uint32_t number = pop(&large_spare);
    if (number != 0)
        return large_at(number);
    if (__atomic_load_n(&large_made, __ATOMIC_RELAXED) >= CHUNKS * IN_CHUNK - 65536)
        return NULL;
    number = __atomic_fetch_add(&large_made, 1, __ATOMIC_RELAXED) + 1;
    struct large **chunk = &large_chunk[number / IN_CHUNK], *none = NULL;
    if (__atomic_load_n(chunk, __ATOMIC_ACQUIRE) == NULL) {
        struct large *fresh = (struct large *)take_region(own_of(mine), GRANULE);
        if (fresh == NULL)
            return NULL;
        if (!__atomic_compare_exchange_n(chunk, &none, fresh, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE))
            drop_region(fresh, GRANULE);
    }
    large_at(number)->number = number;
    return large_at(number);
}

COLD void *make_large(struct larges *mine, unsigned szcls)
{
    struct large *block = get_record(mine);
    if (block == NULL)
        return NULL;
    size_t bytes = round_up((size_t)16 << szcls, GRANULE);
    char *base = take_region(own_of(mine), bytes);
    if (base != NULL) {
        block->base = base;
        block->bytes = bytes;
        block->szcls = szcls;
        __atomic_store_n(&block->taken, 1, __ATOMIC_RELAXED);
        if (set_owner(base, bytes, (uintptr_t)block | LARGE))
            return base;
        drop_region(base, bytes);
    }
    push(&large_spare, block->number);
    return NULL;
}

COLD void give_back(struct large *block)
{
    drop_region(block->base, block->bytes);
    push(&large_spare, block->number);
}

COLD void keep(struct larges *mine, struct large *block)
{
    __atomic_fetch_add(&large_held, block->bytes, __ATOMIC_RELAXED);
    if (push(&large_free[block->szcls], block->number))
        return;
    if (mine->begun) {
        block->link = mine->parked[block->szcls];
        mine->parked[block->szcls] = block->number;
    } else {
        __atomic_fetch_sub(&large_held, block->bytes, __ATOMIC_RELAXED);
        give_back(block);
    }
}

HOT struct large *find_large(struct larges *mine, unsigned szcls)
{
    uint32_t number = mine->parked[szcls];
    if (UNLIKELY(number != 0))
        mine->parked[szcls] = large_at(number)->link;
    else
        number = pop(&large_free[szcls]);
    if (number == 0)
        return NULL;
    __atomic_fetch_sub(&large_held, large_at(number)->bytes, __ATOMIC_RELAXED);
    return large_at(number);
}

/* `size` in 1 .. 1 GiB; *fresh where all of it is zero. */
HOT void *take_large(struct larges *mine, size_t size, bool *fresh)
{
    unsigned szcls = large_class_of(size);
    struct large *block = find_large(mine, szcls);
    *fresh = block == NULL;
    if (block == NULL)
        return make_large(mine, szcls);
    __atomic_store_n(&block->taken, 1, __ATOMIC_RELAXED);
    return block->base;
}

HOT struct large *large_of(uint64_t owner)
{
    return (struct large *)(uintptr_t)(owner - LARGE);
}

/* False: free already. */
HOT bool free_large(struct larges *mine, struct large *block)
{
    if (__atomic_exchange_n(&block->taken, 0, __ATOMIC_ACQ_REL) == 0)
        return false;
    if (__atomic_load_n(&large_held, __ATOMIC_RELAXED) + block->bytes <= KEEP)
        keep(mine, block);
    else
        give_back(block);
    return true;
}

/* A region that was a slab. */
COLD void return_region(struct larges *mine, char *base, uint64_t owner)
{
    struct large *block = large_of(owner);
    set_owner(base, block->bytes, owner);
    free_large(mine, block);
}

/* At the end of a thread. */
COLD void share_parked(struct larges *mine)
{
    for (unsigned szcls = 0; szcls < LARGE_CLASSES; szcls++) {
        uint32_t number = mine->parked[szcls];
        mine->parked[szcls] = 0;
        while (number != 0) {
            struct large *block = large_at(number);
            number = block->link;
            __atomic_fetch_sub(&large_held, block->bytes, __ATOMIC_RELAXED);
            keep(mine, block);
        }
    }
}

COLD void release_larges(struct larges *mine)
{
    struct large *block;
    for (unsigned szcls = 0; szcls < LARGE_CLASSES; szcls++)
        while ((block = find_large(mine, szcls)) != NULL)
            give_back(block);
}

#endif
