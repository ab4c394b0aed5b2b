/* SPDX-License-Identifier: MIT */
/*
 * What the programs share: `this_is` says on standard output which block the misuse is about.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *this_is(const void *block)
{
    dprintf(STDOUT_FILENO, "%p\n", block);
    return (void *)(uintptr_t)block;
}

/* Filled, so that whoever takes its content for something else is not helped by zeroes. */
static char *get(size_t size)
{
    char *block = malloc(size);
    memset(block, 'x', size);
    return block;
}

/* free_sized and free_aligned_sized, of C23, which this libc may not have. */
static void free_as(void *block, size_t size)
{
    ((void (*)(void *, size_t))dlsym(RTLD_DEFAULT, "free_sized"))(block, size);
}

static void free_aligned_as(void *block, size_t align, size_t size)
{
    void *function = dlsym(RTLD_DEFAULT, "free_aligned_sized");
    ((void (*)(void *, size_t, size_t))function)(block, align, size);
}

/* Frees of some time: blocks that were allocated before, 256 KB of them. */
enum { OTHERS = 256 };
static void *others[OTHERS];

static void get_others(void)
{
    for (int i = 0; i < OTHERS; i++)
        others[i] = get(1000);
}

static void free_others(void)
{
    for (int i = 0; i < OTHERS; i++)
        free(others[i]);
}
