/* SPDX-License-Identifier: MIT */
/*
 * The contract with the operating system: the only functions through which Mortise reaches one.
 * A port implements this page; every other file is portable.
 *
 * None of these calls malloc. None changes errno, so that free() keeps the caller's; callers that
 * must report set errno themselves.
 */
#ifndef MORTISE_OS_OS_H
#define MORTISE_OS_OS_H

#include "../core/bits.h"

/* Bytes in a page, asked once at run time. */
MORTISE_PLAIN size_t mortise_os_page_size(void);

/* Zeroed, readable and writable memory of `size` bytes (a page multiple) at an address that is a
 * multiple of `align` (a power of two, at least a page); NULL when the system refuses. */
MORTISE_PLAIN void *mortise_os_map(size_t size, size_t align);

/* Gives pages of mortise_os_map back. False when the system refuses (it may for lack of memory);
 * then the memory is still mapped, and its content undefined. */
MORTISE_PLAIN bool mortise_os_unmap(void *base, size_t size);

/* Grows or shrinks a mapping where it is; false, with the mapping intact, when that cannot be. */
MORTISE_PLAIN bool mortise_os_resize(void *base, size_t old_size, size_t new_size);

/* Moves the pages of a mapping onto another one, of `new_size` bytes, instead of its own. False
 * when the system cannot: the first is intact, and the other one is not the caller's any more, for
 * the addresses may be another thread's by then. */
MORTISE_PLAIN bool mortise_os_move(void *base, size_t old_size, void *place, size_t new_size);

/* Addresses without memory, for commit; unmapped like a mapping. NULL when the system refuses. */
MORTISE_PLAIN void *mortise_os_reserve(size_t size, size_t align);

/* Unmaps addresses without memory, however many, in little time. */
MORTISE_PLAIN bool mortise_os_unreserve(void *base, size_t size);

/* The same, readable, writable and zero at once; what is not touched costs no memory. */
MORTISE_PLAIN void *mortise_os_reserve_writable(size_t size, size_t align);

/* Makes whole pages of a reservation readable, writable and zero; false when memory is out. */
MORTISE_PLAIN bool mortise_os_commit(void *base, size_t size);

/* The reverse: the pages are addresses without memory again. */
MORTISE_PLAIN bool mortise_os_decommit(void *base, size_t size);

/* Drops the content of whole pages inside [base, base + size); they read as zero afterwards, or
 * the call returns false and they are unchanged. */
MORTISE_PLAIN bool mortise_os_purge(void *base, size_t size);

/* Asks for large pages from now on in [base, base + size); the system may not care. */
MORTISE_PLAIN void mortise_os_want_huge(void *base, size_t size);

/* Asks for pages of the usual size instead; the system may not care. */
MORTISE_PLAIN void mortise_os_want_small(void *base, size_t size);

/* Moves the program break by `delta` bytes and returns the old break, or NULL. */
MORTISE_PLAIN void *mortise_os_sbrk(ptrdiff_t delta);

/* Sleeps while *word == value, until woken; may return early, so callers loop. */
MORTISE_PLAIN void mortise_os_wait(uint32_t *word, uint32_t value);

/* Wakes up to `count` threads that sleep on `word`; touches no memory at `word`. */
MORTISE_PLAIN void mortise_os_wake(uint32_t *word, int count);

/* The system's own mutex. All-zero memory is an unlocked one; unlocking is by the owner. */
struct mortise_os_mutex;
MORTISE_PLAIN void mortise_os_mutex_init(struct mortise_os_mutex *mutex);
MORTISE_PLAIN void mortise_os_mutex_lock(struct mortise_os_mutex *mutex);
MORTISE_PLAIN void mortise_os_mutex_unlock(struct mortise_os_mutex *mutex);

/* A full fence in every thread of the process, at the price of a system call here and of nothing
 * there (MORTISE_LIGHT_FENCE). It works if mortise_os_heavy_fence_ready() said so once before. */
MORTISE_PLAIN bool mortise_os_heavy_fence_ready(void);
MORTISE_PLAIN void mortise_os_heavy_fence(void);

/* Lets another thread run on this core. */
MORTISE_PLAIN void mortise_os_yield(void);

/* How many cores can run this process, as far as that is known. Asked once. */
MORTISE_PLAIN uint32_t mortise_os_cores(void);

/* True when only one core can run this process: spinning is useless then. Asked once. */
MORTISE_PLAIN bool mortise_os_single_core(void);

/* The memory node of the core that runs the calling thread, 0 where that is unknown. It may have
 * moved on by the time the caller sees it. A system call. */
MORTISE_PLAIN unsigned mortise_os_node(void);

/* The core that runs the calling thread, -1 where that is unknown. It may have moved on by the time
 * the caller sees it. */
MORTISE_PLAIN int mortise_os_core(void);

/* How large the cache of a core is beside the largest there is, in 1024ths; 1024 where that is
 * unknown. The first call reads files: for slow paths. */
MORTISE_PLAIN unsigned mortise_os_core_share(int core);

/* A number that no other living thread of the system has; never 0. A system call: cold paths. */
MORTISE_PLAIN uint32_t mortise_os_thread_id(void);

/* False only when no thread of that number lives in this process. */
MORTISE_PLAIN bool mortise_os_thread_lives(uint32_t thread_id);

/* 64 bits that an attacker, or a program by mistake, cannot guess; as good as the system has. */
MORTISE_PLAIN uint64_t mortise_os_secret(void);

/* Writes to standard error, all of it or as much as can be written. */
MORTISE_PLAIN void mortise_os_complain(const char *text, size_t length);

/* Where the code at an address comes from: the file, without folders, and the address as symbols of
 * that file have it, for addr2line. False where that is not known. Reads a file. */
struct mortise_os_origin {
    char file[64]; /* cut where the name is longer */
    uintptr_t address;
};
MORTISE_PLAIN bool mortise_os_find_origin(const void *code, struct mortise_os_origin *origin);

/* Adds text to the end of a file, which is made if need be, in one piece that no other process's
 * text comes into; false when not all of it could be written. */
MORTISE_PLAIN bool mortise_os_append(const char *path, const char *text, size_t length);

/* A variable of the environment, NULL where there is none, or where the program has rights that
 * whoever set the variable may lack. */
MORTISE_PLAIN const char *mortise_os_environment(const char *name);

/* The number of this process. */
MORTISE_PLAIN uint32_t mortise_os_process_id(void);

/* Nanoseconds of a clock that only goes forward. */
MORTISE_PLAIN uint64_t mortise_os_clock(void);

/* Milliseconds of one that is quick to read, and may be some behind; always the same where there is
 * none. Tests bring their own. */
MORTISE_PLAIN uint64_t mortise_os_milliseconds(void);
#ifndef MORTISE_MILLISECONDS
#define MORTISE_MILLISECONDS mortise_os_milliseconds()
#endif

/* Sleeps about so many milliseconds; not at all where nothing can wake it. */
MORTISE_PLAIN void mortise_os_rest(uint32_t milliseconds);

/* What can be counted of a thread. */
enum mortise_event {
    mortise_event_cycles,
    mortise_event_instructions,
    mortise_event_cache_references,
    mortise_event_cache_misses,
    mortise_event_tlb_misses,
    mortise_event_branches,
    mortise_event_branch_misses,
    mortise_event_page_faults,
    mortise_event_major_faults,
    mortise_event_context_switches,
    mortise_event_migrations,
    mortise_event_task_clock /* nanoseconds that it ran */
};

/* What became of a counter: why there is none. */
enum mortise_counting {
    MORTISE_COUNTING,
    MORTISE_COUNTING_UNKNOWN,   /* the system does not count that */
    MORTISE_COUNTING_FORBIDDEN, /* it does not for this process */
    MORTISE_COUNTING_FULL,      /* what it takes is out: perhaps not for the next thread */
    MORTISE_COUNTING_LOST       /* the program took its file away */
};

/* A counter of the thread that opened it; all-zero memory is none. It has in `all` whether what the
 * system does for the thread counts too. Reading, false where it was lost, is up to that thread,
 * closing to anyone, also in the child of a fork, which has no use for it. */
struct mortise_os_counter;
MORTISE_PLAIN enum mortise_counting mortise_os_counter_open(struct mortise_os_counter *counter,
                                                            enum mortise_event event);
MORTISE_PLAIN bool mortise_os_counter_opened(const struct mortise_os_counter *counter);
MORTISE_PLAIN bool mortise_os_counter_read(const struct mortise_os_counter *counter,
                                           uint64_t *value);
MORTISE_PLAIN void mortise_os_counter_close(struct mortise_os_counter *counter);

/* Ends the program abnormally (SIGABRT on Unix). */
__attribute__((noreturn)) MORTISE_PLAIN void mortise_os_abort(void);

/* The caller's error indicator after a failed allocation: errno = ENOMEM on Unix. */
MORTISE_PLAIN void mortise_os_set_enomem(void);

/* Makes `ended(argument)` run when the calling thread ends. `ended` may call this again, which asks
 * for one more round after the destructors that have not run yet.
 * `hook` is shared by all threads, starts zeroed and belongs to one `ended`. False: out of keys. */
struct mortise_os_exit_hook {
    uint32_t state;
    uint32_t key;
};
#if MORTISE_TSAN
#define MORTISE_OS_EXIT_ROUNDS                                                                     \
    2 /* the sanitizer's own state of the thread is gone in later ones                             \
       */
#else
#define MORTISE_OS_EXIT_ROUNDS 4 /* rounds of destructors that a thread is sure to get */
#endif
MORTISE_PLAIN bool mortise_os_at_thread_exit(struct mortise_os_exit_hook *hook,
                                             void (*ended)(void *), void *argument);

/* Starts a thread that runs serve(argument), which must not return, and of this page may call only
 * wait, wake, rest, yield, single_core, thread_id, milliseconds and what maps memory. The thread
 * has no thread-local storage of the program's, so that it can be started in the middle of an
 * allocation, and gets no signals. False: the system refuses, or has no such threads. */
MORTISE_PLAIN bool mortise_os_start_server(void (*serve)(void *), void *argument);

/* Runs the three functions around every fork, for the life of the process; NULL: nothing. */
MORTISE_PLAIN void mortise_os_at_fork(void (*prepare)(void), void (*parent)(void),
                                      void (*child)(void));

/* What run/inspect.h needs; where a port defines MORTISE_OS_COPIES as 0, or not at all, there is
 * none of it. None touches storage of threads but errno, so that a server may call it too.
 *
 * A copy of the process at this moment, with the calling thread alone: 0 in the copy, its number in
 * the original, -1 where the system refuses. No handler of the program runs. The copy is to do
 * little and to end by copy_end; copy_wait tells whether it said that all is well. */
#ifdef __linux__
#define MORTISE_OS_COPIES (!MORTISE_FREESTANDING)
#else
#define MORTISE_OS_COPIES 0
#endif
#if MORTISE_OS_COPIES
MORTISE_PLAIN int mortise_os_copy(void);
MORTISE_PLAIN bool mortise_os_copy_wait(int copy);
__attribute__((noreturn)) MORTISE_PLAIN void mortise_os_copy_end(bool well);

/* A new file, -1: none. file_end closes it; false where something of it was not written. */
MORTISE_PLAIN int mortise_os_file_make(const char *path);
MORTISE_PLAIN bool mortise_os_file_write(int file, const char *text, size_t length);
MORTISE_PLAIN bool mortise_os_file_end(int file);
MORTISE_PLAIN bool mortise_os_rename(const char *from, const char *to);

/* What the program is called, as it was begun. */
MORTISE_PLAIN const char *mortise_os_program(void);

/* Where `mortise inspect --pid` asks: a place that is named after the process. On a thread of a
 * server: listen takes the place, and no file of the program's is open to the thread from then on;
 * -1: it is taken, or the system refuses. accept waits for one who asks and has the right to; -1:
 * the place is lost. */
MORTISE_PLAIN int mortise_os_listen(void);
MORTISE_PLAIN int mortise_os_accept(int place);
#endif

#if MORTISE_FREESTANDING
#include "freestanding.h"
#elif defined(__linux__)
#include "linux.h"
#elif defined(_WIN32)
#include "windows.h"
#else
#error "mortise: no port to this operating system; implement os/os.h for it"
#endif

#endif
