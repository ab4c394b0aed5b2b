/* SPDX-License-Identifier: MIT */
/*
 * kmalloc and pages. Part of socket/kernel_socket.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../../core/alone_composition.h"
#include "../kernel_socket.h"
#else
/* What kmalloc(0) returns: it may be freed, and any access to it fails. */
enum { RUN(nothing) = 16 };

MORTISE_FAST bool RUN(is_nothing)(const void *block)
{
    return (uintptr_t)block <= RUN(nothing);
}

MORTISE_FAST size_t RUN(most)(void)
{
    return mortise_os_page_size() << KERNEL_SOCKET_MAX_ORDER;
}

/* Where the first try failed and the flags allow to wait. NULL where memory is out. */
MORTISE_SLOW void *RUN(wait_for)(size_t size, size_t align, gfp_t flags)
{
    if ((flags & (__GFP_DIRECT_RECLAIM | __GFP_NOFAIL)) == 0)
        return NULL;
    for (;;) {
        void *block = RUN(try_again)(HEAP, size, align, false, RUN(no_extra)());
        if (block != NULL || (flags & __GFP_NOFAIL) == 0)
            return block;
        mortise_os_yield();
    }
}

MORTISE_FAST void *RUN(get)(size_t size, size_t align, gfp_t flags)
{
    const bool zero = (flags & __GFP_ZERO) != 0;
    if (MORTISE_UNLIKELY(size > RUN(most)()))
        return NULL;
    struct RUN(mctx) ctx = RUN(request)(HEAP, size, align < MALLOC_ALIGN ? MALLOC_ALIGN : align,
                                        zero, RUN(no_extra)());
    void *block = ctx.ptr;
    if (MORTISE_UNLIKELY(block == NULL)) {
        ctx.zeroed = false;
        block = RUN(wait_for)(size, align < MALLOC_ALIGN ? MALLOC_ALIGN : align, flags);
    }
    if (zero && !ctx.zeroed && block != NULL)
        __builtin_memset(block, 0, RUN(usable_size)(HEAP, block));
    return block;
}

MORTISE_FAST size_t RUN(natural_align)(size_t size)
{
    return size & -size;
}

SOCKET_CALL void *CALL(kmalloc)(size_t size, gfp_t flags)
{
    if (MORTISE_UNLIKELY(size == 0))
        return (void *)(uintptr_t)RUN(nothing);
    return RUN(get)(size, RUN(natural_align)(size), flags);
}

SOCKET_CALL void *CALL(kzalloc)(size_t size, gfp_t flags)
{
    return CALL(kmalloc)(size, flags | __GFP_ZERO);
}

SOCKET_CALL void *CALL(kmalloc_array)(size_t count, size_t size, gfp_t flags)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : CALL(kmalloc)(bytes, flags);
}

SOCKET_CALL void *CALL(kcalloc)(size_t count, size_t size, gfp_t flags)
{
    return CALL(kmalloc_array)(count, size, flags | __GFP_ZERO);
}

SOCKET_CALL void CALL(kfree)(void *block)
{
    if (MORTISE_LIKELY(!RUN(is_nothing)(block)))
        RUN(free)(HEAP, block);
}

SOCKET_CALL size_t CALL(ksize)(void *block)
{
    return RUN(is_nothing)(block) ? 0 : RUN(usable_size)(HEAP, block);
}

/* A block that is large enough, and aligned as one of the new size, stays. */
SOCKET_CALL void *CALL(krealloc)(void *block, size_t size, gfp_t flags)
{
    if (size == 0) {
        CALL(kfree)(block);
        return (void *)(uintptr_t)RUN(nothing);
    }
    if (RUN(is_nothing)(block))
        return CALL(kmalloc)(size, flags);
    size_t old = RUN(usable_size)(HEAP, block);
    if (old == 0) /* no block of ours; that is reported */
        return NULL;
    if (size <= old && (uintptr_t)block % RUN(natural_align)(size) == 0) {
        if ((flags & __GFP_ZERO) != 0)
            __builtin_memset((char *)block + size, 0, old - size);
        return block;
    }
    void *copy = CALL(kmalloc)(size, flags);
    if (copy == NULL)
        return NULL;
    __builtin_memcpy(copy, block, old < size ? old : size);
    RUN(free)(HEAP, block);
    return copy;
}

SOCKET_CALL void *CALL(page_alloc)(gfp_t flags, unsigned order)
{
    if (order > KERNEL_SOCKET_MAX_ORDER)
        return NULL;
    size_t size = mortise_os_page_size() << order;
    return RUN(get)(size, size, flags);
}

/* The order is the caller's promise, which the heap does not need. */
SOCKET_CALL void CALL(page_free)(void *pages, unsigned order)
{
    (void)order;
    RUN(free)(HEAP, pages);
}

SOCKET_CALL unsigned long CALL(__get_free_pages)(gfp_t flags, unsigned order)
{
    return (unsigned long)(uintptr_t)CALL(page_alloc)(flags, order);
}

SOCKET_CALL unsigned long CALL(get_zeroed_page)(gfp_t flags)
{
    return CALL(__get_free_pages)(flags | __GFP_ZERO, 0);
}

SOCKET_CALL void CALL(free_pages)(unsigned long pages, unsigned order)
{
    CALL(page_free)((void *)(uintptr_t)pages, order);
}

#endif
