/* SPDX-License-Identifier: MIT */
/*
 * Where a thread finds its state in each run-time heap: a small hash table of its own, keyed by the
 * heap's serial number. Serials are never used twice, so an entry for a destroyed heap can never be
 * taken for one of a heap that was created later at the same address.
 *
 * Only the owning thread touches a table.
 */
#ifndef MORTISE_RUN_SEATS_H
#define MORTISE_RUN_SEATS_H

#include "../os/os.h"

struct mortise_seat {
    uint64_t serial; /* 0: empty */
    void *heap;
    void *local;
};

struct mortise_seats {
    size_t mask; /* capacity - 1, a power of two less one */
    size_t taken;
    size_t bytes; /* mapped for this table, 0: the static empty one */
    struct mortise_seat seat[1];
};

/* The table of a thread that has none: every look-up misses, without a test for NULL. */
static const struct mortise_seats mortise_no_seats __attribute__((unused)) = {0, 0, 0, {{0, 0, 0}}};

/* The state for the heap of that serial, or NULL. Probes end: a quarter of the table is empty. */
MORTISE_FAST void *mortise_seats_find(const struct mortise_seats *seats, uint64_t serial)
{
    for (size_t i = (size_t)serial & seats->mask;; i = (i + 1) & seats->mask) {
        if (seats->seat[i].serial == serial)
            return seats->seat[i].local;
        if (seats->seat[i].serial == 0)
            return NULL;
    }
}

MORTISE_PLAIN void mortise_seats_put(struct mortise_seats *seats, struct mortise_seat seat)
{
    size_t i = (size_t)seat.serial & seats->mask;
    while (seats->seat[i].serial != 0)
        i = (i + 1) & seats->mask;
    seats->seat[i] = seat;
    seats->taken++;
}

MORTISE_PLAIN bool mortise_seats_full(const struct mortise_seats *seats)
{
    return seats->bytes == 0 || (seats->taken + 1) * 4 > (seats->mask + 1) * 3;
}

/* An empty table for at least `count` entries and one more, or NULL. */
MORTISE_PLAIN struct mortise_seats *mortise_seats_make(size_t count)
{
    size_t capacity = 64;
    while (capacity < (count + 1) * 2)
        capacity *= 2;
    size_t bytes = sizeof(struct mortise_seats) + (capacity - 1) * sizeof(struct mortise_seat);
    bytes = mortise_round_up(bytes, mortise_os_page_size());
    struct mortise_seats *seats =
        (struct mortise_seats *)mortise_os_map(bytes, mortise_os_page_size());
    if (seats != NULL) {
        seats->mask = capacity - 1;
        seats->bytes = bytes;
    }
    return seats;
}

MORTISE_PLAIN void mortise_seats_drop(struct mortise_seats *seats)
{
    if (seats->bytes != 0)
        mortise_os_unmap(seats, seats->bytes);
}

#endif
