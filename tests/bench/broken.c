/* SPDX-License-Identifier: MIT */
/*
 * A malloc that is broken: now and then it gives out the block of the request before once more,
 * though nobody freed it. What it gives out is never used again otherwise.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { OFTEN = 3 };

static unsigned char memory[UINT32_C(1) << 30];
static _Atomic(size_t) used;

/* The size of a block is in front of it, for realloc. */
static void *take(size_t alignment, size_t size)
{
    const size_t room = (size + alignment + 31) / 16 * 16;
    const size_t at = atomic_fetch_add(&used, room);
    if (at + room > sizeof memory) {
        errno = ENOMEM;
        return NULL;
    }
    uintptr_t block = ((uintptr_t)(memory + at) + 16 + alignment - 1) / alignment * alignment;
    ((size_t *)block)[-1] = size;
    return (void *)block;
}

/* Only where the block is large enough, so that nothing is written out of bounds. Tables of
 * pointers, which are long or come from calloc, are left alone. */
void *malloc(size_t size)
{
    static _Thread_local struct {
        void *block;
        size_t size;
        unsigned requests;
    } before;
    if (before.block != NULL && size <= before.size && before.size <= 4096 &&
        ++before.requests % OFTEN == 0)
        return before.block;
    void *block = take(16, size);
    before.block = block;
    before.size = size;
    return block;
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return take(16, bytes); /* no byte of it was used before */
}

void free(void *block)
{
    (void)block;
}

void *realloc(void *block, size_t size)
{
    void *other = take(16, size);
    if (block != NULL && other != NULL) {
        const size_t before = ((size_t *)block)[-1];
        memcpy(other, block, before < size ? before : size);
    }
    return other;
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    *block = take(alignment, size);
    return *block == NULL ? ENOMEM : 0;
}
