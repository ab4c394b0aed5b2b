/* SPDX-License-Identifier: MIT */
/*
 * Memory of the command: taken from one pool and given back all at once. Most verbs live for
 * milliseconds, so nothing here is freed one by one.
 */
#ifndef MORTISE_CLI_MEM_H
#define MORTISE_CLI_MEM_H

#include <stddef.h>

/* Zeroed memory. Never NULL: without memory the command says so and exits with code 2. */
void *mem_get(size_t size);

/* A copy of n bytes of s, closed by a NUL. */
char *mem_text(const char *s, size_t n);

__attribute__((format(printf, 1, 2))) char *mem_format(const char *format, ...);

/* Room for element number n (counted from 0) of an array that has n of them so far; the array
 * moves when n is a power of two. */
void *mem_more(void *array, size_t n, size_t each);

/* For what is done thousands of times: everything that was taken after a mark can be given back. */
const void *mem_mark(void);
void mem_release_to(const void *mark);

/* Gives back everything. */
void mem_release(void);

#endif
