/* SPDX-License-Identifier: MIT */
/* kernel_socket, from outside. */
#ifdef FILE_H
#include FILE_H
#else
#include <stddef.h>
enum { GFP_KERNEL = 0xcc0 };
#ifdef __cplusplus
extern "C" {
#endif
void *kmalloc(size_t size, unsigned flags);
void *krealloc(void *block, size_t size, unsigned flags);
void kfree(void *block);
struct kmem_cache *kmem_cache_create(const char *name, unsigned size, unsigned align,
                                     unsigned flags, void (*constructor)(void *));
void *kmem_cache_alloc(struct kmem_cache *cache, unsigned flags);
void kmem_cache_free(struct kmem_cache *cache, void *object);
#ifdef __cplusplus
}
#endif
#endif
#include "../check.h"

int main(void)
{
    char *block = (char *)kmalloc(100, GFP_KERNEL);
    check(block != NULL, "kmalloc");
    memset(block, 7, 100);
    block = (char *)krealloc(block, 5000, GFP_KERNEL);
    check(block != NULL && all_bytes(block, 100, 7), "krealloc");
    kfree(block);
    struct kmem_cache *cache = kmem_cache_create("test", 40, 0, 0, NULL);
    check(cache != NULL, "kmem_cache_create");
    void *object = kmem_cache_alloc(cache, GFP_KERNEL);
    check(object != NULL, "kmem_cache_alloc");
    kmem_cache_free(cache, object);
    return 0;
}
