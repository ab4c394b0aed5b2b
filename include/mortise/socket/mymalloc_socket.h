/* SPDX-License-Identifier: MIT */
/*
 * mymalloc_socket - two functions that need nothing: for a kernel, or as part of a libc
 *
 *     void *mymalloc(size_t size);     NULL where memory is out
 *     void myfree(void *block);        NULL is nothing to free
 * There is no thread-local storage, no call of libc or of threads, and nobody says when a thread
 * ends. 64 states of threads stand in a static table, and each request has one of them to itself,
 * found by a number: where the thread's stack is, in units of 64 KB (thread_id=stack), what Linux
 * numbers it (gettid: a system call each time), or what a function of the embedder says (call:
 * `unsigned long FUNCTION(void)`, such as the number of the processor). Threads whose numbers come
 * to the same state get out of each other's way, so that any number will do, and a better one only
 * saves time.
 *
 * With inspect=1 a picture of the heap can be had, as text that `mortise inspect` reads:
 *     bool myinspect(bool (*write)(void *argument, const char *text, size_t length),
 *                    void *argument);
 * It gives the text to `write` part by part, up to 256 bytes each, and is true when that was true
 * for all of them. Requests wait meanwhile, so `write` must make none; nor may what interrupts it.
 * It needs 3 KB of the stack.
 *
 * Upon vmalloc_heap the composition is freestanding, and vmalloc, vmfree and FUNCTION are all that
 * it leaves undefined. Upon another system layer it needs what that needs.
 *
 * Needs: objects of known size and any alignment; a thread-safe neighbour unless threads=one
 * Offers: mymalloc myfree
 *
 * Parameters:
 *   name        type        default   range              meaning
 *   prefix      name        my        -                  of the functions' names
 *   thread_id   name        stack     stack|gettid|call  what tells threads apart
 *   function    name        mythread  -                  of the embedder, for thread_id=call
 *   export      bool        1         -                  0: they are static, for a program that
 *                                                        includes the composition
 *   err_handle  err_handle  default   -                  what happens when a pointer is freed that
 *                                                        is not a living block; where there is no
 *                                                        system, nothing is written
 *   align       int         16        8..4096            alignment of blocks, a power of two
 *   threads     name        many      many|one           one: the program promises to use one
 *                                                        thread
 *   inspect     bool        0         -                  1: there is a third function, see above
 *
 * Invariants: a state has one user at a time. A failed request changes nothing but what is kept for
 *     later.
 * Ordering: run/table.h
 * Wins: not an allocator
 * Source: the mymalloc lab of Nanjing University's course on operating systems (2025, M5)
 */
#include "../core/socket_begin.h"

#ifndef MYMALLOC_SOCKET_PREFIX
#define MYMALLOC_SOCKET_PREFIX my
#endif
#ifndef MYMALLOC_SOCKET_THREAD_ID
#define MYMALLOC_SOCKET_THREAD_ID stack
#endif
#ifndef MYMALLOC_SOCKET_FUNCTION
#define MYMALLOC_SOCKET_FUNCTION mythread
#endif
#ifndef MYMALLOC_SOCKET_EXPORT
#define MYMALLOC_SOCKET_EXPORT 1
#endif
#ifndef MYMALLOC_SOCKET_ERR_HANDLE
#define MYMALLOC_SOCKET_ERR_HANDLE default
#endif
#ifndef MYMALLOC_SOCKET_ALIGN
#define MYMALLOC_SOCKET_ALIGN 16
#endif
#ifndef MYMALLOC_SOCKET_THREADS
#define MYMALLOC_SOCKET_THREADS many
#endif
#ifndef MYMALLOC_SOCKET_INSPECT
#define MYMALLOC_SOCKET_INSPECT 0
#endif

#define SOCKET "mymalloc_socket"
#define SOCKET_ERR_HANDLE MYMALLOC_SOCKET_ERR_HANDLE
#define SOCKET_ALIGN MYMALLOC_SOCKET_ALIGN
#define SOCKET_THREADS MYMALLOC_SOCKET_THREADS
#define SOCKET_EXPORT MYMALLOC_SOCKET_EXPORT
#include "../os/os.h"
#include "../policy/err_handle.h"
#include MORTISE_POLICY(err_handle, MYMALLOC_SOCKET_ERR_HANDLE)
#include "../run/socket_needs.h"

#define CALLS_stack 0
#define CALLS_gettid 0
#define CALLS_call 1
#if MORTISE_CAT(CALLS_, MYMALLOC_SOCKET_THREAD_ID)
#ifdef __cplusplus
extern "C" unsigned long MYMALLOC_SOCKET_FUNCTION(void);
#else
extern unsigned long MYMALLOC_SOCKET_FUNCTION(void);
#endif
#endif

#define THREAD_stack ((uintptr_t)__builtin_frame_address(0) >> 16)
#define THREAD_gettid mortise_os_thread_id()
#define THREAD_call MYMALLOC_SOCKET_FUNCTION()
#define THREADS_many 1
#define THREADS_one 0
#define OWN_MANY MORTISE_CAT(THREADS_, MYMALLOC_SOCKET_THREADS)
#define OWN_THREAD MORTISE_CAT(THREAD_, MYMALLOC_SOCKET_THREAD_ID)
#define OWN_ALIGN ((size_t)(MYMALLOC_SOCKET_ALIGN))
#define OWN_RAISE MORTISE_MEMBER(MYMALLOC_SOCKET_ERR_HANDLE, raise)
#include "../run/own.h"

#if MYMALLOC_SOCKET_INSPECT
#include "../run/own_inspect.h"
#endif

#define CALL(x) MORTISE_CAT(MYMALLOC_SOCKET_PREFIX, x)

SOCKET_CALL void *CALL(malloc)(size_t size);
SOCKET_CALL void CALL(free)(void *block);

SOCKET_CALL void *CALL(malloc)(size_t size)
{
    return MORTISE_CAT(COMPOSITION, _own_alloc)(size);
}

SOCKET_CALL void CALL(free)(void *block)
{
    MORTISE_CAT(COMPOSITION, _own_free)(block);
}

#if MYMALLOC_SOCKET_INSPECT
SOCKET_CALL bool CALL(inspect)(mortise_snapshot_write_t *write, void *argument);

SOCKET_CALL bool CALL(inspect)(mortise_snapshot_write_t *write, void *argument)
{
    return MORTISE_CAT(COMPOSITION, _own_inspect)(write, argument);
}
#endif

#undef CALL
#undef CALLS_stack
#undef CALLS_gettid
#undef CALLS_call
#undef THREAD_stack
#undef THREAD_gettid
#undef THREAD_call
#undef THREADS_many
#undef THREADS_one
#undef OWN_MANY
#undef OWN_THREAD
#undef OWN_ALIGN
#undef OWN_RAISE
#undef MYMALLOC_SOCKET_PREFIX
#undef MYMALLOC_SOCKET_THREAD_ID
#undef MYMALLOC_SOCKET_FUNCTION
#undef MYMALLOC_SOCKET_EXPORT
#undef MYMALLOC_SOCKET_ERR_HANDLE
#undef MYMALLOC_SOCKET_ALIGN
#undef MYMALLOC_SOCKET_THREADS
#undef MYMALLOC_SOCKET_INSPECT
#include "../core/socket_end.h"
