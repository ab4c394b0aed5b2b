/* SPDX-License-Identifier: MIT */
/*
 * os/os.h without an operating system, for MORTISE_FREESTANDING=1.
 *
 * Memory comes from vmalloc.h. Who waits spins, for there is nothing to sleep in: a wait returns at
 * once, and its caller looks again. What else a system would be asked for there is not, and each
 * function answers so. Nothing is included but what a freestanding compiler has of its own.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it implements os.h */
#define MORTISE_FREESTANDING 1
#include "os.h"
#endif

#ifndef MORTISE_OS_FREESTANDING_H
#define MORTISE_OS_FREESTANDING_H

#include "../arch/cpu.h"
#include "../core/atomic.h"
#include "../core/poison.h"
#include "vmalloc.h"

/* ---- memory ---- */

MORTISE_PLAIN size_t mortise_os_page_size(void)
{
    return mortise_vmalloc_page;
}

MORTISE_PLAIN bool mortise_os_unmap(void *base, size_t size)
{
    mortise_vmalloc_give(base, size);
    return true;
}

/* vmalloc knows of no alignment but a page's: any other comes by chance, or is refused. */
MORTISE_PLAIN void *mortise_os_map(size_t size, size_t align)
{
    void *base = mortise_vmalloc_take(size);
    if (base != NULL && ((uintptr_t)base & (align - 1)) != 0) {
        mortise_vmalloc_give(base, size);
        return NULL;
    }
    return base != NULL ? mortise_set(base, 0, size) : NULL;
}

MORTISE_PLAIN bool mortise_os_resize(void *base, size_t old_size, size_t new_size)
{
    (void)base;
    return old_size == new_size;
}

MORTISE_PLAIN bool mortise_os_move(void *base, size_t old_size, void *place, size_t new_size)
{
    (void)base, (void)old_size, (void)place, (void)new_size;
    return false;
}

MORTISE_PLAIN void *mortise_os_reserve(size_t size, size_t align)
{
    (void)size, (void)align;
    return NULL;
}

MORTISE_PLAIN bool mortise_os_unreserve(void *base, size_t size)
{
    (void)base, (void)size;
    return false;
}

MORTISE_PLAIN void *mortise_os_reserve_writable(size_t size, size_t align)
{
    (void)size, (void)align;
    return NULL;
}

MORTISE_PLAIN bool mortise_os_commit(void *base, size_t size)
{
    (void)base, (void)size;
    return false;
}

MORTISE_PLAIN bool mortise_os_decommit(void *base, size_t size)
{
    (void)base, (void)size;
    return false;
}

MORTISE_PLAIN bool mortise_os_purge(void *base, size_t size)
{
    (void)base, (void)size;
    return false;
}

MORTISE_PLAIN void mortise_os_want_huge(void *base, size_t size)
{
    (void)base, (void)size;
}

MORTISE_PLAIN void mortise_os_want_small(void *base, size_t size)
{
    (void)base, (void)size;
}

MORTISE_PLAIN void *mortise_os_sbrk(ptrdiff_t delta)
{
    (void)delta;
    return NULL;
}

/* ---- waiting ---- */

MORTISE_PLAIN void mortise_os_yield(void)
{
    mortise_cpu_pause();
}

MORTISE_PLAIN void mortise_os_wait(uint32_t *word, uint32_t value)
{
    (void)word, (void)value;
    mortise_cpu_pause();
}

MORTISE_PLAIN void mortise_os_rest(uint32_t milliseconds)
{
    (void)milliseconds;
}

MORTISE_PLAIN void mortise_os_wake(uint32_t *word, int count)
{
    (void)word, (void)count;
}

struct mortise_os_mutex {
    uint32_t word;
};

MORTISE_PLAIN void mortise_os_mutex_init(struct mortise_os_mutex *mutex)
{
    mutex->word = 0;
}

/* Acquire, and release below: shows what the last holder wrote. */
MORTISE_PLAIN void mortise_os_mutex_lock(struct mortise_os_mutex *mutex)
{
    while (MORTISE_SWAP_ACQUIRE(&mutex->word, 1u) != 0)
        mortise_cpu_pause();
}

MORTISE_PLAIN void mortise_os_mutex_unlock(struct mortise_os_mutex *mutex)
{
    MORTISE_STORE_RELEASE(&mutex->word, 0u);
}

MORTISE_PLAIN bool mortise_os_heavy_fence_ready(void)
{
    return false;
}

MORTISE_PLAIN void mortise_os_heavy_fence(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

MORTISE_PLAIN bool mortise_os_single_core(void)
{
    return false;
}

MORTISE_PLAIN uint32_t mortise_os_cores(void)
{
    return 1;
}

MORTISE_PLAIN uint64_t mortise_os_milliseconds(void)
{
    return 0;
}

MORTISE_PLAIN unsigned mortise_os_node(void)
{
    return 0;
}

MORTISE_PLAIN int mortise_os_core(void)
{
    return -1;
}

MORTISE_PLAIN unsigned mortise_os_core_share(int core)
{
    (void)core;
    return 1024;
}

/* ---- threads ---- */

/* The number that Linux has for the thread, by its call gettid. Elsewhere nothing is known but that
 * threads have stacks of their own, and so the number is that of the page of its stack. */
MORTISE_PLAIN uint32_t mortise_os_thread_id(void)
{
#if defined(__linux__) && defined(__x86_64__)
    long result = 186;
    __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
    return (uint32_t)result;
#elif defined(__linux__) && defined(__aarch64__)
    register long result __asm__("x0");
    register long call __asm__("x8") = 178;
    __asm__ volatile("svc 0" : "=r"(result) : "r"(call) : "memory");
    return (uint32_t)result;
#else
    return (uint32_t)((uintptr_t)__builtin_frame_address(0) / mortise_vmalloc_page) | 1;
#endif
}

MORTISE_PLAIN bool mortise_os_thread_lives(uint32_t thread_id)
{
    (void)thread_id;
    return true;
}

MORTISE_PLAIN bool mortise_os_at_thread_exit(struct mortise_os_exit_hook *hook,
                                             void (*ended)(void *), void *argument)
{
    (void)hook, (void)ended, (void)argument;
    return false;
}

MORTISE_PLAIN bool mortise_os_start_server(void (*serve)(void *), void *argument)
{
    (void)serve, (void)argument;
    return false;
}

MORTISE_PLAIN void mortise_os_at_fork(void (*prepare)(void), void (*parent)(void),
                                      void (*child)(void))
{
    (void)prepare, (void)parent, (void)child;
}

/* ---- the rest ---- */

/* The processor's clock and where code and stack lie, mixed as in splitmix64: it keeps mistakes
 * from being right by chance, and is no protection against who knows these. */
MORTISE_PLAIN uint64_t mortise_os_secret(void)
{
    uint64_t secret = mortise_cpu_ticks_begin();
    secret ^= (uint64_t)(uintptr_t)&secret << 16;
    secret ^= (uint64_t)(uintptr_t)&mortise_os_secret << 24;
    secret = (secret ^ (secret >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    secret = (secret ^ (secret >> 27)) * UINT64_C(0x94d049bb133111eb);
    return secret ^ (secret >> 31);
}

MORTISE_PLAIN void mortise_os_complain(const char *text, size_t length)
{
    (void)text, (void)length;
}

MORTISE_PLAIN bool mortise_os_find_origin(const void *code, struct mortise_os_origin *origin)
{
    (void)code, (void)origin;
    return false;
}

MORTISE_PLAIN bool mortise_os_append(const char *path, const char *text, size_t length)
{
    (void)path, (void)text, (void)length;
    return false;
}

MORTISE_PLAIN const char *mortise_os_environment(const char *name)
{
    (void)name;
    return NULL;
}

MORTISE_PLAIN uint32_t mortise_os_process_id(void)
{
    return 1;
}

MORTISE_PLAIN uint64_t mortise_os_clock(void)
{
    return 0;
}

#include "no_counter.h"

__attribute__((noreturn)) MORTISE_PLAIN void mortise_os_abort(void)
{
    __builtin_trap();
}

MORTISE_PLAIN void mortise_os_set_enomem(void)
{
}

#endif
