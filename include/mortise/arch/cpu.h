/* SPDX-License-Identifier: MIT */
/*
 * What a processor offers to a thread that waits, and where it keeps the thread's own storage.
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

#endif
