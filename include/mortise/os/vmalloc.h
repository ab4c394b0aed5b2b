/* SPDX-License-Identifier: MIT */
/*
 * Memory from an embedder: two functions that it supplies, and nothing else.
 *
 * vmalloc gives `length` readable and writable bytes, a multiple of 4096, at a multiple of 4096, or
 * NULL; a thin wrapper of mmap may as well answer MAP_FAILED. They need not be zero. `addr` says
 * where the caller would like them, as with mmap; here it is always NULL. vmfree takes back what
 * one call of vmalloc gave, whole. Both may be called by many threads at once.
 */
#ifndef MORTISE_OS_VMALLOC_H
#define MORTISE_OS_VMALLOC_H

#include "../core/bits.h"
#include "../core/poison.h"

#ifdef __cplusplus
extern "C" {
#endif
void *vmalloc(void *addr, size_t length);
void vmfree(void *addr, size_t length);
#ifdef __cplusplus
}
#endif

enum { mortise_vmalloc_page = 4096 };

/* `size` bytes rounded up to pages, or NULL. */
MORTISE_PLAIN void *mortise_vmalloc_take(size_t size)
{
    void *base = vmalloc(NULL, mortise_round_up(size, mortise_vmalloc_page));
    return (intptr_t)base == -1 ? NULL : base;
}

MORTISE_PLAIN void mortise_vmalloc_give(void *base, size_t size)
{
    size = mortise_round_up(size, mortise_vmalloc_page);
    mortise_poison_forget(base, size);
    vmfree(base, size);
}

#endif
