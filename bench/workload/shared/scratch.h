/* SPDX-License-Identifier: MIT */
/*
 * What the two tests of false sharing have in common: threads that ask for one small object at a
 * time and write to it much. Where the objects of two threads lie in one cache line, every write
 * of the one takes the line from the other.
 */
#ifndef BENCH_WORKLOAD_SHARED_SCRATCH_H
#define BENCH_WORKLOAD_SHARED_SCRATCH_H

#include "workload.h"

#include <stdlib.h>

/* The values of a workload that uses this. */
enum { SCRATCH_THREADS, SCRATCH_SIZE, SCRATCH_OBJECTS, SCRATCH_WRITES };

/* Nobody else has the object: what was written is still there. */
static inline bool scratch_write(volatile unsigned char *object, size_t size, long writes)
{
    for (size_t i = 0; i < size; i++)
        object[i] = (unsigned char)i;
    for (long round = 0; round < writes; round++)
        for (size_t i = 0; i < size; i++)
            object[i] = (unsigned char)(object[i] + 1);
    bool right = true;
    for (size_t i = 0; i < size; i++)
        right = right && object[i] == (unsigned char)(i + (size_t)writes);
    return right;
}

/* What is written in all is divided among the threads. */
static inline bool scratch_objects(const long *value)
{
    const size_t size = (size_t)value[SCRATCH_SIZE];
    const long writes = value[SCRATCH_WRITES] / value[SCRATCH_THREADS] + 1;
    bool right = true;
    for (long i = 0; i < value[SCRATCH_OBJECTS]; i++) {
        void *object = work_hide(work_malloc(size));
        right = scratch_write((volatile unsigned char *)object, size, writes) && right;
        free(object);
    }
    return right;
}

#define SCRATCH_PARAMETERS                                                                         \
    {                                                                                              \
        {"threads", 0, 0, 0, 0, 4096, "threads"},                                                  \
            {"size", 8, 8, 8, 1, 1 << 20, "bytes in an object"},                                   \
            {"objects",                                                                            \
             1000,                                                                                 \
             250,                                                                                  \
             1000,                                                                                 \
             1,                                                                                    \
             1L << 40,                                                                             \
             "objects of each thread, one after the other"},                                       \
        {                                                                                          \
            "writes", 60000, 60000, 120000, 1, 1L << 40, "writes to a byte, divided among threads" \
        }                                                                                          \
    }

#endif
