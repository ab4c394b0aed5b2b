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
#ifndef MALLOC_SOCKET_ERR_HANDLE
#define MALLOC_SOCKET_ERR_HANDLE default
#endif
#ifndef MALLOC_SOCKET_ALIGN
#define MALLOC_SOCKET_ALIGN 16
#endif
#ifndef MALLOC_SOCKET_THREADS
#define MALLOC_SOCKET_THREADS many
#endif

#include "../policy/err_handle.h"
#include MORTISE_POLICY(err_handle, MALLOC_SOCKET_ERR_HANDLE)

#define MALLOC_ALIGN ((size_t)(MALLOC_SOCKET_ALIGN))
#define MALLOC_RAISE MORTISE_MEMBER(MALLOC_SOCKET_ERR_HANDLE, raise)
#include "../run/malloc.h"

#define FACTS MORTISE_CAT(COMPOSITION, _facts)
#define THREADS_many MORTISE_THREADSAFE
#define THREADS_one 0
MORTISE_ASSERT_STATIC((FACTS & MORTISE_OBJECTS) != 0,
                      "mortise: malloc_socket needs objects of known size, which the layer on its "
                      "system side does not give: put a placing layer such as tlsf_glk before it");
MORTISE_ASSERT_STATIC((FACTS & MORTISE_ALIGNS) != 0,
                      "mortise: malloc_socket needs any alignment, which the layer on its system "
                      "side does not give: put a placing layer such as tlsf_glk before it");
MORTISE_ASSERT_STATIC(
    (~FACTS & MORTISE_CAT(THREADS_, MALLOC_SOCKET_THREADS)) == 0,
    "mortise: malloc_socket needs a thread-safe neighbour, which the layer on its "
    "system side is not: give it another sync than none, or promise one thread "
    "by malloc_socket(threads=one)");
MORTISE_ASSERT_STATIC(MALLOC_ALIGN >= 8 && MALLOC_ALIGN <= 4096 &&
                          (MALLOC_ALIGN & (MALLOC_ALIGN - 1)) == 0,
                      "mortise: malloc_socket: align must be a power of two in 8..4096");
#undef FACTS
#undef THREADS_many
#undef THREADS_one

#if MALLOC_SOCKET_INTERPOSE
#include "../os/libc_malloc.h"
#endif

#undef MALLOC_ALIGN
#undef MALLOC_RAISE
#undef MALLOC_SOCKET_INTERPOSE
#undef MALLOC_SOCKET_ERR_HANDLE
#undef MALLOC_SOCKET_ALIGN
#undef MALLOC_SOCKET_THREADS
#include "../core/socket_end.h"
