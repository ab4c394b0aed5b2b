/* SPDX-License-Identifier: MIT */
/*
 * The one line that Mortise prints about an error:
 *
 *     mortise: double-free: 0x7f5c2a000040 in tlsf_glk: this block is free already
 *
 * It may be written inside malloc, by any thread: no allocation, no stdio, one write.
 */
#ifndef MORTISE_OS_REPORT_H
#define MORTISE_OS_REPORT_H

#include "../core/error.h"
#include "os.h"

/* A name that is longer is cut, so that the sentence behind it is not. */
enum { mortise_report_size = 256, mortise_report_longest_name = 96 };

struct mortise_report {
    size_t length;
    char text[mortise_report_size];
};

MORTISE_PLAIN void mortise_report_add(struct mortise_report *report, const char *text, size_t most)
{
    size_t room = mortise_report_size - report->length;
    size_t end = report->length + (most < room ? most : room);
    for (const char *from = text; report->length < end && *from != '\0'; from++)
        report->text[report->length++] = *from;
}

MORTISE_PLAIN void mortise_report_add_address(struct mortise_report *report, const void *address)
{
    char digits[2 * sizeof address];
    size_t first = sizeof digits;
    uintptr_t rest = (uintptr_t)address;
    do {
        digits[--first] = "0123456789abcdef"[rest & 15];
        rest >>= 4;
    } while (rest != 0);
    mortise_report_add(report, "0x", 2);
    mortise_report_add(report, digits + first, sizeof digits - first);
}

MORTISE_SLOW void mortise_report(enum mortise_error error, const void *address, const char *layer)
{
    struct mortise_report report;
    report.length = 0;
    mortise_report_add(&report, "mortise: ", mortise_report_size);
    mortise_report_add(&report, mortise_error_name(error), mortise_report_size);
    mortise_report_add(&report, ": ", mortise_report_size);
    mortise_report_add_address(&report, address);
    mortise_report_add(&report, " in ", mortise_report_size);
    mortise_report_add(&report, layer, mortise_report_longest_name);
    mortise_report_add(&report, ": ", mortise_report_size);
    mortise_report_add(&report, mortise_error_text(error), mortise_report_size);
    mortise_report_add(&report, "\n", mortise_report_size);
    mortise_os_complain(report.text, report.length);
}

#endif
