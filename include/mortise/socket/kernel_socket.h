/* SPDX-License-Identifier: MIT */
/*
 * kernel_socket - the allocator's interface inside the Linux kernel
 *
 * So that code of a kernel, or for one, runs in a program, and an allocator for it can be tried:
 *     void *kmalloc(size_t size, gfp_t flags);
 *     void *kzalloc(size_t size, gfp_t flags);
 *     void *kmalloc_array(size_t count, size_t size, gfp_t flags);
 *     void *kcalloc(size_t count, size_t size, gfp_t flags);
 *     void *krealloc(void *block, size_t size, gfp_t flags);
 *     void kfree(void *block);
 *     size_t ksize(void *block);
 *     void *page_alloc(gfp_t flags, unsigned order);
 *     void page_free(void *pages, unsigned order);
 *     unsigned long __get_free_pages(gfp_t flags, unsigned order);
 *     unsigned long get_zeroed_page(gfp_t flags);
 *     void free_pages(unsigned long pages, unsigned order);
 *     struct kmem_cache *kmem_cache_create(const char *name, unsigned size, unsigned align,
 *                                          slab_flags_t flags, void (*constructor)(void *));
 *     void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags);
 *     void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t flags);
 *     void kmem_cache_free(struct kmem_cache *cache, void *object);
 *     void kmem_cache_destroy(struct kmem_cache *cache);
 *     unsigned kmem_cache_size(struct kmem_cache *cache);
 * As Linux documents them: kmalloc of nothing is ZERO_SIZE_PTR, address 16, which kfree takes and
 * ksize says 0 of; a block is aligned to the largest power of two that divides its size, pages to
 * their size; larger requests than pages of max_order are refused; with __GFP_ZERO all that ksize
 * tells is clear, and krealloc, given it each time, keeps it so. A cache's constructor runs for
 * each object that is handed out, more often than in Linux, and __GFP_ZERO does nothing there.
 * SLAB_HWCACHE_ALIGN and SLAB_PANIC are known, a cache with other flags is refused.
 *
 * Flags without __GFP_DIRECT_RECLAIM, such as GFP_ATOMIC and GFP_NOWAIT, never wait for memory:
 * where there is none at hand, nothing is collected or given back for them. It cannot be promised
 * that no lock is taken and no system call is made, which is the business of the layers: with
 * sheap_glk none maps, with sync=spinlock none sleeps. __GFP_NOFAIL tries until there is memory.
 * There is no struct page, and so no alloc_pages. Objects of a cache are blocks like others.
 *
 * Needs: objects of known size and any alignment; a thread-safe neighbour unless threads=one
 * Offers: kmalloc and the others
 *
 * Parameters:
 *   name        type        default  range      meaning
 *   names       name        linux    linux|own  own: the functions' names, and that of struct
 *                                               kmem_cache, begin with the composition's and _
 *   max_order   int         10       0..20      pages of this order are the largest request
 *   export      bool        1        -          0: the functions are static, for a program that
 *                                               includes the composition
 *   err_handle  err_handle  default  -          what happens when a pointer is freed that is not a
 *                                               living block
 *   align       int         16       8..4096    alignment of every block, a power of two
 *   threads     name        many     many|one   one: the program promises to use one thread
 *
 * Invariants: a failed request changes nothing, in particular not the block of krealloc
 * Ordering: none of its own
 * Wins: not an allocator
 * Source: paper table 2; Linux, Documentation/core-api/memory-allocation.rst and mm-api.rst
 */
#include "../core/socket_begin.h"

#ifndef KERNEL_SOCKET_NAMES
#define KERNEL_SOCKET_NAMES linux
#endif
#ifndef KERNEL_SOCKET_MAX_ORDER
#define KERNEL_SOCKET_MAX_ORDER 10
#endif
#ifndef KERNEL_SOCKET_EXPORT
#define KERNEL_SOCKET_EXPORT 1
#endif
#ifndef KERNEL_SOCKET_ERR_HANDLE
#define KERNEL_SOCKET_ERR_HANDLE default
#endif
#ifndef KERNEL_SOCKET_ALIGN
#define KERNEL_SOCKET_ALIGN 16
#endif
#ifndef KERNEL_SOCKET_THREADS
#define KERNEL_SOCKET_THREADS many
#endif

#define SOCKET "kernel_socket"
#define SOCKET_ERR_HANDLE KERNEL_SOCKET_ERR_HANDLE
#define SOCKET_ALIGN KERNEL_SOCKET_ALIGN
#define SOCKET_THREADS KERNEL_SOCKET_THREADS
#define SOCKET_EXPORT KERNEL_SOCKET_EXPORT
#include "../run/gfp.h"
#include "../run/socket.h"

MORTISE_ASSERT_STATIC(KERNEL_SOCKET_MAX_ORDER >= 0 && KERNEL_SOCKET_MAX_ORDER <= 20,
                      "mortise: kernel_socket: max_order must lie in 0..20");

#define RUN(x) MORTISE_CAT(COMPOSITION, _##x)
#define CALL_linux(x) x
#define CALL_1(x) x /* gcc may define linux as 1 */
#define CALL_own(x) MORTISE_CAT(COMPOSITION, _##x)
#define CALL MORTISE_CAT(CALL_, KERNEL_SOCKET_NAMES)
#define HEAP &RUN(default)
#include "kernel_socket/blocks.h"
#include "kernel_socket/caches.h"

#undef RUN
#undef CALL_linux
#undef CALL_1
#undef CALL_own
#undef CALL
#undef HEAP
#undef KERNEL_SOCKET_NAMES
#undef KERNEL_SOCKET_MAX_ORDER
#undef KERNEL_SOCKET_EXPORT
#undef KERNEL_SOCKET_ERR_HANDLE
#undef KERNEL_SOCKET_ALIGN
#undef KERNEL_SOCKET_THREADS
#include "../core/socket_end.h"
