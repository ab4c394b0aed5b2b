/* SPDX-License-Identifier: MIT */
/*
 * kmem_cache: objects of one kind. Part of socket/kernel_socket.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../kernel_socket.h"
#else
struct CALL(kmem_cache) {
    const char *name; /* the caller's, for a debugger */
    size_t size;
    size_t align;
    void (*constructor)(void *);
};

/* Objects that fit several times into a line may share it. */
MORTISE_PLAIN size_t RUN(line_align)(size_t size)
{
    size_t align = MORTISE_CACHE_LINE;
    while (align > sizeof(void *) && size <= align / 2)
        align /= 2;
    return align;
}

SOCKET_CALL struct CALL(kmem_cache) * CALL(kmem_cache_create)(const char *name, unsigned size,
                                                              unsigned align, slab_flags_t flags,
                                                              void (*constructor)(void *))
{
    const slab_flags_t known = SLAB_HWCACHE_ALIGN | SLAB_PANIC;
    struct CALL(kmem_cache) *cache = NULL;
    size_t least = (flags & SLAB_HWCACHE_ALIGN) != 0 ? RUN(line_align)(size) : sizeof(void *);
    if (size != 0 && size <= RUN(most)() && (align & (align - 1)) == 0 && (flags & ~known) == 0)
        cache = (struct CALL(kmem_cache) *)RUN(get)(sizeof *cache, 1, GFP_KERNEL);
    if (cache == NULL) {
        if ((flags & SLAB_PANIC) != 0)
            mortise_os_abort();
        return NULL;
    }
    cache->name = name;
    cache->size = size;
    cache->align = align > least ? align : least;
    cache->constructor = constructor;
    return cache;
}

SOCKET_CALL void *CALL(kmem_cache_alloc)(struct CALL(kmem_cache) * cache, gfp_t flags)
{
    if (cache->constructor == NULL)
        return RUN(get)(cache->size, cache->align, flags);
    void *object = RUN(get)(cache->size, cache->align, flags & ~(gfp_t)__GFP_ZERO);
    if (object != NULL)
        cache->constructor(object);
    return object;
}

SOCKET_CALL void *CALL(kmem_cache_zalloc)(struct CALL(kmem_cache) * cache, gfp_t flags)
{
    return CALL(kmem_cache_alloc)(cache, flags | __GFP_ZERO);
}

SOCKET_CALL void CALL(kmem_cache_free)(struct CALL(kmem_cache) * cache, void *object)
{
    (void)cache; /* the heap knows whose it is */
    CALL(kfree)(object);
}

/* The caller sees to it that no object is in use. */
SOCKET_CALL void CALL(kmem_cache_destroy)(struct CALL(kmem_cache) * cache)
{
    CALL(kfree)(cache);
}

SOCKET_CALL unsigned CALL(kmem_cache_size)(struct CALL(kmem_cache) * cache)
{
    return (unsigned)cache->size;
}

#endif
