/* SPDX-License-Identifier: MIT */
/*
 * An assertion that says what should have been; in a child of a fork nothing else runs after it.
 */
#include <stdio.h>
#include <unistd.h>

static void check(int right, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    _exit(1);
}
