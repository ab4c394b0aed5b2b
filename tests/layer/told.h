/* SPDX-License-Identifier: MIT */
/*
 * What a free is told by, where the handler of noted.h is set: `put` frees. Behind noted.h.
 */
static void told(void (*put)(void *), void *block, enum mortise_error error, const char *what)
{
    reported = MORTISE_OK;
    put(block);
    check(reported == error, what);
}
