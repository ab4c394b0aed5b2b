/* SPDX-License-Identifier: MIT */
/*
 * Test of cond_bypass: which way a request takes, and that a free finds back.
 */
#define COMPOSITION sized
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER between
#include <mortise/layer/count.h>
#define LAYER bypass
#define COND_BYPASS_COND_LEAST 500
#define COND_BYPASS_TO tlsf_glk
#include <mortise/layer/cond_bypass.h>
LAYER_COMPOSE(sized, mmap_heap, tlsf_glk, slab_lk, between, bypass)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE fatal
#include <mortise/socket/malloc_socket.h>

/* By a condition of the program's own, on a field of its own, to the system layer. */
#define COMPOSITION pinned
#define MCTX_FIELDS unsigned pinned;
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER bypass
#define COND_BYPASS_COND pinned
#include <mortise/layer/cond_bypass.h>
LAYER_COMPOSE(pinned, mmap_heap, tlsf_glk, bypass)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE fatal
#include <mortise/socket/malloc_socket.h>

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who owns a block of `sized`. */
static unsigned owner(void *block)
{
    return mortise_owner_of(
        sized_about(&sized_default, sized_here(&sized_default), block, 0, NULL).owned);
}

/* 499 bytes go to the slabs, 500 past them, and all come back. */
static void test_ways(void)
{
    unsigned long *allocs = &sized_default.between.allocs, *frees = &sized_default.between.frees;
    for (size_t size = 0; size < 3000; size++) {
        unsigned long allocs_before = *allocs, frees_before = *frees;
        unsigned char *block = (unsigned char *)sized_malloc(&sized_default, size);
        check(block != NULL && sized_usable_size(&sized_default, block) >= size, "malloc");
        memset(block, 7, size);
        bool past = size >= 500;
        check(*allocs == allocs_before + !past, "what goes past is not seen between");
        check((owner(block) == sized_at_slab_lk_number()) == !past, "slabs do not have it");
        check((owner(block) == sized_at_tlsf_glk_number()) == past, "but the layer named");
        sized_free(&sized_default, block);
        check(*frees == frees_before + 1, "every free goes through the layers between");
    }
}

/* realloc leads from one side of the condition to the other and back. */
static void test_realloc(void)
{
    unsigned char *block = (unsigned char *)sized_malloc(&sized_default, 100);
    memset(block, 5, 100);
    for (int i = 0; i < 20; i++) {
        block = (unsigned char *)sized_realloc(&sized_default, block, i % 2 ? 100 : 5000);
        check(block != NULL && block[0] == 5 && block[99] == 5, "what was written is kept");
    }
    sized_free(&sized_default, block);
}

static void *get_pinned(unsigned pinned)
{
    struct pinned_extra extra = {pinned};
    return pinned_obtain(&pinned_default, 10, 16, extra);
}

static void test_field(void)
{
    void *usual = get_pinned(0), *pinned = get_pinned(1);
    check(usual != NULL && pinned != NULL, "obtain");
    check((uintptr_t)pinned % 4096 == 0 && pinned_usable_size(&pinned_default, pinned) >= 4096,
          "the system layer gives pages");
    check(pinned_usable_size(&pinned_default, usual) < 4096, "the other way gives blocks");
    pinned_free(&pinned_default, pinned);
    pinned_free(&pinned_default, usual);
}

int main(void)
{
    test_ways();
    test_realloc();
    test_field();
    puts("cond_bypass: passed");
    return 0;
}
