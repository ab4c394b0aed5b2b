/* SPDX-License-Identifier: MIT */
/*
 * What only tail_chksum does: sizes are exact, resizing moves the guard, and the verdict of
 * err_handle decides what becomes of a block.
 */
#define COMPOSITION pooled
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER tail_chksum
#define TAIL_CHKSUM_ERR_HANDLE callback
#include <mortise/layer/tail_chksum.h>
LAYER_COMPOSE(pooled, brk_heap, tlsf_glk, tail_chksum)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION classed
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER tail_chksum
#define TAIL_CHKSUM_CHKSUM crc32
#define TAIL_CHKSUM_ERR_HANDLE callback
#include <mortise/layer/tail_chksum.h>
LAYER_COMPOSE(classed, mmap_heap, slab_lk, tail_chksum)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define check(condition)                                                                           \
    ((condition) ? (void)0 : (fprintf(stderr, "%d: %s\n", __LINE__, #condition), exit(1)))

static struct {
    int count;
    enum mortise_error error;
    const void *address;
    char layer[64];
    enum mortise_verdict verdict;
} said;

static enum mortise_verdict note(enum mortise_error error, const void *address, const char *layer,
                                 void *user)
{
    (void)user;
    said.count++;
    said.error = error;
    said.address = address;
    snprintf(said.layer, sizeof said.layer, "%s", layer);
    return said.verdict;
}

static void check_said(enum mortise_error error, const void *address, const char *layer)
{
    check(said.count == 1);
    check(said.error == error);
    check(said.address == address);
    check(strncmp(said.layer, layer, strlen(layer)) == 0);
    check(strncmp(said.layer + strlen(layer), MORTISE_CALLER != NULL ? ", in a call at " : "",
                  15) == 0);
    said.count = 0;
}

static const size_t sizes[] = {0,    1,    7,     8,     15,    16,    24,     25,     100,    1000,
                               4096, 5000, 32700, 32768, 60000, 65536, 100000, 300000, 3000000};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* Writes all that is allowed, and says how much that is. */
static size_t fill(char *block, size_t usable)
{
    memset(block, 'x', usable);
    return usable;
}

/* Both compositions as one. */
struct face {
    void *(*malloc)(size_t size);
    void *(*aligned_alloc)(size_t align, size_t size);
    void *(*realloc)(void *block, size_t size);
    void (*free)(void *block);
    size_t (*usable_size)(void *block);
};

static void *pooled_get(size_t size)
{
    return pooled_malloc(&pooled_default, size);
}

static void *pooled_get_aligned(size_t align, size_t size)
{
    return pooled_aligned_alloc(&pooled_default, align, size);
}

static void *pooled_regrow(void *block, size_t size)
{
    return pooled_realloc(&pooled_default, block, size);
}

static void pooled_put(void *block)
{
    pooled_free(&pooled_default, block);
}

static size_t pooled_usable(void *block)
{
    return pooled_usable_size(&pooled_default, block);
}

static void *classed_get(size_t size)
{
    return classed_malloc(&classed_default, size);
}

static void *classed_get_aligned(size_t align, size_t size)
{
    return classed_aligned_alloc(&classed_default, align, size);
}

static void *classed_regrow(void *block, size_t size)
{
    return classed_realloc(&classed_default, block, size);
}

static void classed_put(void *block)
{
    classed_free(&classed_default, block);
}

static size_t classed_usable(void *block)
{
    return classed_usable_size(&classed_default, block);
}

static const struct face faces[] = {
    {pooled_get, pooled_get_aligned, pooled_regrow, pooled_put, pooled_usable},
    {classed_get, classed_get_aligned, classed_regrow, classed_put, classed_usable}};

static void check_sizes(const struct face *face, size_t align, size_t from, size_t to)
{
    char *block = (char *)face->malloc(from);
    check(fill(block, face->usable_size(block)) == from);
    block = (char *)face->realloc(block, to + 1);
    check(block[0] == 'x' || from == 0);
    check(fill(block, face->usable_size(block)) == to + 1);
    face->free(block);
    block = (char *)face->aligned_alloc(align, to);
    check(fill(block, face->usable_size(block)) == to);
    face->free(block);
    check(said.count == 0);
}

static void sizes_are_exact(const struct face *face)
{
    for (size_t i = 0; i < SIZES; i++)
        for (size_t j = 0; j < SIZES; j++)
            check_sizes(face, (size_t)1 << i, sizes[i], sizes[j]);
}

/* The first byte behind a block of `size`, which had another size before. */
static void check_guard(const struct face *face, size_t before, size_t size)
{
    char text[64];
    snprintf(text, sizeof text, "tail_chksum, %zu bytes", size);
    char *block = (char *)face->malloc(before);
    if (before != size)
        block = (char *)face->realloc(block, size);
    block[size] ^= 1;
    face->free(block);
    check_said(MORTISE_OVERFLOW, block, text);
}

static void the_first_byte_is_guarded(const struct face *face)
{
    check_guard(face, 0, 0);
    for (size_t i = 1; i < SIZES; i++) {
        check_guard(face, sizes[i], sizes[i]);
        check_guard(face, sizes[i] + 3, sizes[i]);
        check_guard(face, sizes[i] / 2, sizes[i]);
        check_guard(face, sizes[i] * 3, sizes[i]);
    }
}

/* A zero is seen for certain, whatever the key. */
static void a_zero_is_seen(void)
{
    for (int i = 0; i < 1000; i++) {
        struct pooled_heap *heap = pooled_heap_create();
        char *block = (char *)pooled_malloc(heap, 20);
        block[20] = '\0';
        pooled_free(heap, block);
        check_said(MORTISE_OVERFLOW, block, "tail_chksum, 20 bytes");
        pooled_heap_destroy(heap);
    }
}

static void the_verdict_decides(void)
{
    char *block = (char *)pooled_malloc(&pooled_default, 700);
    void *pin = pooled_malloc(&pooled_default, 16);
    block[700] ^= 1;
    said.verdict = MORTISE_GO_ON;
    pooled_free(&pooled_default, block);
    check_said(MORTISE_OVERFLOW, block, "tail_chksum, 700 bytes");
    check(pooled_malloc(&pooled_default, 700) == block);

    block[700] ^= 1;
    said.verdict = MORTISE_DROP;
    pooled_free(&pooled_default, block);
    check_said(MORTISE_OVERFLOW, block, "tail_chksum, 700 bytes");
    check(pooled_malloc(&pooled_default, 700) != block);
    said.verdict = MORTISE_GO_ON;
    pooled_free(&pooled_default, pin);
}

/* realloc leaves the report to the free of the old block, once. */
static void an_overflow_is_reported_once(void)
{
    char *block = (char *)pooled_malloc(&pooled_default, 100);
    memset(block, 'y', 100);
    block[100] ^= 1;
    char *again = (char *)pooled_realloc(&pooled_default, block, 90);
    check_said(MORTISE_OVERFLOW, block, "tail_chksum, 100 bytes");
    check(again[0] == 'y' && again[89] == 'y');
    pooled_free(&pooled_default, again);
    check(said.count == 0);
}

/* The end of what is no block may lie where nothing is mapped, or in the block of another. */
static void no_block_is_read_beyond_the_heap(void)
{
    enum { MANY = 64, SIZE = 30000 };
    char *blocks[MANY];
    for (int i = 0; i < MANY; i++) {
        blocks[i] = (char *)classed_malloc(&classed_default, SIZE);
        memset(blocks[i], 0x7f, SIZE);
    }
    for (int i = 0; i < MANY; i++) {
        for (size_t offset = 16; offset + 16 < SIZE; offset += 16 * 29) {
            classed_free(&classed_default, blocks[i] + offset);
            check_said(MORTISE_CORRUPT, blocks[i] + offset, "tail_chksum");
        }
    }
    for (int i = 0; i < MANY; i++)
        classed_free(&classed_default, blocks[i]);
    check(said.count == 0);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    for (int i = 0; i < 2; i++) {
        sizes_are_exact(&faces[i]);
        the_first_byte_is_guarded(&faces[i]);
    }
    a_zero_is_seen();
    the_verdict_decides();
    an_overflow_is_reported_once();
    no_block_is_read_beyond_the_heap();
    return 0;
}
