/* SPDX-License-Identifier: MIT */
/*
 * os/os.h on Windows 8 and later, with mingw-w64 and its POSIX threads; link with
 * -lsynchronization. There is no fork, no program break and no moving of mappings here.
 *
 * A mapping is an allocation of VirtualAlloc, which is released as a whole only: a part of one that
 * is unmapped gives its pages back and keeps its addresses.
 */
#if defined _WIN32
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: it implements os.h */
#include "os.h"
#endif

#ifndef MORTISE_OS_WINDOWS_H
#define MORTISE_OS_WINDOWS_H

#include "../core/atomic.h"
#include "../core/bits.h"

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#if !defined _WIN32_WINNT || _WIN32_WINNT < 0x0602
#undef _WIN32_WINNT
#define _WIN32_WINNT 0x0602 /* WaitOnAddress */
#endif
#include <errno.h>
#include <stdlib.h>
#include <windows.h>

MORTISE_PLAIN size_t mortise_os_page_size(void)
{
    static size_t page;
    size_t known = MORTISE_LOAD_RELAXED(&page); /* every thread stores the same value */
    if (MORTISE_UNLIKELY(known == 0)) {
        SYSTEM_INFO info;
        GetSystemInfo(&info);
        known = info.dwPageSize;
        MORTISE_STORE_RELAXED(&page, known);
    }
    return known;
}

/* Windows puts allocations at multiples of 64 KiB. For more, addresses are sought that are free,
 * and asked for: another thread may have taken them in between. */
MORTISE_PLAIN void *mortise_windows_allocate(size_t size, size_t align, DWORD kind,
                                             DWORD protection)
{
    void *base = VirtualAlloc(NULL, size, kind, protection);
    for (int tries = 0; base != NULL && ((uintptr_t)base & (align - 1)) != 0; tries++) {
        VirtualFree(base, 0, MEM_RELEASE);
        if (tries == 64 || size > MORTISE_MAX_SIZE - align)
            return NULL;
        base = VirtualAlloc(NULL, size + align, MEM_RESERVE, PAGE_NOACCESS);
        if (base == NULL)
            return NULL;
        VirtualFree(base, 0, MEM_RELEASE);
        base =
            VirtualAlloc((void *)mortise_round_up((uintptr_t)base, align), size, kind, protection);
        if (base == NULL)
            base = VirtualAlloc(NULL, size, kind, protection);
    }
    return base;
}

MORTISE_PLAIN void *mortise_os_map(size_t size, size_t align)
{
    return mortise_windows_allocate(size, align, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

MORTISE_PLAIN void *mortise_os_reserve(size_t size, size_t align)
{
    return mortise_windows_allocate(size, align, MEM_RESERVE, PAGE_NOACCESS);
}

/* Whatever can be written is charged for. */
MORTISE_PLAIN void *mortise_os_reserve_writable(size_t size, size_t align)
{
    return mortise_os_map(size, align);
}

MORTISE_PLAIN bool mortise_os_commit(void *base, size_t size)
{
    return VirtualAlloc(base, size, MEM_COMMIT, PAGE_READWRITE) != NULL;
}

MORTISE_PLAIN bool mortise_os_decommit(void *base, size_t size)
{
    return VirtualFree(base, size, MEM_DECOMMIT) != 0;
}

MORTISE_PLAIN bool mortise_os_unmap(void *base, size_t size)
{
    MEMORY_BASIC_INFORMATION first, behind;
    if (VirtualQuery(base, &first, sizeof first) == 0)
        return false;
    bool whole = first.AllocationBase == base;
    if (whole && VirtualQuery((char *)base + size, &behind, sizeof behind) != 0)
        whole = behind.State == MEM_FREE || behind.AllocationBase != base;
    return whole ? VirtualFree(base, 0, MEM_RELEASE) != 0 : mortise_os_decommit(base, size);
}

MORTISE_PLAIN bool mortise_os_unreserve(void *base, size_t size)
{
    return mortise_os_unmap(base, size);
}

MORTISE_PLAIN bool mortise_os_resize(void *base, size_t old_size, size_t new_size)
{
    (void)base, (void)old_size, (void)new_size;
    return false;
}

MORTISE_PLAIN bool mortise_os_move(void *base, size_t old_size, void *place, size_t new_size)
{
    (void)base, (void)old_size;
    (void)mortise_os_unreserve(place, new_size);
    return false;
}

/* What is decommitted may be impossible to commit again, and MEM_RESET leaves no zeroes. */
MORTISE_PLAIN bool mortise_os_purge(void *base, size_t size)
{
    (void)base, (void)size;
    return false;
}

MORTISE_PLAIN void mortise_os_want_huge(void *base, size_t size)
{
    (void)base, (void)size; /* only whole programs with the right to lock memory get them */
}

MORTISE_PLAIN void mortise_os_want_small(void *base, size_t size)
{
    (void)base, (void)size; /* all are */
}

MORTISE_PLAIN void *mortise_os_sbrk(ptrdiff_t delta)
{
    (void)delta;
    return NULL;
}

MORTISE_PLAIN void mortise_os_wait(uint32_t *word, uint32_t value)
{
    WaitOnAddress(word, &value, sizeof value, INFINITE);
}

MORTISE_PLAIN void mortise_os_rest(uint32_t milliseconds)
{
    Sleep(milliseconds);
}

MORTISE_PLAIN void mortise_os_wake(uint32_t *word, int count)
{
    if (count == 1)
        WakeByAddressSingle(word);
    else
        WakeByAddressAll(word);
}

struct mortise_os_mutex {
    SRWLOCK lock; /* all-zero is SRWLOCK_INIT */
};

MORTISE_PLAIN void mortise_os_mutex_init(struct mortise_os_mutex *mutex)
{
    InitializeSRWLock(&mutex->lock);
}

MORTISE_PLAIN void mortise_os_mutex_lock(struct mortise_os_mutex *mutex)
{
    AcquireSRWLockExclusive(&mutex->lock);
}

MORTISE_PLAIN void mortise_os_mutex_unlock(struct mortise_os_mutex *mutex)
{
    ReleaseSRWLockExclusive(&mutex->lock);
}

MORTISE_PLAIN bool mortise_os_heavy_fence_ready(void)
{
    return true;
}

MORTISE_PLAIN void mortise_os_heavy_fence(void)
{
    FlushProcessWriteBuffers();
}

MORTISE_PLAIN void mortise_os_yield(void)
{
    SwitchToThread();
}

MORTISE_PLAIN uint32_t mortise_os_cores(void)
{
    DWORD_PTR mine = 0, all = 0;
    if (GetProcessAffinityMask(GetCurrentProcess(), &mine, &all) == 0 || mine == 0)
        return 2; /* refused: assume that spinning can help */
    return (uint32_t)__builtin_popcountll(mine);
}

MORTISE_PLAIN bool mortise_os_single_core(void)
{
    return mortise_os_cores() == 1;
}

MORTISE_PLAIN unsigned mortise_os_node(void)
{
    return 0;
}

MORTISE_PLAIN int mortise_os_core(void)
{
    return (int)GetCurrentProcessorNumber();
}

MORTISE_PLAIN unsigned mortise_os_core_share(int core)
{
    (void)core;
    return 1024;
}

MORTISE_PLAIN uint32_t mortise_os_thread_id(void)
{
    return GetCurrentThreadId();
}

MORTISE_PLAIN bool mortise_os_thread_lives(uint32_t thread_id)
{
    HANDLE thread = OpenThread(SYNCHRONIZE, FALSE, thread_id);
    if (thread == NULL)
        return GetLastError() != ERROR_INVALID_PARAMETER;
    bool ended = WaitForSingleObject(thread, 0) == WAIT_OBJECT_0;
    CloseHandle(thread);
    return !ended;
}

#ifdef __cplusplus
extern "C"
#endif
    BOOLEAN NTAPI
    SystemFunction036(void *place, ULONG size); /* RtlGenRandom, in advapi32 */

MORTISE_PLAIN uint64_t mortise_os_secret(void)
{
    uint64_t secret = 0;
    if (!SystemFunction036(&secret, sizeof secret)) {
        LARGE_INTEGER now;
        QueryPerformanceCounter(&now);
        secret = ((uint64_t)now.QuadPart ^ (uintptr_t)&secret) * UINT64_C(0xbf58476d1ce4e5b9);
        secret ^= secret >> 31;
    }
    return secret;
}

MORTISE_PLAIN void mortise_os_complain(const char *text, size_t length)
{
    DWORD written;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)length, &written, NULL);
}

MORTISE_PLAIN bool mortise_os_find_origin(const void *code, struct mortise_os_origin *origin)
{
    (void)code, (void)origin;
    return false;
}

/* A file that is only to be appended to: each text is written by one call, at the end. */
MORTISE_PLAIN bool mortise_os_append(const char *path, const char *text, size_t length)
{
    DWORD written = 0;
    HANDLE file = CreateFileA(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    bool done = WriteFile(file, text, (DWORD)length, &written, NULL) != 0 && written == length;
    return CloseHandle(file) != 0 && done;
}

MORTISE_PLAIN const char *mortise_os_environment(const char *name)
{
    return getenv(name);
}

MORTISE_PLAIN uint32_t mortise_os_process_id(void)
{
    return GetCurrentProcessId();
}

MORTISE_PLAIN uint64_t mortise_os_clock(void)
{
    LARGE_INTEGER now, rate;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&rate);
    uint64_t ticks = (uint64_t)now.QuadPart, each = (uint64_t)rate.QuadPart;
    return ticks / each * 1000000000u + ticks % each * 1000000000u / each;
}

MORTISE_PLAIN uint64_t mortise_os_milliseconds(void)
{
    return GetTickCount64();
}

/* Windows has counters of a thread for those that trace the whole system alone. */
#include "no_counter.h"

__attribute__((noreturn)) MORTISE_PLAIN void mortise_os_abort(void)
{
    abort();
}

MORTISE_PLAIN void mortise_os_set_enomem(void)
{
    errno = ENOMEM;
}

MORTISE_PLAIN bool mortise_os_start_server(void (*serve)(void *), void *argument)
{
    (void)serve, (void)argument; /* CreateThread allocates for it */
    return false;
}

MORTISE_PLAIN void mortise_os_at_fork(void (*prepare)(void), void (*parent)(void),
                                      void (*child)(void))
{
    (void)prepare, (void)parent, (void)child;
}

#include "pthread_exit.h"

#endif
#endif
