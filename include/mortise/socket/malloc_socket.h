/* SPDX-License-Identifier: MIT */
/*
 * malloc_socket - the malloc of libc, over the default heap
 *
 * With interpose=1 the composition answers to every name of libc's allocator, so that a shared
 * object of it replaces malloc under LD_PRELOAD, and an object file does at link time.
 * reallocarray, strdup and C++'s operators new and delete need no names here: those of libc and
 * libstdc++ call these. mallopt knows no parameter and says so by returning 0.
 *
 * With interpose=0 nothing is replaced: a program, C or C++, calls the composition's own functions
 * NAME_malloc(heap, size) and so on (see run/malloc.h), on &NAME_default or on heaps that it makes
 * with NAME_heap_create() and ends with NAME_heap_destroy(heap).
 *
 * A program whose malloc it is shows its heap to `mortise inspect` where MORTISE_INSPECT in the
 * environment asks for that, see run/inspect_program.h.
 *
 * Needs: objects of known size and any alignment; a thread-safe neighbour unless threads=one
 * Offers: malloc calloc realloc free aligned_alloc memalign posix_memalign valloc pvalloc
 *     malloc_usable_size malloc_trim mallinfo mallinfo2 mallopt malloc_stats malloc_info free_sized
 *     free_aligned_sized memalignment
 *
 * Parameters:
 *   name        type        default  range     meaning
 *   interpose   bool        1        -         take the names of libc
 *   err_handle  err_handle  default  -         what happens when a pointer is freed that is not a
 *                                              living block
 *   align       int         16       8..4096   alignment of every block, a power of two
 *   background  bool        0        -         a thread gives back what lies free while nobody
 *                                              calls, see run/background.h
 *   threads     name        many     many|one  one: the program promises to use one thread
 *
 * Invariants: errno changes only when an allocation fails, to ENOMEM, or to EINVAL for an alignment
 *     that is no power of two; free never changes it.
 * Ordering: none of its own
 * Wins: not an allocator
 * Source: paper table 2; ISO C23 7.24.3, POSIX 2024, glibc manual "Replacing malloc"
 */
#include "../core/socket_begin.h"

#ifndef MALLOC_SOCKET_INTERPOSE
#define MALLOC_SOCKET_INTERPOSE 1
#endif
#ifndef MALLOC_SOCKET_BREAK /* 1: nobody else moves the program break while this composition does */
#define MALLOC_SOCKET_BREAK MALLOC_SOCKET_INTERPOSE
#endif
#ifndef MALLOC_SOCKET_ERR_HANDLE
#define MALLOC_SOCKET_ERR_HANDLE default
#endif
#ifndef MALLOC_SOCKET_ALIGN
#define MALLOC_SOCKET_ALIGN 16
#endif
#ifndef MALLOC_SOCKET_BACKGROUND
#define MALLOC_SOCKET_BACKGROUND 0
#endif
#ifndef MALLOC_SOCKET_THREADS
#define MALLOC_SOCKET_THREADS many
#endif

#define SOCKET "malloc_socket"
#define SOCKET_ERR_HANDLE MALLOC_SOCKET_ERR_HANDLE
#define SOCKET_ALIGN MALLOC_SOCKET_ALIGN
#define SOCKET_BREAK MALLOC_SOCKET_BREAK
#define SOCKET_BACKGROUND MALLOC_SOCKET_BACKGROUND
#define SOCKET_THREADS MALLOC_SOCKET_THREADS
#define SOCKET_EXPORT MALLOC_SOCKET_INTERPOSE
#include "../run/socket.h"

#if MALLOC_SOCKET_INTERPOSE
#include "../os/libc_malloc.h"
#if MORTISE_OS_COPIES
#include "../run/inspect_program.h"
#endif
#endif

#undef MALLOC_SOCKET_INTERPOSE
#undef MALLOC_SOCKET_BREAK
#undef MALLOC_SOCKET_ERR_HANDLE
#undef MALLOC_SOCKET_ALIGN
#undef MALLOC_SOCKET_BACKGROUND
#undef MALLOC_SOCKET_THREADS
#include "../core/socket_end.h"
