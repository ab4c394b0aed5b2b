/* SPDX-License-Identifier: MIT */
#include "diag.h"

#include <stdarg.h>
#include <string.h>

#include "mem.h"
#include "text.h"

enum { INDENT = 2, COLUMNS = 100, CELLS = COLUMNS - INDENT };

static struct diag *add(struct diags *diags, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    const int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *message = mem_get((size_t)(n < 0 ? 0 : n) + 1);
    vsnprintf(message, (size_t)(n < 0 ? 0 : n) + 1, format, list);
    struct diag *diag = &diags->list[diags->count];
    if (diags->count < DIAG_MAX)
        diags->count++;
    memset(diag, 0, sizeof *diag);
    diag->message = message;
    return diag;
}

struct diag *diag_at(struct diags *diags, size_t at, size_t length, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    struct diag *diag = add(diags, format, list);
    va_end(list);
    diag->placed = true;
    diag->at = at;
    diag->length = length;
    return diag;
}

struct diag *diag_add(struct diags *diags, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    struct diag *diag = add(diags, format, list);
    va_end(list);
    return diag;
}

/* The line of a model that a diagnostic points into. */
struct place {
    size_t number;     /* of the line, from 1 */
    size_t begin, end; /* of the line, without its newline */
};

static struct place find_line(const struct source *source, size_t at)
{
    struct place place = {1, 0, source->length};
    for (size_t i = 0; i < at; i++)
        if (source->text[i] == '\n') {
            place.number++;
            place.begin = i + 1;
        }
    const char *newline = memchr(source->text + at, '\n', source->length - at);
    if (newline != NULL)
        place.end = (size_t)(newline - source->text);
    if (place.end > place.begin && place.end > at && source->text[place.end - 1] == '\r')
        place.end--;
    return place;
}

static size_t cells(char c)
{
    return (c >= ' ' && c <= '~') || c == '\t' ? 1 : 4;
}

/* The part of the line that fits: as much as possible before the place, up to two thirds of the
 * row, then whatever follows. An end that is cut off shows three dots. */
static struct place window(const struct source *source, struct place line, size_t at)
{
    size_t all = at == line.end; /* the caret stands behind the line */
    for (size_t i = line.begin; i < line.end && all <= CELLS; i++)
        all += cells(source->text[i]);
    if (all <= CELLS)
        return line;
    struct place part = {line.number, at, at};
    size_t used = 6;
    while (part.begin > line.begin && used + cells(source->text[part.begin - 1]) <= CELLS * 2 / 3)
        used += cells(source->text[--part.begin]);
    while (part.end < line.end && used + cells(source->text[part.end]) <= CELLS)
        used += cells(source->text[part.end++]);
    return part;
}

static void print_part(const struct source *source, struct place line, struct place part, FILE *out)
{
    fprintf(out, "%*s%s", INDENT, "", part.begin > line.begin ? "..." : "");
    for (size_t i = part.begin; i < part.end; i++) {
        const char c = source->text[i];
        if (c == '\t')
            fputc(' ', out);
        else if (cells(c) == 1)
            fputc(c, out);
        else
            fprintf(out, "\\x%02x", (unsigned)(unsigned char)c);
    }
    fprintf(out, "%s\n", part.end < line.end ? "..." : "");
}

static void print_caret(const struct source *source, const struct diag *diag, struct place line,
                        struct place part, FILE *out)
{
    size_t before = INDENT + (part.begin > line.begin ? 3 : 0);
    for (size_t i = part.begin; i < diag->at && i < part.end; i++)
        before += cells(source->text[i]);
    size_t under = 0;
    for (size_t i = diag->at; i < diag->at + diag->length && i < part.end; i++)
        under += cells(source->text[i]);
    fprintf(out, "%*s^", (int)before, "");
    for (size_t i = 1; i < under; i++)
        fputc('~', out);
    fputc('\n', out);
}

static void print_help(const char *help, FILE *out)
{
    while (*help != '\0') {
        const size_t n = strcspn(help, "\n");
        fprintf(out, "%*s%.*s\n", INDENT, "", (int)n, help);
        help += n + (help[n] == '\n');
    }
}

static void print_one(const struct source *source, const struct diag *diag, FILE *out)
{
    if (!diag->placed) {
        fprintf(out, "mortise: %s\n", diag->message);
    } else {
        const struct place line = find_line(source, diag->at);
        if (source->file != NULL)
            fprintf(out, "mortise: %s:%zu:%zu: %s\n", source->file, line.number,
                    diag->at - line.begin + 1, diag->message);
        else
            fprintf(out, "mortise: %s\n", diag->message);
        const struct place part = window(source, line, diag->at);
        print_part(source, line, part, out);
        print_caret(source, diag, line, part, out);
    }
    if (diag->suggestion != NULL)
        fprintf(out, "%*sdid you mean '%s'?\n", INDENT, "", diag->suggestion);
    if (diag->help != NULL)
        print_help(diag->help, out);
}

void diag_print(const struct diags *diags, FILE *out)
{
    for (size_t i = 0; i < diags->count; i++)
        print_one(diags->source, &diags->list[i], out);
}

json_t *diag_json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *json = json_string(text);
    return json != NULL ? json : json_string(text_escape(text));
}

json_t *diag_json(const struct diags *diags)
{
    json_t *array = json_array();
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->list[i];
        json_t *object = json_object();
        if (diag->placed) {
            const struct place line = find_line(diags->source, diag->at);
            const json_int_t column = (json_int_t)diag->at - (json_int_t)line.begin + 1;
            json_object_set_new(object, "line", json_integer((json_int_t)line.number));
            json_object_set_new(object, "column", json_integer(column));
        } else {
            json_object_set_new(object, "line", json_null());
            json_object_set_new(object, "column", json_null());
        }
        json_object_set_new(object, "message", diag_json_text(diag->message));
        json_object_set_new(object, "suggestion", diag_json_text(diag->suggestion));
        json_object_set_new(object, "help", diag_json_text(diag->help));
        json_array_append_new(array, object);
    }
    return array;
}
