/* SPDX-License-Identifier: MIT */
/*
 * tail_chksum looks at the end of a block, which lies in another granule than its beginning where
 * it is large: layers have different things on record there. No sound block is taken for another.
 */
#define COMPOSITION mapped
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tail_chksum
#define TAIL_CHKSUM_ERR_HANDLE callback
#include <mortise/layer/tail_chksum.h>
LAYER_COMPOSE(mapped, mmap_heap, tail_chksum)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION extents
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER extent_abf
#include <mortise/layer/extent_abf.h>
#define LAYER tail_chksum
#define TAIL_CHKSUM_ERR_HANDLE callback
#include <mortise/layer/tail_chksum.h>
LAYER_COMPOSE(extents, mmap_heap, extent_abf, tail_chksum)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "check.h"
#include "noted.h"

#include <string.h>

static void check_content(const unsigned char *block, size_t size, unsigned char content)
{
    check(block != NULL, "a block");
    for (size_t i = 0; i < size; i++)
        check(block[i] == content, "the content stays");
}

/* A sanitizer knows that it is wrong. */
__attribute__((noinline, MORTISE_UNCHECKED)) static void overwrite(unsigned char *byte)
{
    *byte ^= 1;
}

#define SIZES(size) for (size_t size = 1; size < 8000000; size = size * 5 / 4 + 3)

/* A block is known at its size, keeps its content as it grows, and its overflow is found. */
#define TEST(c)                                                                                    \
    static void test_##c(size_t align, size_t size)                                                \
    {                                                                                              \
        struct c##_heap *heap = &c##_default;                                                      \
        unsigned char *block = (unsigned char *)c##_aligned_alloc(heap, align, size);              \
        check(block != NULL && c##_usable_size(heap, block) == size, "as large as was asked for"); \
        memset(block, 7, size);                                                                    \
        block = (unsigned char *)c##_realloc(heap, block, size + size / 2);                        \
        check_content(block, size, 7);                                                             \
        block = (unsigned char *)c##_realloc(heap, block, size / 2 + 1);                           \
        check_content(block, size / 2 + 1, 7);                                                     \
        check(reported == MORTISE_OK, "nothing is wrong");                                         \
        overwrite(block + size / 2 + 1);                                                           \
        c##_free(heap, block);                                                                     \
        check(reported == MORTISE_OVERFLOW, "one byte more is found");                             \
        reported = MORTISE_OK;                                                                     \
    }

TEST(mapped)
TEST(extents)

int main(void)
{
    mortise_set_error_callback(note, NULL);
    SIZES(size)
    {
        test_mapped(16, size);
        test_mapped(262144, size);
        test_extents(16, size);
        test_extents(262144, size);
    }
    return 0;
}
