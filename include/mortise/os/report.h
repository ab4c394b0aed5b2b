/* SPDX-License-Identifier: MIT */
/*
 * The one line that Mortise prints about an error:
 *
 *     mortise: double-free: 0x7f5c2a000040 in delayed_free, 24 bytes, in a call at app+0x1189: this
 *     block is free already
 *
 * The place is within the instruction that calls: `addr2line -e app 0x1189` tells its line. It is
 * a plain address where the system cannot say which file that is from, and is missing where it is
 * not known. The line may be written inside malloc, by any thread: no allocation, no stdio, one
 * write.
 */
#ifndef MORTISE_OS_REPORT_H
#define MORTISE_OS_REPORT_H

#include "../core/error.h"
#include "os.h"

/* Text of limited length, not ended by a zero; what has no room is cut off. */
struct mortise_line {
    char *text;
    size_t length, room;
};

MORTISE_PLAIN void mortise_line_add(struct mortise_line *line, const char *text, size_t most)
{
    for (size_t i = 0; i < most && text[i] != '\0' && line->length < line->room; i++)
        line->text[line->length++] = text[i];
}

MORTISE_PLAIN void mortise_line_add_number(struct mortise_line *line, uintptr_t number,
                                           unsigned base)
{
    char digits[20]; /* of 64 bits in base 10 */
    size_t first = sizeof digits;
    do {
        digits[--first] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    mortise_line_add(line, digits + first, sizeof digits - first);
}

/* Who found what is wrong, and what is known of that: "delayed_free, 24 bytes, in a call at
 * app+0x1189". */
struct mortise_description {
    char text[192];
};

/* `bytes` is the size of the block, SIZE_MAX where that is not known; `caller` is where the call
 * returns to in the program, NULL where that is not known. A longer name of a layer is cut. */
MORTISE_SLOW struct mortise_description mortise_describe(const char *layer, size_t bytes,
                                                         const void *caller)
{
    enum { LONGEST_NAME = 64 };
    struct mortise_description description;
    struct mortise_os_origin origin;
    struct mortise_line line = {description.text, 0, sizeof description.text - 1};
    mortise_line_add(&line, layer, LONGEST_NAME);
    if (bytes != SIZE_MAX) {
        mortise_line_add(&line, ", ", line.room);
        mortise_line_add_number(&line, bytes, 10);
        mortise_line_add(&line, " bytes", line.room);
    }
    if (caller != NULL) {
        mortise_line_add(&line, ", in a call at ", line.room);
        const char *call = (const char *)caller - 1;
        if (mortise_os_find_origin(call, &origin)) {
            mortise_line_add(&line, origin.file, sizeof origin.file);
            mortise_line_add(&line, "+", 1);
        } else {
            origin.address = (uintptr_t)call;
        }
        mortise_line_add(&line, "0x", 2);
        mortise_line_add_number(&line, origin.address, 16);
    }
    description.text[line.length] = '\0';
    return description;
}

MORTISE_SLOW void mortise_report(enum mortise_error error, const void *address, const char *layer)
{
    char text[384];
    struct mortise_line line = {text, 0, sizeof text};
    mortise_line_add(&line, "mortise: ", line.room);
    mortise_line_add(&line, mortise_error_name(error), line.room);
    mortise_line_add(&line, ": 0x", line.room);
    mortise_line_add_number(&line, (uintptr_t)address, 16);
    mortise_line_add(&line, " in ", line.room);
    mortise_line_add(&line, layer, sizeof(struct mortise_description));
    mortise_line_add(&line, ": ", line.room);
    mortise_line_add(&line, mortise_error_text(error), line.room);
    mortise_line_add(&line, "\n", line.room);
    mortise_os_complain(line.text, line.length);
}

#endif
