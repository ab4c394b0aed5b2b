/* SPDX-License-Identifier: MIT */
/*
 * Writes down what a program asks of malloc, in the form that traces.c reads:
 *     gcc -shared -fPIC -O2 record.c -o record.so
 *     KIT_TRACE=x.trace KIT_TRACE_BYTES=60000 LD_PRELOAD=./record.so python3 -c 'import json'
 * The first so many bytes are kept. A block of realloc is a new one, and the old one is freed then.
 * Memory comes from a bump of mapped memory and is not used again, so nothing else need be called.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { POOL = 1 << 30, TRACE = 1 << 20 };

struct head {
    size_t size;
    size_t number; /* of the block, among all; and 1; 0: freed */
};

static char *pool, *end;
static unsigned char trace[TRACE];
static size_t used, limit, allocated;
static uint32_t lock;

static void put(uint64_t number)
{
    unsigned char bytes[10];
    size_t count = 0;
    for (; number >= 128; number >>= 7)
        bytes[count++] = (unsigned char)(number | 128);
    bytes[count++] = (unsigned char)number;
    if (used + count > limit)
        limit = used; /* full, and no shorter number comes after it */
    else
        memcpy(trace + used, bytes, count), used += count;
}

static void *take(size_t align, size_t size)
{
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0) {
    }
    if (pool == NULL) {
        const char *bytes = getenv("KIT_TRACE_BYTES");
        limit = bytes != NULL ? strtoul(bytes, NULL, 10) : 60000;
        limit = limit < TRACE ? limit : TRACE;
        pool = mmap(NULL, POOL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                    -1, 0);
        end = pool + POOL;
    }
    uintptr_t block = ((uintptr_t)pool + sizeof(struct head) + align - 1) & ~(uintptr_t)(align - 1);
    void *result = NULL;
    if (size <= POOL && block + size <= (uintptr_t)end) {
        pool = (char *)((block + size + 15) & ~(uintptr_t)15);
        struct head *head = (struct head *)block - 1;
        head->size = size;
        head->number = ++allocated;
        put((uint64_t)size * 2);
        result = (void *)block;
    }
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    return result;
}

void *malloc(size_t size)
{
    return take(16, size);
}

void *calloc(size_t count, size_t size)
{
    return take(16, count * size); /* the pool is zero */
}

void free(void *block)
{
    if (block == NULL)
        return;
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0) {
    }
    struct head *head = (struct head *)block - 1;
    if (head->number != 0)
        put((uint64_t)(allocated - head->number) * 2 + 1);
    head->number = 0;
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

void *realloc(void *block, size_t size)
{
    void *copy = take(16, size);
    if (block != NULL && copy != NULL) {
        size_t old = ((struct head *)block - 1)->size;
        memcpy(copy, block, old < size ? old : size);
        free(block);
    }
    return copy;
}

void *aligned_alloc(size_t align, size_t size)
{
    return take(align < 16 ? 16 : align, size);
}

void *memalign(size_t align, size_t size)
{
    return aligned_alloc(align, size);
}

int posix_memalign(void **block, size_t align, size_t size)
{
    *block = aligned_alloc(align, size);
    return 0;
}

size_t malloc_usable_size(void *block)
{
    return block != NULL ? ((struct head *)block - 1)->size : 0;
}

__attribute__((destructor)) static void write_down(void)
{
    const char *path = getenv("KIT_TRACE");
    int file = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (file >= 0 && write(file, trace, used) != (ssize_t)used)
        _exit(1);
}
