/* SPDX-License-Identifier: MIT */
/*
 * mymalloc as the malloc of real programs, by LD_PRELOAD: the functions of C over mymalloc and
 * myfree, and vmalloc and vmfree over mmap. In front of each block are 16 bytes that say how large
 * it is and where what mymalloc gave begins.
 *
 * Nobody takes mymalloc's locks at fork: in the child of a program that has threads one may stay
 * taken.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

void *mymalloc(size_t size);
void myfree(void *block);

void *vmalloc(void *addr, size_t length)
{
    return mmap(addr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void vmfree(void *addr, size_t length)
{
    munmap(addr, length);
}

struct head {
    size_t size;
    void *whole;
};

static struct head *head_of(void *block)
{
    return (struct head *)block - 1;
}

/* A block whose alignment is a power of two, at least 16; NULL with errno. mymalloc aligns to 8 or
 * better: so there is room for the head, and to align what is behind it. */
static void *get(size_t align, size_t size)
{
    char *whole = NULL;
    if (size <= PTRDIFF_MAX && align <= PTRDIFF_MAX - size)
        whole = mymalloc(size + align + 8);
    if (whole == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    char *block = whole + sizeof(struct head);
    block += -(uintptr_t)block & (align - 1);
    *head_of(block) = (struct head){size, whole};
    return block;
}

void *malloc(size_t size)
{
    return get(16, size);
}

void free(void *block)
{
    if (block != NULL)
        myfree(head_of(block)->whole);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = get(16, bytes);
    return block != NULL ? memset(block, 0, bytes) : NULL;
}

void *realloc(void *block, size_t size)
{
    if (block == NULL)
        return malloc(size);
    if (size == 0) {
        free(block);
        return NULL;
    }
    struct head *head = head_of(block);
    if (size <= head->size && size >= head->size / 2)
        return block;
    void *moved = malloc(size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, size < head->size ? size : head->size);
    free(block);
    return moved;
}

void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(block, bytes);
}

void *memalign(size_t align, size_t size)
{
    size_t power = 16;
    while (power < align && power <= PTRDIFF_MAX / 4)
        power *= 2;
    return get(power, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **place, size_t align, size_t size)
{
    if (align % sizeof(void *) != 0 || align == 0 || (align & (align - 1)) != 0)
        return EINVAL;
    int before = errno;
    void *block = memalign(align, size);
    errno = before;
    if (block == NULL)
        return ENOMEM;
    *place = block;
    return 0;
}

void *valloc(size_t size)
{
    return memalign(4096, size);
}

void *pvalloc(size_t size)
{
    return memalign(4096, (size + 4095) / 4096 * 4096);
}

size_t malloc_usable_size(void *block)
{
    return block != NULL ? head_of(block)->size : 0;
}
