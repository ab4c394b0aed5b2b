/* SPDX-License-Identifier: MIT */
/*
 * os/os.h on Linux, with glibc or musl.
 *
 * Every wrapper restores errno. A call that an old kernel or a seccomp filter answers with ENOSYS
 * has a way round: mremap by copying at the caller, madvise by a fresh mapping.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it implements os.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_LINUX_H
#define MORTISE_OS_LINUX_H

#include "../core/atomic.h"
#include "../core/bits.h"
#include "../core/poison.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if MORTISE_TSAN
#include <sanitizer/tsan_interface.h>
#endif

#ifndef MAP_ANONYMOUS
#error "mortise: compile with -std=gnu11, or define _DEFAULT_SOURCE before the first #include"
#endif

MORTISE_PLAIN size_t mortise_os_page_size(void)
{
    static size_t page;
    size_t known = MORTISE_LOAD_RELAXED(&page); /* every thread stores the same value */
    if (MORTISE_UNLIKELY(known == 0)) {
        known = (size_t)sysconf(_SC_PAGESIZE);
        MORTISE_STORE_RELAXED(&page, known);
    }
    return known;
}

MORTISE_PLAIN void *mortise_linux_map_at(void *hint, size_t size, int protection, int flags)
{
    int saved = errno;
    void *base = mmap(hint, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    errno = saved;
    return base == MAP_FAILED ? NULL : base;
}

MORTISE_PLAIN bool mortise_os_unreserve(void *base, size_t size)
{
    int saved = errno;
    bool done = munmap(base, size) == 0;
    errno = saved;
    return done;
}

MORTISE_PLAIN bool mortise_os_unmap(void *base, size_t size)
{
    mortise_poison_forget(base, size); /* before: another thread may have the addresses at once */
    return mortise_os_unreserve(base, size);
}

#include "linux_map.h"

MORTISE_PLAIN void *mortise_os_map(size_t size, size_t align)
{
    return mortise_linux_map_aligned(size, align, PROT_READ | PROT_WRITE, 0);
}

/* The kernel gives addresses that one thread gave up to another, in an order that ThreadSanitizer
 * knows of mmap and munmap, but not of mremap: around that the order is told, or else what both
 * write there would be taken for a race. */
#if MORTISE_TSAN
static char mortise_linux_addresses __attribute__((unused));
#define MORTISE_LINUX_GIVES() __tsan_release(&mortise_linux_addresses)
#define MORTISE_LINUX_TAKES() __tsan_acquire(&mortise_linux_addresses)
#else
#define MORTISE_LINUX_GIVES() ((void)0)
#define MORTISE_LINUX_TAKES() ((void)0)
#endif

/* The numbers are the kernel's MREMAP_MAYMOVE and MREMAP_FIXED, which libc's headers show under
 * _GNU_SOURCE alone. */
MORTISE_PLAIN int mortise_linux_mremap(void *base, size_t old_size, void *place, size_t new_size)
{
    int saved = errno, error = 0;
    MORTISE_LINUX_GIVES();
    if (syscall(SYS_mremap, base, old_size, new_size, place != NULL ? 1 | 2 : 0, place) == -1)
        error = errno;
    MORTISE_LINUX_TAKES();
    errno = saved;
    return error;
}

MORTISE_PLAIN bool mortise_os_resize(void *base, size_t old_size, size_t new_size)
{
    bool done = mortise_linux_mremap(base, old_size, NULL, new_size) == 0;
    if (done && new_size < old_size)
        mortise_poison_forget((char *)base + new_size, old_size - new_size);
    return done;
}

/* The kernel unmaps the place first, and may find after that that it has no memory. Only where it
 * did not even begin is the place known to be there still. */
MORTISE_PLAIN bool mortise_os_move(void *base, size_t old_size, void *place, size_t new_size)
{
    int error = mortise_linux_mremap(base, old_size, place, new_size);
    if (error == 0)
        mortise_poison_forget(base, old_size);
    else if (error == ENOSYS || error == EPERM)
        mortise_os_unreserve(place, new_size);
    return error == 0;
}

MORTISE_PLAIN void *mortise_os_reserve(size_t size, size_t align)
{
    return mortise_linux_map_aligned(size, align, PROT_NONE, MAP_NORESERVE);
}

MORTISE_PLAIN void *mortise_os_reserve_writable(size_t size, size_t align)
{
    return mortise_linux_map_aligned(size, align, PROT_READ | PROT_WRITE, MAP_NORESERVE);
}

MORTISE_PLAIN bool mortise_os_commit(void *base, size_t size)
{
    int saved = errno;
    bool done = mprotect(base, size, PROT_READ | PROT_WRITE) == 0;
    errno = saved;
    return done;
}

/* A fresh mapping in place: it drops the pages and the charge for them in one call. */
MORTISE_PLAIN bool mortise_os_decommit(void *base, size_t size)
{
    mortise_poison_forget(base, size);
    return mortise_linux_map_at(base, size, PROT_NONE, MAP_NORESERVE | MAP_FIXED) != NULL;
}

MORTISE_PLAIN bool mortise_os_purge(void *base, size_t size)
{
    size_t page = mortise_os_page_size();
    uintptr_t first = mortise_round_up((uintptr_t)base, page);
    uintptr_t last = mortise_round_down((uintptr_t)base + size, page);
    if (last <= first)
        return false;
    int saved = errno;
    bool done = madvise((void *)first, last - first, MADV_DONTNEED) == 0;
    errno = saved;
    return done;
}

MORTISE_PLAIN void mortise_os_want_huge(void *base, size_t size)
{
    int saved = errno;
    (void)madvise(base, size, MADV_HUGEPAGE);
    errno = saved;
}

MORTISE_PLAIN void mortise_os_want_small(void *base, size_t size)
{
    int saved = errno;
    (void)madvise(base, size, MADV_NOHUGEPAGE);
    errno = saved;
}

/* glibc remembers the break, so it must be asked; musl refuses sbrk, so the kernel is asked. */
MORTISE_PLAIN void *mortise_os_sbrk(ptrdiff_t delta)
{
    if (delta < 0)
        mortise_poison_forget((char *)mortise_os_sbrk(0) + delta, (size_t)-delta);
#ifdef __GLIBC__
    int saved = errno;
    void *old = sbrk(delta);
    errno = saved;
    if (delta > 0 && (intptr_t)old != -1)
        mortise_poison_forget(old, (size_t)delta);
    return (intptr_t)old == -1 ? NULL : old;
#else
    int saved = errno;
    uintptr_t old = (uintptr_t)syscall(SYS_brk, 0);
    uintptr_t now = (uintptr_t)syscall(SYS_brk, old + (uintptr_t)delta);
    errno = saved;
    if (delta > 0 && now == old + (uintptr_t)delta)
        mortise_poison_forget((void *)old, (size_t)delta);
    return now == old + (uintptr_t)delta ? (void *)old : NULL;
#endif
}

MORTISE_PLAIN void mortise_os_wait(uint32_t *word, uint32_t value)
{
    int saved = errno;
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
    errno = saved;
}

MORTISE_PLAIN void mortise_os_rest(uint32_t milliseconds)
{
    int saved = errno;
    struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    syscall(SYS_nanosleep, &time, NULL);
    errno = saved;
}

MORTISE_PLAIN void mortise_os_wake(uint32_t *word, int count)
{
    int saved = errno;
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
    errno = saved;
}

/* As in glibc's mutex, the word is 0, 1: locked, or 2: there may be sleepers too (Drepper, Futexes
 * are tricky, 2004, mutex2). But glibc's does without atomic operations while it knows of one
 * thread alone, and it does not know of those that mortise_os_start_server begins. */
struct mortise_os_mutex {
    uint32_t word;
};

MORTISE_PLAIN void mortise_os_mutex_init(struct mortise_os_mutex *mutex)
{
    mutex->word = 0;
}

/* Acquire: sees what was done under the lock before. */
MORTISE_PLAIN void mortise_os_mutex_lock(struct mortise_os_mutex *mutex)
{
    uint32_t open = 0;
    if (MORTISE_LIKELY(MORTISE_CAS_ACQUIRE(&mutex->word, &open, 1u)))
        return;
    while (MORTISE_SWAP_ACQUIRE(&mutex->word, 2u) != 0)
        mortise_os_wait(&mutex->word, 2);
}

/* Release: shows what was done under the lock. */
MORTISE_PLAIN void mortise_os_mutex_unlock(struct mortise_os_mutex *mutex)
{
    if (MORTISE_UNLIKELY(MORTISE_SWAP_RELEASE(&mutex->word, 0u) == 2))
        mortise_os_wake(&mutex->word, 1);
}

/* The numbers are MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED and ..._PRIVATE_EXPEDITED of
 * linux/membarrier.h, Linux 4.14. */
MORTISE_PLAIN bool mortise_linux_membarrier(int command)
{
    int saved = errno;
    bool done = syscall(SYS_membarrier, command, 0, 0) == 0;
    errno = saved;
    return done;
}

MORTISE_PLAIN bool mortise_os_heavy_fence_ready(void)
{
    return mortise_linux_membarrier(1 << 4);
}

/* Where a filter came between, taking a right from a page has the same effect: the kernel
 * interrupts every core that runs the process, for these may know the page. */
MORTISE_PLAIN void mortise_os_heavy_fence(void)
{
    if (mortise_linux_membarrier(1 << 3))
        return;
    size_t page = mortise_os_page_size();
    void *place = mortise_os_map(page, page);
    if (place == NULL)
        return;
    *(volatile char *)place = 1;
    int saved = errno;
    mprotect(place, page, PROT_READ);
    errno = saved;
    mortise_os_unmap(place, page);
}

MORTISE_PLAIN void mortise_os_yield(void)
{
    int saved = errno;
    sched_yield();
    errno = saved;
}

MORTISE_PLAIN uint32_t mortise_os_cores(void)
{
    static uint32_t cores; /* 0 not asked yet, else the count; every thread stores the same value */
    uint32_t known = MORTISE_LOAD_RELAXED(&cores);
    if (MORTISE_UNLIKELY(known == 0)) {
        int saved = errno;
        unsigned long mask[128]; /* 8192 processors, in the kernel's own layout */
        long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
        errno = saved;
        for (long i = 0; i < bytes / (long)sizeof mask[0]; i++)
            known += (uint32_t)__builtin_popcountl(mask[i]);
        if (known == 0)
            known = 2; /* refused: assume that spinning can help */
        MORTISE_STORE_RELAXED(&cores, known);
    }
    return known;
}

MORTISE_PLAIN bool mortise_os_single_core(void)
{
    return mortise_os_cores() == 1;
}

MORTISE_PLAIN unsigned mortise_os_node(void)
{
    int saved = errno;
    unsigned node = 0;
    if (syscall(SYS_getcpu, NULL, &node, NULL) != 0)
        node = 0;
    errno = saved;
    return node;
}

MORTISE_PLAIN uint32_t mortise_os_thread_id(void)
{
    return (uint32_t)syscall(SYS_gettid);
}

MORTISE_PLAIN bool mortise_os_thread_lives(uint32_t thread_id)
{
    int saved = errno;
    bool gone = syscall(SYS_tgkill, getpid(), (pid_t)thread_id, 0) == -1 && errno == ESRCH;
    errno = saved;
    return !gone;
}

/* The number is the kernel's GRND_NONBLOCK: early at boot, or where the call is refused, the clock
 * and the places where the kernel put stack and code have to do, mixed as in splitmix64. */
MORTISE_PLAIN uint64_t mortise_os_secret(void)
{
    int saved = errno;
    uint64_t secret;
    if (syscall(SYS_getrandom, &secret, sizeof secret, 1) != (long)sizeof secret) {
        struct timespec now = {0, 0};
        clock_gettime(CLOCK_MONOTONIC, &now);
        secret = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        secret ^= (uint64_t)(uintptr_t)&secret << 16 ^ (uint64_t)(uintptr_t)&mortise_os_secret
                                                           << 24;
        secret = (secret ^ (secret >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        secret = (secret ^ (secret >> 27)) * UINT64_C(0x94d049bb133111eb);
        secret ^= secret >> 31;
    }
    errno = saved;
    return secret;
}

__attribute__((noreturn)) MORTISE_PLAIN void mortise_os_abort(void)
{
    abort();
}

MORTISE_PLAIN void mortise_os_set_enomem(void)
{
    errno = ENOMEM;
}

#include "linux_calls.h"
#include "linux_cores.h"
#include "linux_counter.h"
#include "linux_files.h"
#include "linux_origin.h"
#include "linux_inspect.h"
#include "linux_server.h"
#include "pthread_exit.h"

MORTISE_PLAIN void mortise_os_at_fork(void (*prepare)(void), void (*parent)(void),
                                      void (*child)(void))
{
    pthread_atfork(prepare, parent, child);
}

#endif
