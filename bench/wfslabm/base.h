/* SPDX-License-Identifier: MIT */
/*
 * What the parts of wfslabm share: the attributes, the system, the sizes.
 */
#ifndef WFSLABM_BASE_H
#define WFSLABM_BASE_H

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOT static inline __attribute__((always_inline))
#define COLD static __attribute__((noinline, cold))
#define APART static __attribute__((noinline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define OPAQUE(x) __asm__("" : "+r"(x)) /* keeps an address as one base of several operands */

enum { LINE = 64, GRANULE = 65536, PAGE = 4096, HUGE = 2 << 20 };

#define MOST_BYTES ((size_t)PTRDIFF_MAX)

HOT size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) & ~(to - 1);
}

static bool unmap(void *base, size_t size)
{
    int saved = errno;
    bool done = munmap(base, size) == 0;
    errno = saved;
    return done;
}

static char *map_some(size_t size, int flags)
{
    int saved = errno;
    void *base =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    errno = saved;
    return base == MAP_FAILED ? NULL : (char *)base;
}

/* The kernel puts mappings side by side, so that mostly the first try is aligned already. */
static char *map_aligned(size_t size, size_t align, int flags)
{
    char *base = map_some(size, flags);
    if (base == NULL || ((uintptr_t)base & (align - 1)) == 0)
        return base;
    unmap(base, size);
    if (size > MOST_BYTES - align)
        return NULL;
    base = map_some(size + align, flags);
    if (base == NULL)
        return NULL;
    size_t lead = (size_t)(-(uintptr_t)base & (align - 1));
    if (lead != 0)
        unmap(base, lead);
    if (lead != align)
        unmap(base + lead + size, align - lead);
    return base + lead;
}

static bool remap(void *base, size_t old_size, void *place, size_t new_size)
{
    int saved = errno;
    bool done = syscall(SYS_mremap, base, old_size, new_size, place != NULL ? 3 : 0, place) != -1;
    errno = saved;
    return done;
}

/* Held for a few instructions, when threads begin and end. */
static void lock(uint32_t *word)
{
    while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
}

static void unlock(uint32_t *word)
{
    __atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

#endif
