/* SPDX-License-Identifier: MIT */
/*
 * What vmalloc_heap has its memory from, for the units of the suite: mmap, at addresses that are
 * pages and no granules, with memory that is not zero.
 */
#include <string.h>
#include <sys/mman.h>

#include <mortise/os/vmalloc.h>

enum { PAGE = mortise_vmalloc_page };

static size_t room(size_t length)
{
    return length / PAGE % 2 == 0 ? length + PAGE : length; /* an odd number of pages */
}

void *vmalloc(void *addr, size_t length)
{
    void *base =
        mmap(addr, room(length), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    for (size_t at = 0; at < length && length <= (size_t)4 << 20; at += MORTISE_GRANULE)
        memset((char *)base + at, 0xa5, PAGE);
    return base;
}

void vmfree(void *addr, size_t length)
{
    munmap(addr, room(length));
}
