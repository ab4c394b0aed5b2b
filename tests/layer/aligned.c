/* SPDX-License-Identifier: MIT */
/*
 * What only aligned does: sizes become multiples, and blocks begin at one, also after realloc.
 */
#define COMPOSITION lines
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 100000
#include <mortise/layer/tlsf_glk.h>
#define LAYER aligned
#define ALIGNED_MULTIPLE 256
#define ALIGNED_SIZE_HANDLE 100, SIZE_MAX
#include <mortise/layer/aligned.h>
LAYER_COMPOSE(lines, mmap_heap, tlsf_glk, aligned)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

/* Upon a malloc whose realloc moves blocks to where it likes. */
#define COMPOSITION moving
#define LAYER malloc_heap
#include <mortise/heap/malloc_heap.h>
#define LAYER aligned
#include <mortise/layer/aligned.h>
LAYER_COMPOSE(moving, malloc_heap, aligned)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

/* Sizes alone: a block of a slab is as large as its class. */
#define COMPOSITION sizes
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER aligned
#define ALIGNED_MULTIPLE 1024
#define ALIGNED_ALIGN_TOO 0
#include <mortise/layer/aligned.h>
LAYER_COMPOSE(sizes, mmap_heap, slab_lk, aligned)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 300 };

static void test_lines(void)
{
    char *block[BLOCKS];
    bool odd = false;
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t size = i * i * 3;
        block[i] = (char *)lines_malloc(&lines_default, size);
        check(block[i] != NULL, "malloc");
        if (size >= 100) {
            check((uintptr_t)block[i] % 256 == 0, "a block begins at a multiple");
            check(lines_usable_size(&lines_default, block[i]) >= (size + 255) / 256 * 256, "size");
        } else if ((uintptr_t)block[i] % 256 != 0) {
            odd = true;
        }
        memset(block[i], (int)(i % 100), size);
    }
    check(odd, "what size_handle leaves out is left alone");
    for (size_t i = 1; i < BLOCKS; i++) {
        size_t size = i * i * 3, more = size * 3 + 100;
        block[i] = (char *)lines_realloc(&lines_default, block[i], more);
        check(block[i] != NULL && (uintptr_t)block[i] % 256 == 0, "realloc keeps the alignment");
        check(block[i][0] == (char)(i % 100) && block[i][size - 1] == (char)(i % 100), "content");
        lines_free(&lines_default, block[i]);
    }
    lines_free(&lines_default, block[0]);
    char *page = (char *)lines_aligned_alloc(&lines_default, 4096, 200);
    check((uintptr_t)page % 4096 == 0, "a larger alignment stays");
    lines_free(&lines_default, page);
    errno = 0;
    volatile size_t much = SIZE_MAX - 10; /* not known to the compiler, which would warn */
    check(lines_malloc(&lines_default, much) == NULL && errno == ENOMEM, "too much to round");
}

static void test_moving(void)
{
    for (size_t size = 1; size < 1000000; size = size * 2 + 7) {
        char *block = (char *)moving_malloc(&moving_default, size);
        void *behind = moving_malloc(&moving_default, 1); /* so that it has to move */
        check(block != NULL && (uintptr_t)block % 64 == 0, "malloc upon malloc");
        block[size - 1] = 5;
        block = (char *)moving_realloc(&moving_default, block, size * 5);
        check(block != NULL && (uintptr_t)block % 64 == 0, "realloc upon realloc");
        check(block[size - 1] == 5, "content upon realloc");
        moving_free(&moving_default, block);
        moving_free(&moving_default, behind);
    }
}

static void test_sizes(void)
{
    char *block[BLOCKS];
    bool odd = false;
    for (size_t i = 0; i < BLOCKS; i++) {
        block[i] = (char *)sizes_malloc(&sizes_default, i * 5);
        check(block[i] != NULL, "malloc of sizes");
        size_t least = i == 0 ? 1024 : (i * 5 + 1023) / 1024 * 1024;
        check(sizes_usable_size(&sizes_default, block[i]) >= least, "sizes are multiples");
        odd = odd || (uintptr_t)block[i] % 2048 != 0;
    }
    check(odd, "alignment was not asked for");
    for (size_t i = 0; i < BLOCKS; i++)
        sizes_free(&sizes_default, block[i]);
}

int main(void)
{
    test_lines();
    test_moving();
    test_sizes();
    puts("aligned: passed");
    return 0;
}
