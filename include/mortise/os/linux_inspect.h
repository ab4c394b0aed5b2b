/* SPDX-License-Identifier: MIT */
/*
 * os/os.h on Linux: what `mortise inspect` needs. Part of linux.h.
 *
 * All are system calls as such: libc's functions of these names look at the state of a thread that
 * a server has not.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of linux.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_INSPECT_H
#define MORTISE_OS_LINUX_INSPECT_H

#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Without a signal for its end, so that neither a handler nor a wait of the program's meets it. The
 * order of clone's arguments differs among processors; flags are 0 and so are the others. A copy
 * that runs in circles, in a heap that a program has overwritten, ends all the same. */
MORTISE_PLAIN int mortise_os_copy(void)
{
    int saved = errno;
    int copy = (int)syscall(SYS_clone, 0, 0, 0, 0, 0);
    uint64_t most[2] = {60, 60}; /* seconds of a processor: RLIMIT_CPU, in the kernel's layout */
    if (copy == 0)
        syscall(SYS_prlimit64, 0, 0, most, NULL);
    errno = saved;
    return copy;
}

/* The number is __WALL: also those that end without a signal. */
MORTISE_PLAIN bool mortise_os_copy_wait(int copy)
{
    int saved = errno, status = 1;
    long done;
    do {
        done = syscall(SYS_wait4, copy, &status, 0x40000000, NULL);
    } while (done == -1 && errno == EINTR);
    errno = saved;
    return done == copy && status == 0;
}

__attribute__((noreturn)) MORTISE_PLAIN void mortise_os_copy_end(bool well)
{
    for (;;)
        syscall(SYS_exit_group, well ? 0 : 1);
}

MORTISE_PLAIN int mortise_os_file_make(const char *path)
{
    int saved = errno;
    int file = (int)syscall(SYS_openat, AT_FDCWD, path,
                            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
    errno = saved;
    return file;
}

MORTISE_PLAIN bool mortise_os_file_write(int file, const char *text, size_t length)
{
    int saved = errno;
    bool done = mortise_linux_write(file, text, length);
    errno = saved;
    return done;
}

MORTISE_PLAIN bool mortise_os_file_end(int file)
{
    int saved = errno;
    bool done = mortise_linux_close(file);
    errno = saved;
    return done;
}

MORTISE_PLAIN bool mortise_os_rename(const char *from, const char *to)
{
    int saved = errno;
    bool done = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0) == 0;
    errno = saved;
    return done;
}

MORTISE_PLAIN const char *mortise_os_program(void)
{
    const char *path = (const char *)(uintptr_t)getauxval(AT_EXECFN);
    return path != NULL ? path : "";
}

/* A name of the abstract kind: no file is left of it. */
MORTISE_PLAIN socklen_t mortise_linux_place(struct sockaddr_un *address)
{
    static const char name[] = "mortise-inspect-";
    char digits[12];
    size_t length = 0, at = sizeof name;
    __builtin_memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    __builtin_memcpy(address->sun_path + 1, name, sizeof name - 1);
    for (unsigned rest = (unsigned)syscall(SYS_getpid); rest != 0; rest /= 10)
        digits[length++] = (char)('0' + rest % 10);
    while (length > 0)
        address->sun_path[at++] = digits[--length];
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + at);
}

/* The number is SYS_close_range, the same everywhere. Without it only those that have no gap
 * between them are closed: the others stay open while the process lives. */
MORTISE_PLAIN void mortise_linux_close_all(void)
{
    if (syscall(436, 0, ~0u, 0) == 0)
        return;
    for (int file = 0, missed = 0; missed < 256; file++)
        missed = syscall(SYS_close, file) == 0 ? 0 : missed + 1;
}

/* The number is CLONE_FILES: files of the thread's own, so that neither the program, which may
 * close what it does not know, nor this thread has the other's. */
MORTISE_PLAIN int mortise_os_listen(void)
{
    int saved = errno;
    struct sockaddr_un address;
    socklen_t length = mortise_linux_place(&address);
    int place = -1;
    if (syscall(SYS_unshare, 0x400) == 0) {
        mortise_linux_close_all();
        place = (int)syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    }
    if (place != -1 &&
        (syscall(SYS_bind, place, &address, length) != 0 || syscall(SYS_listen, place, 8) != 0)) {
        syscall(SYS_close, place);
        place = -1;
    }
    errno = saved;
    return place;
}

/* May look into the process: its own user, and the system's. */
MORTISE_PLAIN bool mortise_linux_may_ask(int file)
{
    struct {
        int32_t process;
        uint32_t user, group;
    } other;
    socklen_t length = sizeof other;
    return syscall(SYS_getsockopt, file, SOL_SOCKET, SO_PEERCRED, &other, &length) == 0 &&
           (other.user == 0 || other.user == (uint32_t)syscall(SYS_geteuid));
}

MORTISE_PLAIN int mortise_os_accept(int place)
{
    int saved = errno;
    int file;
    for (;;) {
        file = (int)syscall(SYS_accept4, place, NULL, NULL, SOCK_CLOEXEC);
        if (file != -1 && mortise_linux_may_ask(file))
            break;
        if (file != -1)
            syscall(SYS_close, file);
        else if (errno != EINTR && errno != ECONNABORTED)
            break;
    }
    errno = saved;
    return file;
}

#endif
