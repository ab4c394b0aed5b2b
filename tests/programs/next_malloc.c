/* SPDX-License-Identifier: MIT */
/*
 * A malloc to be loaded behind an allocator that passes requests on. At the end it writes how many
 * it got into the file that NEXT_MALLOC_SAYS names.
 *
 * Blocks are taken from the end of one range, or from those of their size that were freed, under a
 * lock that fork takes too: its handlers are installed at the first request, so that they come
 * after the allocator's own, which makes them run before those.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *next, *end;
static void *freed[4096]; /* by size in units of 16, linked by first words */
static unsigned long requests;

static void prepare(void)
{
    pthread_mutex_lock(&lock);
}

static void release(void)
{
    pthread_mutex_unlock(&lock);
}

static void start_anew(void)
{
    pthread_mutex_init(&lock, NULL);
}

static size_t *size_of(void *block)
{
    return (size_t *)block - 1;
}

static void *take(size_t align, size_t size)
{
    static int watched;
    pthread_mutex_lock(&lock);
    requests++;
    if (next == NULL) {
        size_t range = (size_t)64 << 30;
        next = (char *)mmap(NULL, range, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        end = next + range;
    }
    size = (size + 16) & -(size_t)16; /* with room for a link */
    void **list = align <= 16 && size / 16 < 4096 ? &freed[size / 16] : NULL;
    if (list != NULL && *list != NULL) {
        void *block = *list;
        *list = *(void **)block;
        pthread_mutex_unlock(&lock);
        return block;
    }
    uintptr_t at = ((uintptr_t)next + sizeof(size_t) + align - 1) & -(uintptr_t)align;
    char *block =
        size > 0 && size < (size_t)1 << 40 && at + size < (uintptr_t)end ? (char *)at : NULL;
    if (block != NULL) {
        next = block + size;
        *size_of(block) = size;
    }
    int watch = !watched;
    watched = 1;
    pthread_mutex_unlock(&lock);
    if (watch)
        pthread_atfork(prepare, release, start_anew);
    if (block == NULL)
        errno = ENOMEM;
    return block;
}

void *malloc(size_t size)
{
    return take(16, size);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    void *block = __builtin_mul_overflow(count, size, &bytes) ? NULL : take(16, bytes);
    return block != NULL ? memset(block, 0, bytes) : NULL;
}

int posix_memalign(void **block, size_t align, size_t size)
{
    *block = take(align, size);
    return *block != NULL ? 0 : ENOMEM;
}

void free(void *block)
{
    if (block == NULL || *size_of(block) / 16 >= 4096)
        return;
    void **list = &freed[*size_of(block) / 16];
    pthread_mutex_lock(&lock);
    *(void **)block = *list;
    *list = block;
    pthread_mutex_unlock(&lock);
}

void *realloc(void *block, size_t size)
{
    void *copy = take(16, size);
    if (copy != NULL && block != NULL)
        memcpy(copy, block, size < *size_of(block) ? size : *size_of(block));
    if (copy != NULL)
        free(block);
    return copy;
}

size_t malloc_usable_size(void *block)
{
    return block != NULL ? *size_of(block) : 0;
}

/* Programs close their streams before this runs. */
__attribute__((destructor)) static void say(void)
{
    const char *path = getenv("NEXT_MALLOC_SAYS");
    int file = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (file >= 0)
        dprintf(file, "%lu\n", requests);
}
