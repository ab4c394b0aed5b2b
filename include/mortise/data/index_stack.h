/* SPDX-License-Identifier: MIT */
/*
 * A stack that threads share without locks: records that lie elsewhere, linked by their numbers.
 *
 * The top is one 64-bit word, a number and a tag that counts the changes, so that a compare and
 * swap fails if the top has been taken and has come back meanwhile (it would take 2^32 changes in
 * between to be fooled). A record is never unmapped, so its link may be read although another
 * thread has just taken it; what the record stands for is not touched at all and may be gone.
 *
 * An operation tries a bounded number of times, so it ends whatever other threads do: each failure
 * means that one of them has succeeded. All-zero memory is an empty stack.
 *
 * Ordering: push releases what the thread wrote about the record, pop acquires it. The link is read
 * without order: if it is not the one that belongs to the top, the swap fails.
 */
#ifndef MORTISE_DATA_INDEX_STACK_H
#define MORTISE_DATA_INDEX_STACK_H

#include "../core/atomic.h"

enum { mortise_index_stack_tries = 8 };

struct mortise_index_stack {
    uint64_t top; /* tag << 32 | number, 0: empty */
};

/* The link of record `number`, which is not 0. */
typedef uint32_t *mortise_index_link_t(void *records, uint32_t number);

MORTISE_FAST uint64_t mortise_index_stack_with(uint64_t top, uint32_t number)
{
    return ((top >> 32) + 1) << 32 | number;
}

/* False: others were faster each time. */
MORTISE_FAST bool mortise_index_stack_push(struct mortise_index_stack *stack,
                                           mortise_index_link_t *link, void *records,
                                           uint32_t number)
{
    uint64_t top = MORTISE_LOAD_RELAXED(&stack->top);
    for (int tries = 0; tries < mortise_index_stack_tries; tries++) {
        MORTISE_STORE_RELAXED(link(records, number), (uint32_t)top);
        if (MORTISE_CAS_RELEASE(&stack->top, &top, mortise_index_stack_with(top, number)))
            return true;
    }
    return false;
}

/* 0: empty, or others were faster each time. */
MORTISE_FAST uint32_t mortise_index_stack_pop(struct mortise_index_stack *stack,
                                              mortise_index_link_t *link, void *records)
{
    uint64_t top = MORTISE_LOAD_ACQUIRE(&stack->top);
    for (int tries = 0; tries < mortise_index_stack_tries && (uint32_t)top != 0; tries++) {
        uint32_t below = MORTISE_LOAD_RELAXED(link(records, (uint32_t)top));
        if (MORTISE_CAS_ACQ_REL(&stack->top, &top, mortise_index_stack_with(top, below)))
            return (uint32_t)(top & UINT32_MAX);
    }
    return 0;
}

#endif
