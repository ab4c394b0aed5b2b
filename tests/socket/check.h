/* SPDX-License-Identifier: MIT */
#ifndef MORTISE_TEST_SOCKET_CHECK_H
#define MORTISE_TEST_SOCKET_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void check(int right, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    exit(1);
}

static inline int all_bytes(const void *block, size_t size, unsigned char byte)
{
    const unsigned char *at = (const unsigned char *)block;
    while (size > 0 && at[size - 1] == byte)
        size--;
    return size == 0;
}

#endif
