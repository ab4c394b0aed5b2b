/* SPDX-License-Identifier: MIT */
/* A program that has been given an allocator: blocks of all sizes, by four threads. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 2000 };

static void check(int right, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    exit(1);
}

static void *work(void *seed)
{
    static __thread unsigned char *blocks[BLOCKS];
    static __thread size_t sizes[BLOCKS];
    uint32_t random = (uint32_t)(uintptr_t)seed;
    for (unsigned i = 0; i < 20 * BLOCKS; i++) {
        random = random * 1664525u + 1013904223u;
        const unsigned at = (random >> 8) % BLOCKS;
        const size_t size = random % (i % 100 == 0 ? 200000 : 500) + 1;
        unsigned char *block = blocks[at];
        for (size_t k = 0; block != NULL && k < sizes[at]; k += 64)
            check(block[k] == (unsigned char)at, "a block keeps what is written");
        block = (unsigned char *)realloc(block, size);
        check(block != NULL && (uintptr_t)block % 16 == 0, "realloc");
        memset(block, (int)at, size);
        blocks[at] = block;
        sizes[at] = size;
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    char *zero = (char *)calloc(1000, 10);
    for (unsigned i = 0; i < 10000; i++)
        check(zero[i] == 0, "calloc");
    free(zero);
    for (uintptr_t i = 0; i < 4; i++)
        check(pthread_create(&threads[i], NULL, work, (void *)(i + 1)) == 0, "pthread_create");
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    volatile size_t all = SIZE_MAX;
    errno = 0;
    check(malloc(all) == NULL && errno == ENOMEM, "a block larger than all memory");
    return 0;
}
