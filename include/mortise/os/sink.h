/* SPDX-License-Identifier: MIT */
/*
 * Where layers write what they measured: a text in memory of its own, in one of three forms.
 *
 *     wcet_stat: mine.wcet_stat, process 17, sample 1      a report is a head with fields,
 *         alloc: count 100, p90 21.3                       and rows with fields
 *
 *     {"word":"wcet_stat","composition":"mine","layer":"wcet_stat","process":17,"sample":1,
 *      "rows":{"alloc":{"count":100,"p90":21.3}}}          as JSON it is one line
 *
 *     <mortise word="wcet_stat" ...><row name="alloc" count="100" p90="21.3"/></mortise>
 *
 * It may be used inside malloc and while a program ends: no allocation, no stdio. Names are words
 * of this code, or C identifiers, so that no form has to quote them. Where memory is out, the text
 * ends early.
 */
#ifndef MORTISE_OS_SINK_H
#define MORTISE_OS_SINK_H

#include "os.h"

enum mortise_form { MORTISE_FORM_TEXT, MORTISE_FORM_JSON, MORTISE_FORM_XML };

/* Which brace or comma is due. */
enum mortise_sink_place { MORTISE_SINK_HEAD, MORTISE_SINK_ROW, MORTISE_SINK_ROW_FIELD };

struct mortise_sink {
    char *text;
    size_t length;
    size_t room;
    enum mortise_form form;
    enum mortise_sink_place place;
};

MORTISE_PLAIN struct mortise_sink mortise_sink_make(enum mortise_form form)
{
    struct mortise_sink sink = {NULL, 0, 0, form, MORTISE_SINK_HEAD};
    return sink;
}

MORTISE_PLAIN void mortise_sink_drop(struct mortise_sink *sink)
{
    if (sink->room != 0)
        mortise_os_unmap(sink->text, sink->room);
    *sink = mortise_sink_make(sink->form);
}

/* False where memory is out. */
MORTISE_SLOW bool mortise_sink_grow(struct mortise_sink *sink)
{
    size_t room = sink->room != 0 ? 2 * sink->room : MORTISE_GRANULE;
    char *text = (char *)mortise_os_map(room, mortise_os_page_size());
    if (text == NULL)
        return false;
    if (sink->room != 0) {
        __builtin_memcpy(text, sink->text, sink->length);
        mortise_os_unmap(sink->text, sink->room);
    }
    sink->text = text;
    sink->room = room;
    return true;
}

MORTISE_PLAIN void mortise_sink_add(struct mortise_sink *sink, const char *text)
{
    for (; *text != '\0'; text++) {
        if (sink->length == sink->room && !mortise_sink_grow(sink))
            return;
        sink->text[sink->length++] = *text;
    }
}

/* A number as a string. */
struct mortise_decimal {
    char text[21];
};

MORTISE_PLAIN struct mortise_decimal mortise_decimal(uint64_t number)
{
    struct mortise_decimal decimal;
    unsigned length = 1;
    for (uint64_t rest = number; rest >= 10; rest /= 10)
        length++;
    decimal.text[length] = '\0';
    for (; length > 0; number /= 10)
        decimal.text[--length] = (char)('0' + number % 10);
    return decimal;
}

MORTISE_PLAIN void mortise_sink_add_number(struct mortise_sink *sink, uint64_t number)
{
    struct mortise_decimal decimal = mortise_decimal(number);
    mortise_sink_add(sink, decimal.text);
}

/* One of three, by the form. */
MORTISE_PLAIN void mortise_sink_pick(struct mortise_sink *sink, const char *text, const char *json,
                                     const char *xml)
{
    mortise_sink_add(sink, sink->form == MORTISE_FORM_TEXT   ? text
                           : sink->form == MORTISE_FORM_JSON ? json
                                                             : xml);
}

/* What comes before the value of a field. */
MORTISE_PLAIN void mortise_sink_key(struct mortise_sink *sink, const char *key)
{
    if (sink->place == MORTISE_SINK_ROW) {
        mortise_sink_pick(sink, " ", "\"", " ");
        sink->place = MORTISE_SINK_ROW_FIELD;
    } else {
        mortise_sink_pick(sink, ", ", ",\"", " ");
    }
    mortise_sink_add(sink, key);
    mortise_sink_pick(sink, " ", "\":", "=\"");
}

MORTISE_PLAIN void mortise_sink_field(struct mortise_sink *sink, const char *key, uint64_t value)
{
    mortise_sink_key(sink, key);
    mortise_sink_add_number(sink, value);
    mortise_sink_pick(sink, "", "", "\"");
}

/* A value that is given in tenths. */
MORTISE_PLAIN void mortise_sink_tenths(struct mortise_sink *sink, const char *key, uint64_t tenths)
{
    char fraction[3] = {'.', (char)('0' + tenths % 10), '\0'};
    mortise_sink_key(sink, key);
    mortise_sink_add_number(sink, tenths / 10);
    mortise_sink_add(sink, fraction);
    mortise_sink_pick(sink, "", "", "\"");
}

/* A value that is given in thousandths. */
MORTISE_PLAIN void mortise_sink_thousandths(struct mortise_sink *sink, const char *key,
                                            uint64_t thousandths)
{
    char fraction[5] = {'.', (char)('0' + thousandths / 100 % 10),
                        (char)('0' + thousandths / 10 % 10), (char)('0' + thousandths % 10), '\0'};
    mortise_sink_key(sink, key);
    mortise_sink_add_number(sink, thousandths / 1000);
    mortise_sink_add(sink, fraction);
    mortise_sink_pick(sink, "", "", "\"");
}

MORTISE_PLAIN void mortise_sink_word(struct mortise_sink *sink, const char *key, const char *value)
{
    mortise_sink_key(sink, key);
    mortise_sink_pick(sink, "", "\"", "");
    mortise_sink_add(sink, value);
    mortise_sink_pick(sink, "", "\"", "\"");
}

/* Begins the report of a layer of that word. */
MORTISE_PLAIN void mortise_sink_open(struct mortise_sink *sink, const char *word,
                                     const char *composition, const char *layer)
{
    sink->place = MORTISE_SINK_HEAD;
    mortise_sink_pick(sink, "", "{\"word\":\"", "<mortise word=\"");
    mortise_sink_add(sink, word);
    mortise_sink_pick(sink, ": ", "\",\"composition\":\"", "\" composition=\"");
    mortise_sink_add(sink, composition);
    mortise_sink_pick(sink, ".", "\",\"layer\":\"", "\" layer=\"");
    mortise_sink_add(sink, layer);
    mortise_sink_pick(sink, "", "\"", "\"");
    mortise_sink_field(sink, "process", mortise_os_process_id());
}

/* Begins a row, after the head or another row. */
MORTISE_PLAIN void mortise_sink_row(struct mortise_sink *sink, const char *name)
{
    if (sink->place == MORTISE_SINK_HEAD)
        mortise_sink_pick(sink, "\n    ", ",\"rows\":{\"", ">\n<row name=\"");
    else
        mortise_sink_pick(sink, "\n    ", "},\"", "/>\n<row name=\"");
    mortise_sink_add(sink, name);
    mortise_sink_pick(sink, ":", "\":{", "\"");
    sink->place = MORTISE_SINK_ROW;
}

MORTISE_PLAIN void mortise_sink_close(struct mortise_sink *sink)
{
    if (sink->place == MORTISE_SINK_HEAD)
        mortise_sink_pick(sink, "\n", "}\n", "/>\n");
    else
        mortise_sink_pick(sink, "\n", "}}}\n", "/>\n</mortise>\n");
}

#endif
