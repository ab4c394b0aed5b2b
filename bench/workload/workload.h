/* SPDX-License-Identifier: MIT */
/*
 * A workload: requests in a pattern that programs show, with a result that it checks itself.
 *
 * NAME.c defines `const struct workload workload_NAME`; the build collects all of them into one
 * program, mortise-workload, which runs one of them on whatever malloc the process has. What is
 * timed is the process as a whole, so a workload does little besides its requests, and none of them
 * knows an allocator.
 *
 * `run` gets its parameters' values by index and says whether the result is right. Memory that is
 * refused, and a thread that cannot begin, end the program with WORKLOAD_NO_MEMORY. The values
 * `usual` take about half a second on one core, `quick` a tenth of a second; `paper` has the
 * threads and sizes that the source asks for, and its length where it states one: wcet's 10^7 are
 * those of a thread for all sizes together. The other lengths let eleven allocators take their
 * turns on two cores in an hour. A parameter of 0 named "threads" means: as many as there are
 * processors.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct workload_parameter {
    const char *name;
    long usual, quick, paper;
    long least, most;
    const char *meaning;
};

enum { WORKLOAD_MOST_PARAMETERS = 8, WORKLOAD_MOST_CASES = 8 };

struct workload {
    const char *name;
    const char *purpose; /* one line */
    const char *source;  /* where the pattern was described */
    /* The list ends with a parameter, or a case, without a name. */
    struct workload_parameter parameters[WORKLOAD_MOST_PARAMETERS + 1];
    /* What the full suite runs besides the values above, such as "threads=8". */
    const char *cases[WORKLOAD_MOST_CASES + 1];
    bool (*run)(const long *value);
};

/* The exit codes of the program. */
enum { WORKLOAD_RIGHT, WORKLOAD_WRONG, WORKLOAD_USAGE, WORKLOAD_NO_MEMORY };

/* The requests, ending the program rather than answering NULL. */
__attribute__((malloc)) void *work_malloc(size_t size);
__attribute__((malloc)) void *work_calloc(size_t count, size_t size);
__attribute__((malloc)) void *work_aligned(size_t alignment, size_t size);
void *work_realloc(void *block, size_t size);

/* Begins a thread, or ends the program. */
void work_thread(pthread_t *id, void *(*body)(void *argument), void *argument);

/* Runs `body(argument, 0)` … `body(argument, threads - 1)`, each in a thread of its own, until all
 * have returned; true if all of them returned true. */
bool work_in_threads(long threads, bool (*body)(void *argument, long thread), void *argument);

/* Pins the calling thread to the thread'th of the processors that the process may use. */
void work_pin(long thread);

/* A number besides the time, for the report: printed as "KEY VALUE", one a line. The unit is the
 * end of the key, as in "malloc_64_ns". */
void work_figure(const char *key, double value);

uint64_t work_nanoseconds(void);

/* In KB of 1024 bytes; 0 where the system does not tell. */
long work_resident_kb(void);

/* A generator of pseudo-random numbers whose sequence depends on its seed alone (splitmix64). */
struct work_random {
    uint64_t state;
};

static inline uint64_t work_random(struct work_random *random)
{
    uint64_t x = random->state += 0x9e3779b97f4a7c15U;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return x ^ x >> 31;
}

/* In [0, limit); the small bias of the multiplication does not matter here. */
static inline uint64_t work_random_below(struct work_random *random, uint64_t limit)
{
    return (uint64_t)((unsigned __int128)work_random(random) * limit >> 64);
}

/* Keeps the compiler from seeing through a pointer: it may neither drop nor merge requests. */
static inline void *work_hide(void *block)
{
    __asm__ volatile("" : "+r"(block) : : "memory");
    return block;
}

#endif
