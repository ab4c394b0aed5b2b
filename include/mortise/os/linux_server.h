/* SPDX-License-Identifier: MIT */
/*
 * mortise_os_start_server on Linux. Part of linux.h.
 *
 * pthread_create allocates, with malloc, which may be what is waiting for the server. So the thread
 * is the kernel's alone: libc does not know it. Its thread-local storage is zeroed memory around a
 * thread pointer of its own, which is as far-reaching as errno needs: that is all that futex calls
 * touch. The kernel ends the thread with the process.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it is part of os.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_SERVER_H
#define MORTISE_OS_LINUX_SERVER_H

struct mortise_linux_server {
    void (*serve)(void *);
    void *argument;
};

/* Sanitizers keep books about every thread, and their programs do not allocate from Mortise where
 * libc does. */
#if MORTISE_TSAN || MORTISE_ASAN
MORTISE_PLAIN void *mortise_linux_server_main(void *argument)
{
    struct mortise_linux_server server = *(struct mortise_linux_server *)argument;
    free(argument);
    server.serve(server.argument);
    return NULL;
}

MORTISE_PLAIN bool mortise_os_start_server(void (*serve)(void *), void *argument)
{
    struct mortise_linux_server *server =
        (struct mortise_linux_server *)malloc(sizeof(struct mortise_linux_server));
    if (server == NULL)
        return false;
    server->serve = serve;
    server->argument = argument;
    pthread_t thread;
    if (pthread_create(&thread, NULL, mortise_linux_server_main, server) != 0) {
        free(server);
        return false;
    }
    pthread_detach(thread);
    return true;
}

#elif defined __x86_64__ || defined __aarch64__

/* libc's headers show clone under _GNU_SOURCE alone. */
extern int mortise_linux_clone(int (*run)(void *), void *stack, int flags, void *argument,
                               ...) __asm__("clone");

MORTISE_PLAIN int mortise_linux_server_main(void *argument)
{
    struct mortise_linux_server *server = (struct mortise_linux_server *)argument;
    server->serve(server->argument);
    return 0;
}

/* With all signals blocked, which the thread inherits. The numbers are the kernel's CLONE_VM, _FS,
 * _FILES, _SIGHAND, _THREAD, _SYSVSEM and _SETTLS. */
MORTISE_PLAIN bool mortise_linux_clone_quietly(void *stack, void *argument, void *thread_pointer)
{
    const int flags = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x80000;
    uint64_t all = ~(uint64_t)0;
    uint64_t before = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    int id = mortise_linux_clone(mortise_linux_server_main, stack, flags, argument, NULL,
                                 thread_pointer, NULL);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
    return id != -1;
}

/* From low to high: stack, what lies before the thread pointer, what lies after it. */
MORTISE_PLAIN bool mortise_os_start_server(void (*serve)(void *), void *argument)
{
    enum { STACK = 1 << 16, SLACK = 1 << 14 };
    int saved = errno;
    ptrdiff_t at = (char *)&errno - (char *)__builtin_thread_pointer();
    size_t reach = mortise_round_up((size_t)(at < 0 ? -at : at) + SLACK, MORTISE_GRANULE);
    size_t size = STACK + 2 * reach;
    char *base = (char *)mortise_os_map(size, mortise_os_page_size());
    if (base == NULL)
        return false;
    char *stack = base + STACK - sizeof(struct mortise_linux_server);
    struct mortise_linux_server *server = (struct mortise_linux_server *)(void *)stack;
    server->serve = serve;
    server->argument = argument;
    char *thread_pointer = base + STACK + reach;
    *(void **)(void *)thread_pointer = thread_pointer; /* x86-64 reads its address there */
    bool started = mortise_linux_clone_quietly(stack, server, thread_pointer);
    if (!started)
        mortise_os_unmap(base, size);
    errno = saved;
    return started;
}

#else

MORTISE_PLAIN bool mortise_os_start_server(void (*serve)(void *), void *argument)
{
    (void)serve, (void)argument;
    return false;
}

#endif

#endif
