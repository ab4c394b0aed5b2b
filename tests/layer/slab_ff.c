/* SPDX-License-Identifier: MIT */
/*
 * What only slab_ff does: its chunks hold folios of one class, at multiples of a chunk; the pages
 * of folios that run empty go, but for one of a class; blocks with a folio to themselves begin at
 * different lines; double frees and inner addresses are noticed. tests/data/folio.c has the rule.
 */
#define _GNU_SOURCE
#define COMPOSITION ff
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER large
#define SLAB_FF_SIZECLASS log2b
#define SLAB_FF_SIZECLASS_LEAST 16384
#define SLAB_FF_SIZE_HANDLE 14273, 1044480
#define SLAB_FF_SPREAD next_line
#include <mortise/layer/slab_ff.h>
#define LAYER small
#include <mortise/layer/slab_ff.h>
LAYER_COMPOSE(ff, mmap_heap, large, small)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "noted.h"

enum { KB = 1024, CHUNK = 2 << 20, COUNT = 6400 };

static char *get(struct ff_heap *heap, size_t size)
{
    char *block = (char *)ff_malloc(heap, size);
    check(block != NULL, "a block");
    return block;
}

/* Pages of [base, base + size) that are in memory. */
static size_t resident(const char *base, size_t size)
{
    static unsigned char in[CHUNK / 4096];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = 0;
    check(mincore((void *)(uintptr_t)base, size, in) == 0, "mincore");
    for (size_t i = 0; i < size / page; i++)
        pages += in[i] & 1;
    return pages;
}

static char *chunk_of(const char *block)
{
    return (char *)((uintptr_t)block & ~(uintptr_t)(CHUNK - 1));
}

/* Of a chunk, only blocks that are out, and its rest, which no folio fills, are in use: also what
 * was never used is free. */
static void test_account(struct ff_heap *heap)
{
    (void)ff_trim(heap, 0);
    size_t used = ff_stats(heap).system - ff_stats(heap).free;
    char *one = get(heap, 320);
    struct mortise_stats after = ff_stats(heap);
    check(after.system >= CHUNK && after.free >= CHUNK / 2, "a chunk that is mostly free");
    check(after.system - after.free <= used + 128 * KB, "one block is in use");
    ff_free(heap, one);
}

static void test_chunks(struct ff_heap *heap)
{
    static char *block[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        block[i] = get(heap, i % 2 == 0 ? 700 : 300);
        memset(block[i], 1, i % 2 == 0 ? 700 : 300);
    }
    for (unsigned i = 2; i < COUNT; i++)
        check(i % 2 == 0 || chunk_of(block[i]) != chunk_of(block[i - 1]), "one class a chunk");
    /* 704 bytes are 11 lines, so a folio has 11 pages and 64 blocks. */
    char *base = chunk_of(block[0]);
    check(block[0] == base && block[2] == base + 704, "side by side from the beginning on");
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t full = resident(base, CHUNK);
    check(full * page >= 2000000, "a chunk of blocks that are used is in memory");
    for (unsigned i = 0; i < COUNT; i += 2)
        ff_free(heap, block[i]);
    if (page == 4096)
        check(resident(base, CHUNK) <= 11, "of empty folios one keeps its pages");
    check(heap->small.classes[16].list.empties <= 1, "as many as spare");
    size_t system = ff_stats(heap).system;
    check(ff_trim(heap, 0) != 0, "trim gives back");
    check(ff_stats(heap).system <= system - CHUNK, "a chunk that is empty goes");
    for (unsigned i = 1; i < COUNT; i += 2)
        ff_free(heap, block[i]);
}

/* Ten folios of 64 blocks: one has a block free, the others 63. */
static void test_fullest(struct ff_heap *heap)
{
    char *block[640];
    for (unsigned i = 0; i < 640; i++)
        block[i] = get(heap, 448);
    for (unsigned i = 0; i < 640; i++)
        if (i / 64 == 5 ? i % 64 == 7 : i % 64 != 0)
            ff_free(heap, block[i]);
    check(get(heap, 440) == block[5 * 64 + 7], "the fullest serves");
    long folio = (get(heap, 440) - block[0]) / (64 * 448);
    check(folio != 5, "then another");
    for (unsigned i = 1; i < 63; i++)
        check((get(heap, 440) - block[0]) / (64 * 448) == folio, "until that is full");
    check((get(heap, 440) - block[0]) / (64 * 448) != folio, "and only then the next");
}

static void test_spread(struct ff_heap *heap)
{
    char *block[64];
    unsigned seen = 0, line;
    bool taken[64] = {false};
    for (unsigned i = 0; i < 64; i++) {
        block[i] = get(heap, 20 * KB);
        line = (unsigned)((uintptr_t)block[i] % 4096 / 64);
        seen += !taken[line];
        taken[line] = true;
        size_t usable = ff_usable_size(heap, block[i]);
        check(usable >= 20 * KB && usable == 32 * KB - 64 * line, "what is left behind it");
        memset(block[i], (int)i, usable);
    }
    check(seen == 64, "64 large blocks begin at 64 lines");
    char *aligned = (char *)ff_aligned_alloc(heap, 4096, 20 * KB);
    check(aligned != NULL && (uintptr_t)aligned % 4096 == 0, "an aligned one at its page");
    ff_free(heap, aligned);
    check((uintptr_t)get(heap, 700) % 64 == 0, "small ones are not moved");
    for (unsigned i = 0; i < 64; i++) {
        check(block[i][0] == (char)i && block[i][20 * KB - 1] == (char)i, "content");
        ff_free(heap, block[i] + 64);
        check(reported == MORTISE_FOREIGN_POINTER, "another line is no block");
        reported = MORTISE_OK;
        ff_free(heap, block[i]);
        check(reported == MORTISE_OK, "a block is");
    }
}

static void test_misuse(struct ff_heap *heap)
{
    char *block = get(heap, 1000), *other = get(heap, 1000);
    ff_free(heap, block);
    ff_free(heap, block);
    check(reported == MORTISE_DOUBLE_FREE, "a second free");
    reported = MORTISE_OK;
    ff_free(heap, other + 16);
    check(reported == MORTISE_FOREIGN_POINTER, "an address inside of a block");
    reported = MORTISE_OK;
    ff_free(heap, other);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    struct ff_heap *heap = ff_heap_create();
    check(heap != NULL, "a heap");
    for (unsigned i = 0; i < 2; i++, heap = &ff_default) {
        test_account(heap);
        test_chunks(heap);
        test_fullest(heap);
        test_spread(heap);
        test_misuse(heap);
    }
    puts("slab_ff: passed");
    return 0;
}
