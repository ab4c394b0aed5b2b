/* SPDX-License-Identifier: MIT */
/*
 * A test kit for an allocator of the form
 *     void *mymalloc(size_t size);   void myfree(void *block);
 * over vmalloc and vmfree. No file of it but with_libc.c includes a header of libc.
 */
#ifndef KIT_H
#define KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- what is tested ---- */

void *mymalloc(size_t size);
void myfree(void *block);

/* A picture of its heap, as text; not every allocator has it. */
__attribute__((weak)) bool myinspect(bool (*write)(void *argument, const char *text, size_t length),
                                     void *argument);

/* ---- what it asks for: memory.c ---- */

void *vmalloc(void *addr, size_t length);
void vmfree(void *addr, size_t length);

/* Bytes that it has, and the most that it had since `kit_memory_begin`. */
size_t kit_mapped(void);
size_t kit_mapped_peak(void);
void kit_memory_begin(void);

/* Where memory.c has memory from: from_mmap.c or from_array.c. */
void *kit_region_take(size_t length);
void kit_region_give(void *region, size_t length);
extern const bool kit_region_ends; /* there is so little that a test can use all of it up */

/* ---- the platform: with_libc.c or without_libc.c ---- */

enum { KIT_THREADS = 8 };

void *kit_pages(size_t size); /* zeroed, never given back */
void kit_pages_give(void *pages, size_t size);
void kit_say(const char *text, size_t length);
_Noreturn void kit_exit(int status);
uint64_t kit_clock(void); /* nanoseconds */
void kit_yield(void);
void kit_together(unsigned threads, void (*work)(unsigned thread)); /* returns when all have */

/* ---- checker.c: every block that lives, known to the kit ---- */

/* mymalloc and myfree with all checks: alignment, overlap with any block that lives, content. */
void *kit_get(size_t size);
void kit_put(void *block, size_t size);

size_t kit_requested(void); /* bytes that live */
size_t kit_requested_peak(void);
void kit_checker_begin(void);

/* ---- kit.c ---- */

_Noreturn void kit_fail(const char *what, size_t value);
int kit_main(int argc, char **argv);

/* ---- traces.c: what programs asked for ---- */

struct kit_trace {
    const char *name;
    const unsigned char *begin, *end;
};
extern const struct kit_trace kit_traces[];
extern const unsigned kit_trace_count;

/* Replays one; the blocks that live in the end are freed. Returns how many requests there were. */
size_t kit_replay(const struct kit_trace *trace);

/* ---- a random number that a thread has for itself ---- */

static inline uint64_t kit_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    uint64_t n = *state;
    n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
    return n ^ (n >> 31);
}

#endif
