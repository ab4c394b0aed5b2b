/* SPDX-License-Identifier: MIT */
/*
 * What tests/conformance asks of Unix, as far as Windows can answer.
 */
#ifndef MORTISE_PORTS_WINDOWS_UNIX_H
#define MORTISE_PORTS_WINDOWS_UNIX_H

#include <mortise/os/os.h>

enum { _SC_PAGESIZE };

static inline long sysconf(int what)
{
    (void)what;
    return (long)mortise_os_page_size();
}

enum { PR_SET_THP_DISABLE };

/* Nobody makes huge pages of small ones. */
static inline int prctl(int what, unsigned long value, long third, long fourth, long fifth)
{
    (void)what, (void)value, (void)third, (void)fourth, (void)fifth;
    return 0;
}

/* There is no program break. */
static inline void *sbrk(intptr_t delta)
{
    (void)delta;
    return (void *)(intptr_t)-1;
}

/* Fails with ENOMEM where nothing is committed. */
static inline int mincore(void *begin, size_t size, unsigned char *resident)
{
    MEMORY_BASIC_INFORMATION info;
    (void)size, (void)resident;
    if (VirtualQuery(begin, &info, sizeof info) != 0 && info.State == MEM_COMMIT)
        return 0;
    errno = ENOMEM;
    return -1;
}

#endif
