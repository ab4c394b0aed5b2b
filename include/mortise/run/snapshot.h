/* SPDX-License-Identifier: MIT */
/*
 * A picture of heaps as text, which `mortise inspect` reads. Nothing here allocates, looks at the
 * state of a thread, or needs a system: the text goes to a function, in parts.
 *
 *     mortise-heap 1
 *     process 17                          these two where there are processes
 *     program /usr/bin/python3
 *     composition tlsf
 *     moment end                          of the program; live, while it runs; call, it asked
 *     consistent yes                      no: somebody was in the middle of something
 *     layer 0 brk_heap 0 1                its place, its number among those that place, it walks
 *     heap 0                              what follows is of this one; its serial number
 *     state 2 1234                        of this state of a thread, and the thread
 *     a 1 5581f000 28 30 7 - 0            seven pieces that are allocated, layer 1 has them, the
 *                                         first at this address, of this size, at this distance;
 *                                         what list or part they are in, and which
 *     end 9                               lines, all but this
 *
 * The first letter is r, a, f, c or t: a region, allocated, free, cached, top (core/walk.h).
 * Figures of pieces are hexadecimal, others are not. Text without the last line is not whole.
 */
#ifndef MORTISE_RUN_SNAPSHOT_H
#define MORTISE_RUN_SNAPSHOT_H

#include "../core/life.h"
#include "../core/walk.h"

/* Takes the next part of the text; false: it cannot, and is not called again. */
typedef bool mortise_snapshot_write_t(void *argument, const char *text, size_t length);

struct mortise_snapshot {
    mortise_snapshot_write_t *write;
    void *argument;
    bool failed;
    const struct mortise_layer_name *layers; /* of the composition */
    uint64_t lines;
    unsigned state;             /* the one that was named last */
    struct mortise_piece piece; /* the first of those that are not written yet */
    size_t stride;
    uint64_t count; /* of them */
    char *buffer;
    size_t length, room;
};

MORTISE_SLOW void mortise_snapshot_flush(struct mortise_snapshot *to)
{
    if (!to->failed && !to->write(to->argument, to->buffer, to->length))
        to->failed = true;
    to->length = 0;
}

MORTISE_PLAIN void mortise_snapshot_put(struct mortise_snapshot *to, char c)
{
    if (to->length == to->room)
        mortise_snapshot_flush(to);
    to->buffer[to->length++] = c;
}

/* One more word of a line. What would end that is left out. */
MORTISE_SLOW void mortise_snapshot_word(struct mortise_snapshot *to, const char *word)
{
    mortise_snapshot_put(to, ' ');
    for (; *word != '\0'; word++)
        if (*word != '\n' && *word != '\r')
            mortise_snapshot_put(to, *word);
}

MORTISE_SLOW void mortise_snapshot_number(struct mortise_snapshot *to, uint64_t number,
                                          unsigned base)
{
    char digits[24];
    unsigned length = 0;
    do {
        digits[length++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    mortise_snapshot_put(to, ' ');
    while (length > 0)
        mortise_snapshot_put(to, digits[--length]);
}

/* Begins a line with its first word. */
MORTISE_PLAIN void mortise_snapshot_line(struct mortise_snapshot *to, const char *first)
{
    for (; *first != '\0'; first++)
        mortise_snapshot_put(to, *first);
}

MORTISE_PLAIN void mortise_snapshot_end_line(struct mortise_snapshot *to)
{
    mortise_snapshot_put(to, '\n');
    to->lines++;
}

/* A line of a word and what it says. */
MORTISE_SLOW void mortise_snapshot_say(struct mortise_snapshot *to, const char *what,
                                       const char *value)
{
    mortise_snapshot_line(to, what);
    mortise_snapshot_word(to, value);
    mortise_snapshot_end_line(to);
}

MORTISE_SLOW void mortise_snapshot_say_number(struct mortise_snapshot *to, const char *what,
                                              uint64_t value)
{
    mortise_snapshot_line(to, what);
    mortise_snapshot_number(to, value, 10);
    mortise_snapshot_end_line(to);
}

/* Begins the text. The buffer, of `room` bytes, is the caller's until the end. */
MORTISE_SLOW void mortise_snapshot_begin(struct mortise_snapshot *to, char *buffer, size_t room,
                                         mortise_snapshot_write_t *write, void *argument)
{
    to->write = write;
    to->argument = argument;
    to->buffer = buffer;
    to->room = room;
    mortise_snapshot_say_number(to, "mortise-heap", 1);
}

MORTISE_SLOW void mortise_snapshot_say_layers(struct mortise_snapshot *to)
{
    for (unsigned i = 0; to->layers[i].name != NULL; i++) {
        mortise_snapshot_line(to, "layer");
        mortise_snapshot_number(to, i, 10);
        mortise_snapshot_word(to, to->layers[i].name);
        mortise_snapshot_number(to, to->layers[i].number, 10);
        mortise_snapshot_number(to, to->layers[i].walks, 10);
        mortise_snapshot_end_line(to);
    }
}

MORTISE_PLAIN bool mortise_snapshot_same(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

/* Writes the pieces that wait. */
MORTISE_SLOW void mortise_snapshot_pieces(struct mortise_snapshot *to)
{
    const struct mortise_piece *piece = &to->piece;
    char state[2] = {"rafct"[piece->state], '\0'};
    unsigned layer = 0;
    if (to->count == 0)
        return;
    while (to->layers[layer].name != NULL &&
           !mortise_snapshot_same(to->layers[layer].name, piece->layer))
        layer++;
    mortise_snapshot_line(to, state);
    mortise_snapshot_number(to, layer, 16);
    mortise_snapshot_number(to, (uintptr_t)piece->address, 16);
    mortise_snapshot_number(to, piece->size, 16);
    mortise_snapshot_number(to, to->stride, 16);
    mortise_snapshot_number(to, to->count, 16);
    mortise_snapshot_word(to, piece->label != NULL ? piece->label : "-");
    mortise_snapshot_number(to, piece->number, 16);
    mortise_snapshot_end_line(to);
    to->count = 0;
}

/* Whether a piece goes on where those that wait end. */
MORTISE_PLAIN bool mortise_snapshot_goes_on(struct mortise_snapshot *to,
                                            const struct mortise_piece *piece)
{
    const struct mortise_piece *first = &to->piece;
    size_t away = (size_t)((uintptr_t)piece->address - (uintptr_t)first->address);
    if (to->count == 0 || piece->state != first->state || piece->size != first->size ||
        piece->number != first->number || !mortise_snapshot_same(piece->layer, first->layer) ||
        !mortise_snapshot_same(piece->label, first->label))
        return false;
    if (to->count == 1 && away >= piece->size && away <= 2 * piece->size + 64)
        to->stride = away;
    return away == to->count * to->stride;
}

/* Takes down a piece of memory. */
MORTISE_SLOW void mortise_snapshot_add(struct mortise_snapshot *to, const struct mortise_walk *walk,
                                       const struct mortise_piece *piece)
{
    if (walk->state != to->state) {
        mortise_snapshot_pieces(to);
        to->state = walk->state;
        mortise_snapshot_line(to, "state");
        mortise_snapshot_number(to, walk->state, 10);
        mortise_snapshot_number(to, walk->thread, 10);
        mortise_snapshot_end_line(to);
    }
    if (mortise_snapshot_goes_on(to, piece)) {
        to->count++;
        return;
    }
    mortise_snapshot_pieces(to);
    to->piece = *piece;
    to->stride = piece->size;
    to->count = 1;
}

/* Begins what is told of a heap. */
MORTISE_SLOW void mortise_snapshot_heap(struct mortise_snapshot *to, uint64_t serial)
{
    mortise_snapshot_pieces(to);
    to->state = 0;
    mortise_snapshot_say_number(to, "heap", serial);
}

/* False where not all of it could be written. */
MORTISE_SLOW bool mortise_snapshot_end(struct mortise_snapshot *to)
{
    mortise_snapshot_pieces(to);
    mortise_snapshot_say_number(to, "end", to->lines);
    mortise_snapshot_flush(to);
    return !to->failed;
}

#endif
