/* SPDX-License-Identifier: MIT */
/*
 * The malloc that a program would have without this one: the next in the order in which the dynamic
 * linker looks, libc's or that of a library loaded between.
 *
 * Finding it may allocate (older C libraries do in dlsym), which comes back here on the same
 * thread; so whoever asks while it is being found is told to help itself.
 */
#ifndef MORTISE_OS_NEXT_MALLOC_H
#define MORTISE_OS_NEXT_MALLOC_H

#include "../core/atomic.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

/* Of a dynamic linker without an extension of that name this one gives everything. */
#ifdef RTLD_NEXT
#define MORTISE_NEXT_OBJECT RTLD_NEXT
#else
#define MORTISE_NEXT_OBJECT ((void *)-1L) /* as glibc and musl define it for _GNU_SOURCE alone */
#endif

enum mortise_next_state {
    MORTISE_NEXT_UNKNOWN,
    MORTISE_NEXT_BEING_FOUND,
    MORTISE_NEXT_FOUND,
    MORTISE_NEXT_NONE /* a program that is linked statically */
};

struct mortise_next_malloc {
    uint32_t state;
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void (*free)(void *);
    size_t (*malloc_usable_size)(void *);
    int (*malloc_trim)(size_t); /* NULL: it has none */
};

static struct mortise_next_malloc mortise_next __attribute__((unused));

/* Stores the address of a function; false when there is none. */
MORTISE_SLOW bool mortise_next_find(void *function, const char *name)
{
    void *found = dlsym(MORTISE_NEXT_OBJECT, name);
    __builtin_memcpy(function, &found, sizeof found);
    return found != NULL;
}

/* Acquire and release: who sees FOUND sees the functions. */
MORTISE_SLOW enum mortise_next_state mortise_next_state(void)
{
    struct mortise_next_malloc *next = &mortise_next;
    uint32_t state = MORTISE_LOAD_ACQUIRE(&next->state), unknown = MORTISE_NEXT_UNKNOWN;
    if (state != MORTISE_NEXT_UNKNOWN)
        return (enum mortise_next_state)state;
    if (!MORTISE_CAS_ACQUIRE(&next->state, &unknown, (uint32_t)MORTISE_NEXT_BEING_FOUND))
        return (enum mortise_next_state)unknown;
    int saved = errno;
    bool found = mortise_next_find(&next->malloc, "malloc") &&
                 mortise_next_find(&next->calloc, "calloc") &&
                 mortise_next_find(&next->realloc, "realloc") &&
                 mortise_next_find(&next->posix_memalign, "posix_memalign") &&
                 mortise_next_find(&next->free, "free") &&
                 mortise_next_find(&next->malloc_usable_size, "malloc_usable_size");
    (void)mortise_next_find(&next->malloc_trim, "malloc_trim");
    errno = saved;
    state = found ? MORTISE_NEXT_FOUND : MORTISE_NEXT_NONE;
    MORTISE_STORE_RELEASE(&next->state, state);
    return (enum mortise_next_state)state;
}

MORTISE_FAST bool mortise_next_is_found(void)
{
    return MORTISE_LOAD_ACQUIRE(&mortise_next.state) == MORTISE_NEXT_FOUND; /* as above */
}

/* ---- once it is found; none of these changes errno ---- */

/* NULL when memory is out. */
MORTISE_FAST void *mortise_next_alloc(size_t size, size_t align, bool zeroed)
{
    void *block = NULL;
    int saved = errno;
    if (MORTISE_LIKELY(align <= 16))
        block = zeroed ? mortise_next.calloc(1, size) : mortise_next.malloc(size);
    else if (mortise_next.posix_memalign(&block, align, size) != 0)
        block = NULL;
    errno = saved;
    return block;
}

/* NULL when memory is out; then the block is as it was. */
MORTISE_PLAIN void *mortise_next_realloc(void *block, size_t size)
{
    int saved = errno;
    block = mortise_next.realloc(block, size);
    errno = saved;
    return block;
}

MORTISE_FAST void mortise_next_free(void *block)
{
    int saved = errno;
    mortise_next.free(block);
    errno = saved;
}

MORTISE_FAST size_t mortise_next_usable_size(void *block)
{
    return mortise_next.malloc_usable_size(block);
}

/* Did memory go back to the system? */
MORTISE_PLAIN bool mortise_next_trim(size_t keep)
{
    int saved = errno;
    bool gone = mortise_next.malloc_trim != NULL && mortise_next.malloc_trim(keep) != 0;
    errno = saved;
    return gone;
}

#endif
