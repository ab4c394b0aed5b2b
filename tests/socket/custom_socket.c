/* SPDX-License-Identifier: MIT */
/*
 * Test of custom_socket: arguments reach the layers, and the functions keep malloc's promises.
 */
#define COMPOSITION own
#define MCTX_ARGUMENTS (unsigned, core), (const char *, site)
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER noting
#include "user/noting.h"
LAYER_COMPOSE(own, mmap_heap, tlsf_glk, slab_lk, noting)
#define CUSTOM_SOCKET_PREFIX pool
#define CUSTOM_SOCKET_EXPORT 0
#define CUSTOM_SOCKET_ERR_HANDLE callback
#include <mortise/socket/custom_socket.h>

/* A second one in the unit, without arguments, whose functions others could call. */
#define COMPOSITION plain
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(plain, brk_heap, tlsf_glk)
#include <mortise/socket/custom_socket.h>

#include "../layer/noted.h"
#include "check.h"
#include <errno.h>

static int said(struct own_heap *heap, unsigned core, const char *site)
{
    return heap->noting.last.core == core && strcmp(heap->noting.last.site, site) == 0;
}

static void test_default(void)
{
    struct own_heap *heap = &own_default;
    char *block = (char *)pool_malloc(100, 1, "malloc");
    check(block != NULL && said(heap, 1, "malloc"), "malloc tells its arguments");
    memset(block, 7, 100);
    check(pool_usable_size(block) >= 100, "usable_size");
    block = (char *)pool_realloc(block, 100000, 2, "realloc");
    check(said(heap, 2, "realloc") && all_bytes(block, 100, 7), "realloc tells them, and copies");
    char *zero = (char *)pool_calloc(1000, 3, 3, "calloc");
    check(said(heap, 3, "calloc") && all_bytes(zero, 3000, 0), "calloc tells them, and clears");
    void *aligned = pool_aligned_alloc(8192, 10, 4, "aligned");
    check(said(heap, 4, "aligned") && (uintptr_t)aligned % 8192 == 0, "aligned_alloc");
    pool_free(aligned);
    pool_free(zero);
    check(pool_realloc(block, 0, 5, "none") == NULL, "realloc to nothing frees");
    pool_free(NULL);
    check(reported == MORTISE_OK, "nothing is wrong so far");
    pool_free(&heap);
    check(reported == MORTISE_FOREIGN_POINTER, "the policy is told what is wrong");
    check(pool_trim(0) > 0, "trim");
}

static void test_refusals(void)
{
    errno = 0;
    check(pool_malloc(SIZE_MAX / 2, 0, "") == NULL && errno == ENOMEM, "more than there is");
    errno = 0;
    check(pool_calloc(SIZE_MAX / 2, 3, 0, "") == NULL && errno == ENOMEM, "no product");
    errno = 0;
    check(pool_aligned_alloc(24, 3, 0, "") == NULL && errno == ENOMEM, "no power of two");
}

static void test_heaps(void)
{
    struct own_heap *heap = pool_heap_create(), *other = pool_heap_create();
    check(heap != NULL && other != NULL, "heap_create");
    void *block = pool_heap_malloc(heap, 10, 6, "here");
    pool_heap_free(other, pool_heap_calloc(other, 2, 5, 7, "there"));
    check(said(heap, 6, "here") && said(other, 7, "there"), "each heap hears its own");
    block = pool_heap_realloc(heap, block, 40000, 8, "more");
    check(pool_heap_usable_size(heap, block) >= 40000 && said(heap, 8, "more"), "heap_realloc");
    void *aligned = pool_heap_aligned_alloc(heap, 4096, 4096, 9, "page");
    check((uintptr_t)aligned % 4096 == 0 && said(heap, 9, "page"), "heap_aligned_alloc");
    pool_heap_free(heap, aligned);
    pool_heap_destroy(heap);
    pool_heap_destroy(other);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    test_default();
    test_refusals();
    test_heaps();
    char *block = (char *)custom_malloc(50);
    check(block != NULL && custom_usable_size(block) >= 50, "a socket without arguments");
    custom_free(block);
    return 0;
}
