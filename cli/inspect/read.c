/* SPDX-License-Identifier: MIT */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../text.h"

enum { WORDS = 9, LAYERS_MOST = 64, PIECES_MOST = 32 * 1024 * 1024 };

/* What has been read up to here. */
struct reader {
    struct inspect *picture;
    struct diags *diags;
    const char *at, *end;
    size_t line; /* the one that was read last, from 1 on */
    char *word[WORDS];
    size_t words;
    uint64_t pieces; /* each of a run counts */
    uint32_t thread; /* whose pieces come, see struct inspect_piece */
    bool ended;
};

static bool wrong(struct reader *reader, const char *what)
{
    diag_add(reader->diags, "'%s' is no picture of a heap: line %zu: %s",
             text_escape(reader->picture->from), reader->line, what)
        ->help = "mortise inspect reads what a program writes that runs with MORTISE_INSPECT=FILE";
    return false;
}

/* A line, split into words; the last word of a line of two is all that follows. */
static bool next_line(struct reader *reader)
{
    const char *close = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    if (close == NULL)
        return false;
    char *at = mem_text(reader->at, (size_t)(close - reader->at));
    reader->at = close + 1;
    reader->line++;
    reader->words = 0;
    const bool names = strncmp(at, "program ", 8) == 0;
    while (reader->words < WORDS) {
        reader->word[reader->words++] = at;
        at = names && reader->words == 2 ? NULL : strchr(at, ' ');
        if (at == NULL)
            break;
        *at++ = '\0';
    }
    return true;
}

/* Of a word that is a figure and nothing else. */
static bool number(const char *word, int base, uint64_t *value)
{
    static const char digits[] = "0123456789abcdef";
    *value = 0;
    for (const char *at = word; *at != '\0'; at++) {
        const char *digit = memchr(digits, *at, (size_t)base);
        if (digit == NULL || *value > UINT64_MAX / (unsigned)base - 1)
            return false;
        *value = *value * (unsigned)base + (uint64_t)(digit - digits);
    }
    return *word != '\0';
}

static bool read_layer(struct reader *reader)
{
    struct inspect *picture = reader->picture;
    uint64_t place, order, walks;
    if (reader->words != 5 || !number(reader->word[1], 10, &place) ||
        !number(reader->word[3], 10, &order) || !number(reader->word[4], 10, &walks) ||
        place != picture->layer_count || place >= LAYERS_MOST ||
        !text_is_name(reader->word[2], strlen(reader->word[2])))
        return wrong(reader, "a layer has its place, its name and two figures");
    picture->layers = mem_more(picture->layers, picture->layer_count, sizeof *picture->layers);
    picture->layers[picture->layer_count++] =
        (struct inspect_layer){.name = reader->word[2], .walks = walks != 0};
    return true;
}

static void add_thread(struct inspect_heap *heap, uint64_t state, uint64_t thread)
{
    heap->threads = mem_more(heap->threads, heap->thread_count, sizeof *heap->threads);
    heap->threads[heap->thread_count++] = (struct inspect_thread){state, thread};
}

static bool read_heap(struct reader *reader)
{
    struct inspect *picture = reader->picture;
    uint64_t serial;
    if (reader->words != 2 || !number(reader->word[1], 10, &serial))
        return wrong(reader, "a heap has a serial number");
    picture->heaps = mem_more(picture->heaps, picture->heap_count, sizeof *picture->heaps);
    struct inspect_heap *heap = &picture->heaps[picture->heap_count++];
    *heap = (struct inspect_heap){.serial = serial};
    add_thread(heap, 0, 0);
    reader->thread = 0;
    return true;
}

static bool read_state(struct reader *reader)
{
    struct inspect *picture = reader->picture;
    uint64_t state, thread;
    if (picture->heap_count == 0 || reader->words != 3 || !number(reader->word[1], 10, &state) ||
        !number(reader->word[2], 10, &thread))
        return wrong(reader, "the state of a thread has two figures, and is of a heap");
    struct inspect_heap *heap = &picture->heaps[picture->heap_count - 1];
    reader->thread = (uint32_t)heap->thread_count;
    add_thread(heap, state, thread);
    return true;
}

/* Whether a run of pieces lies within what a processor can address. */
static bool is_sound(const struct inspect_piece *piece)
{
    const uint64_t most = (uint64_t)1 << 57;
    return piece->address < most && piece->size > 0 && piece->size < most && piece->count > 0 &&
           piece->count < PIECES_MOST && (piece->count == 1 || piece->stride >= piece->size) &&
           piece->stride < most / piece->count &&
           piece->address + piece->stride * piece->count < most;
}

static bool read_piece(struct reader *reader, const char *state)
{
    static const enum inspect_state states[] = {INSPECT_OWN, INSPECT_ALLOCATED, INSPECT_FREE,
                                                INSPECT_CACHED, INSPECT_TOP};
    struct inspect *picture = reader->picture;
    struct inspect_piece piece = {.thread = reader->thread, .region = *state == 'r'};
    uint64_t layer;
    if (picture->heap_count == 0 || reader->words != 8 || !number(reader->word[1], 16, &layer) ||
        layer >= picture->layer_count || !number(reader->word[2], 16, &piece.address) ||
        !number(reader->word[3], 16, &piece.size) || !number(reader->word[4], 16, &piece.stride) ||
        !number(reader->word[5], 16, &piece.count) || !number(reader->word[7], 16, &piece.number))
        return wrong(reader, "a piece has a layer, four figures, a word and a figure");
    if (!is_sound(&piece))
        return wrong(reader, "this piece is nowhere in memory");
    reader->pieces += piece.count;
    if (reader->pieces > PIECES_MOST)
        return wrong(reader, "there are more than 33554432 pieces up to here");
    piece.layer = (uint16_t)layer;
    piece.label = strcmp(reader->word[6], "-") == 0 ? "-" : text_escape(reader->word[6]);
    piece.state = states[strchr("rafct", *state) - "rafct"];
    if (piece.region && strcmp(piece.label, "opaque") == 0)
        piece.state = INSPECT_OPAQUE;
    struct inspect_heap *heap = &picture->heaps[picture->heap_count - 1];
    heap->pieces = mem_more(heap->pieces, heap->piece_count, sizeof *heap->pieces);
    heap->pieces[heap->piece_count++] = piece;
    return true;
}

static bool read_end(struct reader *reader)
{
    uint64_t lines;
    reader->ended = true;
    return (reader->words == 2 && number(reader->word[1], 10, &lines) &&
            lines == reader->line - 1 && reader->at == reader->end) ||
           wrong(reader, "this is to be the last line, and to say how many came before");
}

/* A line that says one thing of the whole. */
static bool read_fact(struct reader *reader)
{
    struct inspect *picture = reader->picture;
    const char *what = reader->word[0];
    if (reader->words != 2)
        return wrong(reader, "it says nothing that is known");
    const char *value = text_escape(reader->word[1]);
    if (strcmp(what, "process") == 0)
        return number(value, 10, &picture->process) || wrong(reader, "a process has a number");
    if (strcmp(what, "program") == 0)
        picture->program = value;
    else if (strcmp(what, "composition") == 0)
        picture->composition = value;
    else if (strcmp(what, "moment") == 0)
        picture->moment = value;
    else if (strcmp(what, "consistent") == 0)
        picture->consistent = strcmp(value, "yes") == 0;
    else
        return wrong(reader, "it says nothing that is known");
    return true;
}

static bool read_line(struct reader *reader)
{
    const char *first = reader->word[0];
    if (strlen(first) == 1 && strchr("rafct", *first) != NULL)
        return read_piece(reader, first);
    if (strcmp(first, "state") == 0)
        return read_state(reader);
    if (strcmp(first, "heap") == 0)
        return read_heap(reader);
    if (strcmp(first, "layer") == 0)
        return read_layer(reader);
    return strcmp(first, "end") == 0 ? read_end(reader) : read_fact(reader);
}

bool inspect_read(struct inspect *picture, const char *from, const char *text, size_t length,
                  struct diags *diags)
{
    static const char first[] = "mortise-heap ";
    *picture =
        (struct inspect){.from = from, .composition = "?", .moment = "?", .consistent = false};
    struct reader reader = {.picture = picture, .diags = diags, .at = text, .end = text + length};
    if (!next_line(&reader) || strncmp(text, first, strlen(first)) != 0) {
        reader.line = 1;
        return wrong(&reader, "it does not begin with mortise-heap");
    }
    if (reader.words != 2 || strcmp(reader.word[1], "1") != 0)
        return wrong(&reader, "this form of pictures is of another Mortise");
    while (!reader.ended && next_line(&reader))
        if (!read_line(&reader))
            return false;
    if (!reader.ended) {
        diag_add(diags, "the picture in '%s' ends early, after %zu lines", text_escape(from),
                 reader.line)
            ->help = "the program was stopped while it wrote, or its heap is overwritten so that "
                     "it cannot be walked";
        return false;
    }
    for (size_t i = 0; i < picture->heap_count; i++)
        inspect_paint(picture, &picture->heaps[i]);
    return true;
}
