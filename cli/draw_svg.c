/* SPDX-License-Identifier: MIT */
#include "draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "mem.h"
#include "text.h"

/* In pixels; a character of the monospaced font is CELL wide, or less in most fonts. */
enum {
    WIDTH = 800,
    MARGIN = 24,
    INSET = 20,
    LINE = 20,
    CELL = 8,
    EDGE = 56,
    COLUMNS = (WIDTH - 2 * MARGIN - 2 * INSET) / CELL,
    BAR_CELL = 10
};

/* Own colours, own background: legible wherever the picture is shown. */
static const char *const style =
    "  <style>\n"
    "    text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }\n"
    "    .name { font-weight: bold; font-size: 15px; }\n"
    "    .loud { font-weight: bold; }\n"
    "    .small { font-size: 10px; }\n"
    "    .edge { fill: none; stroke-width: 1.5; }\n"
    "    .back { fill: #ffffff; } .box { fill: #f6f8fa; } .box, .edge { stroke: #8c959f; }\n"
    "    text { fill: #1f2328; } .quiet { fill: #59636e; } .loud { fill: #0550ae; }\n"
    "    .track { fill: #d1d9e0; } .bar { fill: #0550ae; }\n"
    "    @media (prefers-color-scheme: dark) {\n"
    "      .back { fill: #0d1117; } .box { fill: #161b22; } .box, .edge { stroke: #656d76; }\n"
    "      text { fill: #f0f6fc; } .quiet { fill: #9da7b1; } .loud { fill: #79c0ff; }\n"
    "      .track { fill: #3d444d; } .bar { fill: #79c0ff; }\n"
    "    }\n"
    "  </style>\n";

static void put_escaped(const char *text, size_t n, FILE *out)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '<')
            fputs("&lt;", out);
        else if (text[i] == '>')
            fputs("&gt;", out);
        else if (text[i] == '&')
            fputs("&amp;", out);
        else
            fputc(text[i], out);
    }
}

/* Pieces of text that follow each other, in lines of COLUMNS. Without `out` they are measured. */
struct flow {
    FILE *out;
    unsigned x, y; /* of the next piece's line; y is its baseline */
    unsigned used; /* columns of it */
};

static void flow_word(struct flow *flow, const char *class, const char *text, size_t n)
{
    if (flow->used != 0 && flow->used + n > COLUMNS) {
        flow->y += LINE;
        flow->used = 0;
    }
    if (flow->out != NULL) {
        fprintf(flow->out, "  <text class=\"%s\" x=\"%u\" y=\"%u\">", class,
                flow->x + flow->used * CELL, flow->y);
        put_escaped(text, n, flow->out);
        fputs("</text>\n", flow->out);
    }
    flow->used += (unsigned)n + 1;
}

/* Words of a text; what is longer than a line is cut into lines. */
static void flow_text(struct flow *flow, const char *class, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        if (n > COLUMNS)
            n = COLUMNS;
        flow_word(flow, class, text, n);
        text += n + strspn(text + n, " ");
    }
}

static void flow_break(struct flow *flow)
{
    flow->y += LINE;
    flow->used = 0;
}

static void put_bar(const struct draw_word *word, struct flow *flow)
{
    static const struct {
        unsigned at;
        const char *text;
    } marks[] = {{0, "0"}, {11, "1KB"}, {21, "1MB"}, {31, "1GB"}, {41, "1TB"}};
    const unsigned from = draw_scale(word->low);
    const unsigned to = draw_scale(word->high);
    if (flow->out != NULL) {
        fprintf(flow->out,
                "  <rect class=\"track\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"8\" rx=\"2\"/>\n"
                "  <rect class=\"bar\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"8\" rx=\"2\"/>\n",
                flow->x, flow->y - 9, (unsigned)(DRAW_SCALE + 1) * BAR_CELL,
                flow->x + from * BAR_CELL, flow->y - 9, (to - from + 1) * BAR_CELL);
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
            fprintf(flow->out, "  <text class=\"quiet small\" x=\"%u\" y=\"%u\">%s</text>\n",
                    flow->x + marks[i].at * BAR_CELL, flow->y + 10, marks[i].text);
        fprintf(flow->out, "  <text x=\"%u\" y=\"%u\">%s .. %s</text>\n",
                flow->x + (DRAW_SCALE + 3) * BAR_CELL, flow->y, draw_size(word->low),
                draw_size(word->high));
    }
    flow->y += LINE + 4;
}

static void put_params(const struct draw_word *word, bool given, struct flow *flow)
{
    bool any = false;
    for (size_t i = 0; i < word->param_count; i++) {
        if (word->params[i].given != given)
            continue;
        any = true;
        flow_text(flow, given ? "loud" : "quiet",
                  text_escape(mem_format("%s=%s", word->params[i].name, word->params[i].value)));
    }
    if (any)
        flow_break(flow);
}

static void put_inside(const struct draw_word *word, struct flow *flow)
{
    flow_text(flow, "name", word->use->instance);
    flow->used += (unsigned)strlen(word->use->instance) / 5 + 1; /* its letters are larger */
    flow_text(flow, "text", text_escape(word->use->word->head.purpose));
    flow_break(flow);
    put_params(word, true, flow);
    put_params(word, false, flow);
    if (word->ranged)
        put_bar(word, flow);
}

/* A box; returns where it ends. */
static unsigned put_word(const struct draw_word *word, unsigned top, FILE *out)
{
    const unsigned first = top + LINE + 4;
    struct flow measure = {NULL, MARGIN + INSET, first, 0};
    put_inside(word, &measure);
    const unsigned bottom = measure.y - LINE + 14;
    fprintf(out, "  <rect class=\"box\" x=\"%d\" y=\"%u\" width=\"%d\" height=\"%u\" rx=\"6\"/>\n",
            MARGIN, top, WIDTH - 2 * MARGIN, bottom - top);
    struct flow flow = {out, MARGIN + INSET, first, 0};
    put_inside(word, &flow);
    return bottom;
}

/* The arrow to the neighbour; what is needed of it stands out among what it has. */
static void put_edge(const struct drawing *drawing, const struct draw_word *word, unsigned top,
                     FILE *out)
{
    const unsigned x = MARGIN + INSET;
    fprintf(out, "  <path class=\"edge\" d=\"M%u %u v%d m-5 -7 l5 7 l5 -7\"/>\n", x + 4, top + 3,
            EDGE - 7);
    struct flow flow = {out, x + 3 * CELL, top + LINE + 14, 0};
    if (drawing->fact_count == 0)
        return;
    flow_text(&flow, "quiet", "finds");
    for (size_t i = 0; i < drawing->fact_count; i++)
        if (word[1].facts & drawing->facts[i].bit)
            flow_text(&flow, word->needs & drawing->facts[i].bit ? "loud" : "quiet",
                      drawing->facts[i].name);
}

static unsigned put_all(const struct drawing *drawing, unsigned top, FILE *out)
{
    const struct model *model = drawing->model;
    fprintf(out, "  <text class=\"quiet\" x=\"%d\" y=\"%u\">user side</text>\n", MARGIN + INSET,
            top);
    unsigned y = top + 10;
    for (size_t i = 0; i < model->count; i++) {
        y = put_word(&drawing->words[i], y, out);
        if (i + 1 == model->count)
            break;
        put_edge(drawing, &drawing->words[i], y, out);
        y += EDGE;
    }
    fprintf(out, "  <text class=\"quiet\" x=\"%d\" y=\"%u\">system side</text>\n", MARGIN + INSET,
            y + LINE);
    fprintf(out,
            "  <text class=\"quiet\" x=\"%d\" y=\"%u\">In bold: parameters that the model gives, "
            "and facts that a layer needs.</text>\n",
            MARGIN, y + 3 * LINE);
    return y + 4 * LINE;
}

void draw_svg(const struct drawing *drawing, FILE *out)
{
    const char *name = drawing->model->source->composition;
    const char *model = emit_model(drawing->model);
    char *body;
    size_t length;
    FILE *inner = open_memstream(&body, &length);
    if (inner == NULL)
        return;
    struct flow flow = {inner, MARGIN, MARGIN + LINE, 0};
    flow_text(&flow, "name", name);
    flow_break(&flow);
    flow_text(&flow, "text", model);
    const unsigned height = put_all(drawing, flow.y + 2 * LINE, inner);
    fclose(inner);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %u\" width=\"%d\" "
            "height=\"%u\" role=\"img\">\n  <title>%s</title>\n  <desc>",
            WIDTH, height, WIDTH, height, name);
    put_escaped(model, strlen(model), out);
    fprintf(out, "</desc>\n%s  <rect class=\"back\" width=\"%d\" height=\"%u\" rx=\"8\"/>\n", style,
            WIDTH, height);
    fwrite(body, 1, length, out);
    fputs("</svg>\n", out);
    free(body);
}
