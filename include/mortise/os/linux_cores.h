/* SPDX-License-Identifier: MIT */
/*
 * mortise_os_core and mortise_os_core_share on Linux. Part of linux.h.
 *
 * The core comes from the area that a thread shares with the kernel for restartable sequences,
 * where libc has registered one (glibc from 2.35): one load. Else from a system call.
 *
 * The sizes are those of the second-level caches as /sys shows them, or where it shows none, the
 * cpu_capacity of the cores. The file that the environment variable MORTISE_CORES names says them
 * instead, so that a machine of one kind of core can be tested as one of several. Its lines have
 * the form `0-3 512K` or `4 2M`. It is not heeded where a program runs with more rights than who
 * started it.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of os.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_CORES_H
#define MORTISE_OS_LINUX_CORES_H

#include "../arch/cpu.h"

#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>

/* glibc's, since 2.35; where it registered nothing, the size is 0. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

MORTISE_PLAIN int mortise_os_core(void)
{
    enum { cpu_id = 4 }; /* its offset in the area; negative until the kernel has filled it in */
    const char *thread = mortise_cpu_thread_pointer();
    if (thread != NULL && &__rseq_size != NULL && &__rseq_offset != NULL && __rseq_size != 0) {
        int core =
            MORTISE_LOAD_RELAXED((const int *)(const void *)(thread + __rseq_offset + cpu_id));
        if (core >= 0)
            return core;
    }
    unsigned core = 0;
    int saved = errno;
    bool known = syscall(SYS_getcpu, &core, NULL, NULL) == 0;
    errno = saved;
    return known ? (int)core : -1;
}

enum { mortise_linux_cores_most = 1024 };

struct mortise_linux_cores {
    uint32_t state;                          /* 0 not read, 1 being read, 2 read */
    uint32_t size[mortise_linux_cores_most]; /* 0: unknown */
    uint32_t largest;
};

static struct mortise_linux_cores mortise_linux_cores __attribute__((unused));

/* The beginning of a file as a string; empty where there is none. */
MORTISE_SLOW void mortise_linux_read_text(const char *path, char *text, size_t size)
{
    size_t length = 0;
    int saved = errno, file = mortise_linux_open(path, O_RDONLY);
    while (file >= 0 && length + 1 < size) {
        ssize_t got = mortise_linux_read(file, text + length, size - 1 - length);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    if (file >= 0)
        mortise_linux_close(file);
    errno = saved;
    text[length] = '\0';
}

/* A number at *at, which moves behind it; false, and it stays, when there is none. */
MORTISE_PLAIN bool mortise_linux_number(const char **at, uint32_t *number)
{
    const char *digit = *at;
    for (*number = 0; *digit >= '0' && *digit <= '9' && *number < 100000000; digit++)
        *number = *number * 10 + (uint32_t)(*digit - '0');
    bool any = digit != *at;
    *at = digit;
    return any;
}

/* Sets the cores of one line, `FIRST[-LAST] SIZE[K|M]`, with sizes in KB. */
MORTISE_SLOW void mortise_linux_read_line(struct mortise_linux_cores *cores, const char *line)
{
    uint32_t first, last, size;
    if (!mortise_linux_number(&line, &first))
        return;
    last = first;
    if (*line == '-' && (line++, !mortise_linux_number(&line, &last)))
        return;
    while (*line == ' ' || *line == '\t')
        line++;
    if (!mortise_linux_number(&line, &size))
        return;
    for (uint32_t core = first; core <= last && core < mortise_linux_cores_most; core++)
        cores->size[core] = *line == 'M' ? size * 1024 : size;
}

#define MORTISE_LINUX_CORES "/sys/devices/system/cpu/"

/* A number from a file of a core; 0 where there is none. */
MORTISE_SLOW uint32_t mortise_linux_of_core(uint32_t core, const char *name)
{
    char path[96] = MORTISE_LINUX_CORES "cpu", digits[12], text[32];
    size_t length = strlen(path), count = 0;
    do
        digits[count++] = (char)('0' + core % 10);
    while ((core /= 10) != 0);
    while (count > 0)
        path[length++] = digits[--count];
    memcpy(path + length, name, strlen(name) + 1);
    mortise_linux_read_text(path, text, sizeof text);
    const char *at = text;
    uint32_t number;
    if (!mortise_linux_number(&at, &number))
        return 0;
    return *at == 'M' ? number * 1024 : number;
}

/* How many cores there may be; of lists like `0-7` the last number says it. */
MORTISE_SLOW uint32_t mortise_linux_count_cores(void)
{
    char text[128];
    const uint32_t most = mortise_linux_cores_most;
    uint32_t number = 0, last = 0;
    mortise_linux_read_text(MORTISE_LINUX_CORES "possible", text, sizeof text);
    for (const char *at = text; *at != '\0'; at += *at != '\0')
        if (mortise_linux_number(&at, &number))
            last = number;
    return last < most ? last + 1 : most;
}

MORTISE_SLOW void mortise_linux_ask_user(struct mortise_linux_cores *cores, const char *file)
{
    char text[4096];
    mortise_linux_read_text(file, text, sizeof text);
    for (const char *line = text; line != NULL;) {
        mortise_linux_read_line(cores, line);
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
}

MORTISE_SLOW void mortise_linux_ask_system(struct mortise_linux_cores *cores)
{
    const char *name = "/cache/index2/size";
    uint32_t count = mortise_linux_count_cores();
    if (mortise_linux_of_core(0, name) == 0)
        name = "/cpu_capacity";
    for (uint32_t core = 0; core < count; core++)
        cores->size[core] = mortise_linux_of_core(core, name);
}

MORTISE_SLOW void mortise_linux_read_cores(struct mortise_linux_cores *cores)
{
    const char *file = getauxval(AT_SECURE) == 0 ? getenv("MORTISE_CORES") : NULL;
    if (file != NULL)
        mortise_linux_ask_user(cores, file);
    else
        mortise_linux_ask_system(cores);
    for (uint32_t core = 0; core < mortise_linux_cores_most; core++)
        if (cores->size[core] > cores->largest)
            cores->largest = cores->size[core];
}

/* Only the thread that moves the state on reads the files; others do not wait for it. Acquire and
 * release: the sizes are there for who sees them read. */
MORTISE_PLAIN unsigned mortise_os_core_share(int core)
{
    struct mortise_linux_cores *cores = &mortise_linux_cores;
    uint32_t unread = 0;
    if (MORTISE_LOAD_ACQUIRE(&cores->state) != 2) {
        if (!MORTISE_CAS_ACQUIRE(&cores->state, &unread, 1u))
            return 1024;
        mortise_linux_read_cores(cores);
        MORTISE_STORE_RELEASE(&cores->state, 2u);
    }
    if (core < 0 || core >= mortise_linux_cores_most || cores->size[core] == 0)
        return 1024;
    return (unsigned)((uint64_t)cores->size[core] * 1024 / cores->largest);
}

#endif
