/* SPDX-License-Identifier: MIT */
/*
 * err_handle - what happens when a program misuses its memory
 *
 * A member M of this slot defines
 *   mortise_M_raise(error, address, layer)
 * which is called once for each misuse found, from whatever thread found it, possibly inside
 * malloc or free: it must not allocate. Its verdict says what becomes of the block. `layer` is the
 * name of the layer that found it; one that checks blocks adds how large this one is. Such a layer
 * raises what it finds through its own member of the slot, and answers MORTISE_REPORTED.
 *
 * Parameters: none
 */
#ifndef MORTISE_POLICY_ERR_HANDLE_H
#define MORTISE_POLICY_ERR_HANDLE_H

#include "../core/error.h"

enum mortise_verdict {
    MORTISE_GO_ON, /* carry on as if the block were sound, as far as that is safe */
    MORTISE_DROP   /* never use this block again */
};

struct mortise_description {
    char text[96];
};

/* "tail_chksum, 24 bytes", or the name alone where the bytes are SIZE_MAX, not known. */
MORTISE_PLAIN struct mortise_description mortise_describe(const char *layer, size_t bytes)
{
    struct mortise_description description = {{0}};
    char *at = description.text;
    const char *end = at + sizeof description.text - 32; /* leaves room for the bytes */
    for (const char *from = layer; at < end && *from != '\0'; from++)
        *at++ = *from;
    if (bytes != SIZE_MAX) {
        char digits[20];
        size_t first = sizeof digits;
        do {
            digits[--first] = (char)('0' + bytes % 10);
            bytes /= 10;
        } while (bytes != 0);
        *at++ = ',';
        *at++ = ' ';
        while (first < sizeof digits)
            *at++ = digits[first++];
        __builtin_memcpy(at, " bytes", 6);
        at += 6;
    }
    *at = '\0';
    return description;
}

#endif
