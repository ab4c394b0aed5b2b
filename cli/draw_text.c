/* SPDX-License-Identifier: MIT */
#include "draw.h"

#include <stdio.h>
#include <string.h>

#include "emit.h"
#include "mem.h"
#include "text.h"

enum { WIDTH = 90, MARGIN = 4 };

static void rule(FILE *out)
{
    fprintf(out, "%*s+", MARGIN, "");
    for (int i = 0; i < WIDTH; i++)
        fputc('-', out);
    fputs("+\n", out);
}

/* A line of a box, filled up to its right side. */
static void line(const char *text, size_t n, int indent, FILE *out)
{
    fprintf(out, "%*s| %*s%.*s", MARGIN, "", indent, "", (int)n, text);
    for (size_t used = 1 + (size_t)indent + n; used < WIDTH; used++)
        fputc(' ', out);
    fputs("|\n", out);
}

/* Text in a box, broken between words. */
static void filled(const char *text, int indent, FILE *out)
{
    const size_t room = WIDTH - 2 - (size_t)indent;
    while (*text != '\0') {
        size_t n = strlen(text);
        if (n > room) {
            n = room;
            while (n != 0 && text[n] != ' ')
                n--;
            if (n == 0)
                n = room;
        }
        line(text, n, indent, out);
        text += n + strspn(text + n, " ");
    }
}

static void put_params(const struct draw_word *word, bool given, FILE *out)
{
    const char *list = NULL;
    for (size_t i = 0; i < word->param_count; i++)
        if (word->params[i].given == given)
            list = text_join(list, ", ",
                             mem_format("%s=%s", word->params[i].name, word->params[i].value));
    if (list != NULL)
        filled(given ? text_escape(list) : mem_format("(%s)", text_escape(list)), 4, out);
}

/* One column for each power of two. */
static void put_sizes(const struct draw_word *word, FILE *out)
{
    char bar[DRAW_SCALE + 2];
    const unsigned from = draw_scale(word->low);
    const unsigned to = draw_scale(word->high);
    for (unsigned i = 0; i <= DRAW_SCALE; i++)
        bar[i] = i >= from && i <= to ? '#' : '.';
    bar[DRAW_SCALE + 1] = '\0';
    const char *text =
        mem_format("sizes %s  %s .. %s", bar, draw_size(word->low), draw_size(word->high));
    line(text, strlen(text), 4, out);
}

static void put_word(const struct draw_word *word, FILE *out)
{
    rule(out);
    filled(mem_format("%s - %s", word->use->instance, text_escape(word->use->word->head.purpose)),
           0, out);
    put_params(word, true, out);
    put_params(word, false, out);
    if (word->ranged)
        put_sizes(word, out);
    rule(out);
}

/* Between a word and its neighbour on the system side. */
static void put_edge(const struct drawing *drawing, const struct draw_word *word, FILE *out)
{
    const bool known = drawing->fact_count != 0;
    const bool socket = word->use->word->kind == KIND_SOCKET;
    fprintf(out, "%*s|", 2 * MARGIN, "");
    if (known && !socket)
        fprintf(out, "  needs %s", draw_fact_names(drawing, word->needs));
    fprintf(out, "\n%*sv", 2 * MARGIN, "");
    if (known)
        fprintf(out, "  finds %s", draw_fact_names(drawing, word[1].facts));
    fputc('\n', out);
}

void draw_text(const struct drawing *drawing, FILE *out)
{
    const struct model *model = drawing->model;
    bool ranged = false;
    fprintf(out, "%s: %s\n\n%*suser side\n", model->source->composition, emit_model(model),
            2 * MARGIN, "");
    for (size_t i = 0; i < model->count; i++) {
        put_word(&drawing->words[i], out);
        if (i + 1 < model->count)
            put_edge(drawing, &drawing->words[i], out);
        ranged = ranged || drawing->words[i].ranged;
    }
    fprintf(out, "%*ssystem side\n\nIn parentheses: defaults.", 2 * MARGIN, "");
    if (ranged)
        fputs(" A bar has a column for 0 and for each power of two from 1 on, up\n"
              "to 128TB; sizes beside it go on to the system side.",
              out);
    fputc('\n', out);
}
