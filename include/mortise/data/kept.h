/* SPDX-License-Identifier: MIT */
/*
 * A few freed mappings, for whoever wants one of about their size. For any number of threads,
 * without locks: each call takes a bounded number of steps.
 *
 * A mapping that comes again costs no system call, and no fault for each of its pages, which is
 * most of what a large block costs. There are so few that a request looks at all of them; where one
 * more would be too many, or too much, the caller takes those that lie longest and unmaps them.
 *
 * All-zero memory keeps nothing.
 *
 * Invariants: `bytes` is never less than what the slots hold, and only for a moment more than that
 *     by what somebody is about to put in or has just taken out.
 * Ordering: stands at each operation below
 */
#ifndef MORTISE_DATA_KEPT_H
#define MORTISE_DATA_KEPT_H

#include "../core/atomic.h"
#include "../core/bits.h"
#include "../core/error.h"

enum { MORTISE_KEPT = 16 };

/* Whole granules. NULL and 0: none. */
struct mortise_kept_piece {
    char *base;
    size_t size;
};

struct mortise_kept {
    uintptr_t slot[MORTISE_KEPT]; /* base + number of granules, or 0 */
    size_t bytes;
    size_t turn; /* of the slots, to be emptied */
};

/* Larger ones are not kept: their number of granules would not fit in the bits below a base. */
#define MORTISE_KEPT_LARGEST ((size_t)(MORTISE_GRANULE - 1) * MORTISE_GRANULE)

MORTISE_PLAIN struct mortise_kept_piece mortise_kept_piece_of(uintptr_t word)
{
    struct mortise_kept_piece piece;
    piece.base = (char *)(word & ~(uintptr_t)(MORTISE_GRANULE - 1));
    piece.size = (size_t)(word & (MORTISE_GRANULE - 1)) * MORTISE_GRANULE;
    return piece;
}

/* False when that would make more than `limit` bytes, or more pieces than there are slots. Release:
 * what was written to the piece comes before whatever its next owner does with it. The sum is
 * raised first, so that threads together do not exceed the limit; it orders nothing. */
MORTISE_SLOW bool mortise_kept_add(struct mortise_kept *kept, struct mortise_kept_piece piece,
                                   size_t limit)
{
    size_t before = MORTISE_ADD_RELAXED(&kept->bytes, piece.size);
    bool fits =
        piece.size <= MORTISE_KEPT_LARGEST && piece.size <= limit && before <= limit - piece.size;
    uintptr_t word = (uintptr_t)piece.base + piece.size / MORTISE_GRANULE;
    for (unsigned i = 0; fits && i < MORTISE_KEPT; i++) {
        uintptr_t found = 0;
        if (MORTISE_LOAD_RELAXED(&kept->slot[i]) == 0 &&
            MORTISE_CAS_RELEASE(&kept->slot[i], &found, word))
            return true;
    }
    MORTISE_SUB_RELAXED(&kept->bytes, piece.size);
    return false;
}

/* Takes out what was seen in a slot; that it was put there anew meanwhile makes no difference.
 * Acquire: see mortise_kept_add. */
MORTISE_PLAIN bool mortise_kept_claim(struct mortise_kept *kept, unsigned index, uintptr_t word)
{
    if (word == 0 || !MORTISE_CAS_ACQUIRE(&kept->slot[index], &word, (uintptr_t)0))
        return false;
    MORTISE_SUB_RELAXED(&kept->bytes, mortise_kept_piece_of(word).size);
    return true;
}

/* The piece whose size is nearest, of those from half to twice as large; NULL: none. */
MORTISE_SLOW struct mortise_kept_piece mortise_kept_take(struct mortise_kept *kept, size_t size)
{
    for (unsigned tries = 0; tries < MORTISE_KEPT; tries++) {
        uintptr_t found = 0;
        unsigned at = 0;
        size_t least = SIZE_MAX;
        for (unsigned i = 0; i < MORTISE_KEPT; i++) {
            uintptr_t word = MORTISE_LOAD_RELAXED(&kept->slot[i]);
            size_t has = mortise_kept_piece_of(word).size;
            size_t away = has > size ? has - size : size - has;
            if (away > (has > size ? size : has) || away >= least)
                continue;
            found = word;
            at = i;
            least = away;
        }
        if (found == 0)
            break;
        if (mortise_kept_claim(kept, at, found))
            return mortise_kept_piece_of(found);
    }
    return mortise_kept_piece_of(0);
}

/* How many there are; while others add and take, about as many. */
MORTISE_SLOW size_t mortise_kept_pieces(struct mortise_kept *kept)
{
    size_t pieces = 0;
    for (unsigned i = 0; i < MORTISE_KEPT; i++)
        pieces += MORTISE_LOAD_RELAXED(&kept->slot[i]) != 0;
    return pieces;
}

/* Any piece, in turn: about the one that lies longest; NULL: none. */
MORTISE_SLOW struct mortise_kept_piece mortise_kept_take_any(struct mortise_kept *kept)
{
    for (unsigned tries = 0; tries < MORTISE_KEPT; tries++) {
        unsigned at = (unsigned)(MORTISE_ADD_RELAXED(&kept->turn, 1) % MORTISE_KEPT);
        uintptr_t word = MORTISE_LOAD_RELAXED(&kept->slot[at]);
        if (mortise_kept_claim(kept, at, word))
            return mortise_kept_piece_of(word);
    }
    return mortise_kept_piece_of(0);
}

#endif
