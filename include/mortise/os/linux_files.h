/* SPDX-License-Identifier: MIT */
/*
 * os/os.h on Linux: what a program is told, and tells.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of linux.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_FILES_H
#define MORTISE_OS_LINUX_FILES_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

MORTISE_PLAIN void mortise_os_complain(const char *text, size_t length)
{
    int saved = errno;
    (void)mortise_linux_write(STDERR_FILENO, text, length);
    errno = saved;
}

/* O_APPEND keeps apart what processes write by one call each. */
MORTISE_PLAIN bool mortise_os_append(const char *path, const char *text, size_t length)
{
    int saved = errno;
    int file = mortise_linux_open(path, O_WRONLY | O_APPEND | O_CREAT);
    bool done = file >= 0 && mortise_linux_write(file, text, length);
    if (file >= 0)
        done &= mortise_linux_close(file);
    errno = saved;
    return done;
}

MORTISE_PLAIN const char *mortise_os_environment(const char *name)
{
    int saved = errno;
    const char *value = getauxval(AT_SECURE) == 0 ? getenv(name) : NULL;
    errno = saved;
    return value;
}

MORTISE_PLAIN uint32_t mortise_os_process_id(void)
{
    return (uint32_t)getpid();
}

MORTISE_PLAIN uint64_t mortise_os_clock(void)
{
    int saved = errno;
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    errno = saved;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The number is CLOCK_MONOTONIC_COARSE, as of the last tick of the kernel's clock. */
MORTISE_PLAIN uint64_t mortise_os_milliseconds(void)
{
    int saved = errno;
    struct timespec now = {0, 0};
    clock_gettime(6, &now);
    errno = saved;
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

#endif
