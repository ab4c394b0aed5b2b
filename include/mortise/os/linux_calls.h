/* SPDX-License-Identifier: MIT */
/*
 * os/os.h on Linux: files by the system's calls themselves. libc's functions are points at which a
 * thread can be cancelled, and malloc and free must not be: the heap would wait for that thread.
 * They also look at the state of a thread, which a server has not. Errors as of libc's functions;
 * errno changes.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of linux.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_CALLS_H
#define MORTISE_OS_LINUX_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

MORTISE_PLAIN int mortise_linux_open(const char *path, int flags)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0666);
}

MORTISE_PLAIN ssize_t mortise_linux_read(int file, void *to, size_t size)
{
    return (ssize_t)syscall(SYS_read, file, to, size);
}

MORTISE_PLAIN bool mortise_linux_close(int file)
{
    return syscall(SYS_close, file) == 0;
}

/* All of it, or as much as can be written. */
MORTISE_PLAIN bool mortise_linux_write(int file, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = (ssize_t)syscall(SYS_write, file, text, length);
        if (written == 0 || (written < 0 && errno != EINTR))
            return false;
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return true;
}

#endif
