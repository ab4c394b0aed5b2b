/* SPDX-License-Identifier: MIT */
/*
 * What a processor offers to a thread that waits, where it keeps the thread's own storage, its
 * clock, and its counters.
 */
#ifndef MORTISE_ARCH_CPU_H
#define MORTISE_ARCH_CPU_H

#include "../core/compiler.h"

/* Tells the core that this thread spins: it yields execution resources to its sibling and leaves
 * the loop without a memory-order violation. Elsewhere a compiler barrier, so that loops reload. */
MORTISE_FAST void mortise_cpu_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
    __asm__ volatile("yield" ::: "memory");
#else
    __asm__ volatile("" ::: "memory");
#endif
}

/* Where the thread's own storage is, as the processor's convention for threads has it; NULL: not
 * known here. */
MORTISE_FAST char *mortise_cpu_thread_pointer(void)
{
#if defined(__x86_64__) && !defined(__ILP32__)
    char *pointer;
    __asm__("mov %%fs:0, %0" : "=r"(pointer));
    return pointer;
#elif defined(__aarch64__)
    char *pointer;
    __asm__("mrs %0, tpidr_el0" : "=r"(pointer));
    return pointer;
#else
    return NULL;
#endif
}

/* Is there a clock that a program can read without a system call? */
#if defined(__x86_64__) || defined(__aarch64__)
#define MORTISE_CPU_TICKS 1
#else
#define MORTISE_CPU_TICKS 0
#endif

/* Reads that clock, of a rate of its own, before what is to be timed: what comes earlier in the
 * program is over, and what comes later has not begun. 0 where there is none. */
MORTISE_FAST uint64_t mortise_cpu_ticks_begin(void)
{
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks)::"memory");
    return ticks;
#else
    return 0;
#endif
}

/* And after it. */
MORTISE_FAST uint64_t mortise_cpu_ticks_end(void)
{
#if defined(__x86_64__)
    uint32_t low, high, core;
    __asm__ volatile("rdtscp\n\tlfence" : "=a"(low), "=d"(high), "=c"(core)::"memory");
    return (uint64_t)high << 32 | low;
#else
    return mortise_cpu_ticks_begin();
#endif
}

/* Are there counters of events that a program can read, where the system lets it? */
#if defined(__x86_64__)
#define MORTISE_CPU_COUNTERS 1
#else
#define MORTISE_CPU_COUNTERS 0
#endif

/* Reads one. A fault where the system does not let the program. */
MORTISE_FAST uint64_t mortise_cpu_counter(uint32_t index)
{
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(index) : "memory");
    return (uint64_t)high << 32 | low;
#else
    (void)index;
    return 0;
#endif
}

#endif
