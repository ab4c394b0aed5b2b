/* SPDX-License-Identifier: MIT */
/*
 * Test of kernel_socket: what Linux documents of these functions.
 */
#define COMPOSITION kern
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER buddy_glk
#include <mortise/layer/buddy_glk.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
LAYER_COMPOSE(kern, mmap_heap, buddy_glk, slab_lk)
#define KERNEL_SOCKET_EXPORT 0
#define KERNEL_SOCKET_ERR_HANDLE callback
#include <mortise/socket/kernel_socket.h>

/* A second one, under other names, of a megabyte: it runs out of memory. */
#define COMPOSITION tiny
#define LAYER sheap_glk
#define SHEAP_GLK_SIZE (1 << 20)
#include <mortise/heap/sheap_glk.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(tiny, sheap_glk, tlsf_glk)
#define KERNEL_SOCKET_NAMES own
#define KERNEL_SOCKET_EXPORT 0
#include <mortise/socket/kernel_socket.h>

#include "check.h"

static unsigned reports;

static enum mortise_verdict note(enum mortise_error error, const void *address, const char *layer,
                                 void *user)
{
    (void)error, (void)address, (void)layer, (void)user;
    reports++;
    return MORTISE_GO_ON;
}

static void test_nothing(void)
{
    void *nothing = kmalloc(0, GFP_KERNEL);
    check((uintptr_t)nothing == 16 && ksize(nothing) == 0 && ksize(NULL) == 0, "ZERO_SIZE_PTR");
    kfree(nothing);
    kfree(NULL);
    check(krealloc(kmalloc(5, GFP_KERNEL), 0, GFP_KERNEL) == nothing, "krealloc to nothing");
    void *block = krealloc(nothing, 50, GFP_KERNEL);
    check(block != NULL && ksize(block) >= 50, "krealloc of nothing");
    kfree(block);
    check(kmalloc_array(SIZE_MAX / 2, 3, GFP_KERNEL) == NULL, "no product");
    check(kmalloc((mortise_os_page_size() << 10) + 1, GFP_KERNEL) == NULL, "larger than allowed");
    check(kmalloc(SIZE_MAX, GFP_ATOMIC) == NULL, "absurd");
    check(page_alloc(GFP_KERNEL, 11) == NULL, "an order above the highest");
    check(reports == 0, "nothing is wrong so far");
    kfree(&block);
    check(reports == 1, "a foreign pointer is reported");
}

static void test_alignment(void)
{
    for (size_t size = 1; size <= 1 << 20; size += size < 5000 ? 1 : size / 3) {
        void *block = kmalloc(size, GFP_KERNEL);
        check(block != NULL && (uintptr_t)block % (size & -size) == 0, "alignment of kmalloc");
        memset(block, 0xff, ksize(block));
        kfree(block);
    }
    for (unsigned order = 0; order <= 10; order++) {
        size_t size = mortise_os_page_size() << order;
        void *pages = page_alloc(order % 2 ? GFP_NOWAIT : GFP_KERNEL, order);
        check(pages != NULL && (uintptr_t)pages % size == 0, "alignment of pages");
        memset(pages, 0xff, size);
        page_free(pages, order);
    }
    unsigned long page = get_zeroed_page(GFP_KERNEL);
    check(page != 0 && all_bytes((void *)page, mortise_os_page_size(), 0), "get_zeroed_page");
    free_pages(page, 0);
}

/* The memory was used before. */
static void test_zero(void)
{
    for (unsigned i = 1; i < 3000; i += 7) {
        char *block = (char *)kzalloc(i, GFP_KERNEL);
        check(all_bytes(block, ksize(block), 0), "kzalloc");
        memset(block, 7, i);
        block = (char *)krealloc(block, i * 3, GFP_KERNEL | __GFP_ZERO);
        check(all_bytes(block, i, 7) && all_bytes(block + i, ksize(block) - i, 0), "krealloc, up");
        block = (char *)krealloc(block, i / 2 + 1, GFP_KERNEL | __GFP_ZERO);
        block = (char *)krealloc(block, i, GFP_KERNEL | __GFP_ZERO);
        check(all_bytes(block, i / 2 + 1, 7), "krealloc, down");
        check(all_bytes(block + i / 2 + 1, i - i / 2 - 1, 0), "krealloc, down and up");
        kfree(block);
    }
    char *array = (char *)kcalloc(30, 40, GFP_ATOMIC);
    check(array != NULL && all_bytes(array, 1200, 0), "kcalloc");
    kfree(array);
}

struct thing {
    char text[40];
    int begun;
};

static void begin(void *object)
{
    memset(object, 0, sizeof(struct thing));
    ((struct thing *)object)->begun = 42;
}

static void test_caches(void)
{
    struct kmem_cache *things = kmem_cache_create("things", sizeof(struct thing), 32, 0, begin);
    struct kmem_cache *lines = kmem_cache_create("lines", 100, 0, SLAB_HWCACHE_ALIGN, NULL);
    check(things != NULL && lines != NULL, "kmem_cache_create");
    check(kmem_cache_size(things) == sizeof(struct thing), "kmem_cache_size");
    check(kmem_cache_create("no", 8, 3, 0, NULL) == NULL, "an alignment that is no power of two");
    check(kmem_cache_create("no", 8, 0, 1, NULL) == NULL, "a flag that is not known");
    struct thing *all[100];
    for (unsigned i = 0; i < 100; i++) {
        all[i] = (struct thing *)kmem_cache_alloc(things, GFP_KERNEL | __GFP_ZERO);
        check(all[i]->begun == 42 && (uintptr_t)all[i] % 32 == 0, "an object is constructed");
        memset(all[i]->text, 'x', sizeof all[i]->text);
        char *line = (char *)kmem_cache_zalloc(lines, GFP_KERNEL);
        check((uintptr_t)line % 64 == 0 && all_bytes(line, 100, 0), "kmem_cache_zalloc");
        memset(line, 7, 100);
        kmem_cache_free(lines, line);
    }
    for (unsigned i = 0; i < 100; i++)
        kmem_cache_free(things, all[i]);
    kmem_cache_free(things, NULL);
    kmem_cache_destroy(lines);
    kmem_cache_destroy(things);
    kmem_cache_destroy(NULL);
}

static void test_memory_out(void)
{
    void *last = NULL, *block;
    while ((block = tiny_kmalloc(1000, GFP_KERNEL)) != NULL) {
        *(void **)block = last;
        last = block;
    }
    check(last != NULL && tiny_kmalloc(1000, GFP_ATOMIC) == NULL, "out of memory");
    check(tiny_krealloc(last, 5000, GFP_KERNEL) == NULL && tiny_ksize(last) >= 1000,
          "krealloc that fails leaves the block");
    void *next = *(void **)last;
    tiny_kfree(last);
    check(tiny_kmalloc(1000, GFP_ATOMIC | __GFP_NOFAIL) != NULL, "memory again");
    for (; next != NULL; next = block) {
        block = *(void **)next;
        tiny_kfree(next);
    }
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    test_nothing();
    test_alignment();
    test_zero();
    test_caches();
    test_memory_out();
    check(reports == 1, "nothing else is wrong");
    return 0;
}
