/* SPDX-License-Identifier: MIT */
/*
 * Test of segfit_lk: blocks go back to the list of their class, and no more of them than `keep`;
 * within a class they are resized where they are. With `bare` what is kept has no pages, with
 * `spread` blocks begin at different lines, with `huge_page` the kernel is asked for huge pages
 * where one would be used.
 */
#define _GNU_SOURCE
#define COMPOSITION fit
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER segfit_lk
#define SEGFIT_LK_KEEP (1 << 20)
#define SEGFIT_LK_SIZE_HANDLE 65536, 262144
#include <mortise/layer/segfit_lk.h>
LAYER_COMPOSE(fit, mmap_heap, segfit_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION huge
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER segfit_lk
#define SEGFIT_LK_KEEP (1 << 30)
#define SEGFIT_LK_SPREAD next_line
#define SEGFIT_LK_BARE 1
#define SEGFIT_LK_HUGE_PAGE 1
#include <mortise/layer/segfit_lk.h>
LAYER_COMPOSE(huge, mmap_heap, segfit_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "check.h"
#include "noted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COUNT = 64 };

static void test_classes(struct fit_heap *heap)
{
    void *block = fit_malloc(heap, 100000);
    check(fit_usable_size(heap, block) == 131072, "a size is rounded up to its class");
    fit_free(heap, block);
    check(heap->segfit_lk.held == 131072, "a free block is kept");
    void *other = fit_malloc(heap, 200000);
    check(other != block, "another class has other blocks");
    check(fit_malloc(heap, 70000) == block, "a class takes the block that it has");
    check(heap->segfit_lk.held == 0, "a block in use is not kept");
    check(fit_usable_size(heap, fit_malloc(heap, 300000)) < 524288, "others go to the neighbour");
    fit_free(heap, other);
    fit_free(heap, other);
    check(reported == MORTISE_DOUBLE_FREE, "a second free is noticed");
}

static void test_keep(struct fit_heap *heap)
{
    static void *blocks[COUNT];
    for (unsigned i = 0; i < COUNT; i++)
        blocks[i] = fit_malloc(heap, i % 2 == 0 ? 65536 : 262144);
    size_t full = fit_stats(heap).system;
    for (unsigned i = 0; i < COUNT; i++)
        fit_free(heap, blocks[i]);
    struct mortise_stats stats = fit_stats(heap);
    check(stats.free > (1 << 19) && stats.free <= 1 << 20, "what is kept has a bound");
    check(stats.system < full, "what comes beyond goes back");
    check(fit_trim(heap, 0) >= stats.free && fit_stats(heap).free == 0, "trim gives all back");
}

static void test_resize(struct fit_heap *heap)
{
    char *block = (char *)fit_malloc(heap, 140000);
    check(fit_realloc(heap, block, 250000) == block, "a block grows within its class");
    check(fit_realloc(heap, block, 135000) == block, "and shrinks");
    char *other = (char *)fit_realloc(heap, block, 100000);
    check(other != block && fit_usable_size(heap, other) == 131072, "but not into another");
    fit_free(heap, other);
}

/* ---- pages ---- */

enum { MB = 1 << 20 };

static size_t resident(char *block, size_t size)
{
    static unsigned char in[16 * MB / 4096];
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = 0;
    char *base = block - (uintptr_t)block % page;
    check(mincore(base, size, in) == 0, "mincore");
    for (size_t i = 0; i < size / page; i++)
        pages += in[i] & 1;
    return pages;
}

/* Does the kernel's list of mappings say `flag` of an address? -1: it does not say anything. */
static int advised(const char *address, const char *flag)
{
    char line[512];
    bool here = false;
    int answer = -1;
    FILE *file = fopen("/proc/self/smaps", "r");
    while (file != NULL && answer < 0 && fgets(line, sizeof line, file) != NULL) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            here = (uintptr_t)address >= from && (uintptr_t)address < to;
        else if (here && strncmp(line, "VmFlags:", 8) == 0)
            answer = strstr(line, flag) != NULL;
    }
    if (file != NULL)
        fclose(file);
    return answer;
}

static void test_pages(struct huge_heap *heap)
{
    char *block = (char *)huge_malloc(heap, 5 * MB);
    memset(block, 1, 5 * MB);
    check(resident(block, 5 * MB) != 0, "in use");
    huge_free(heap, block);
    check(resident(block, 5 * MB) == 0, "what is kept has no pages");
    char *again = (char *)huge_calloc(heap, 5, MB);
    check(again - block == 64, "the same memory, a line later");
    check(resident(again, 5 * MB) == 0, "calloc knows that it is zero");
    for (int i = 0; i < 5 * MB; i += 512)
        check(again[i] == 0, "and it is");
    huge_free(heap, again + 64);
    check(reported == MORTISE_FOREIGN_POINTER, "another line is no block");
    reported = MORTISE_OK;
    huge_free(heap, again);
    check(reported == MORTISE_OK, "a block is");
}

static void test_huge(struct huge_heap *heap)
{
    char *block = (char *)huge_malloc(heap, 5 * MB);
    check((uintptr_t)block % (2 * MB) < 4096, "a huge page could begin there");
    if (advised(block, " hg") < 1) {
        puts("segfit_lk: this kernel has no huge pages; skipped what they are asked for");
        return;
    }
    check(advised(block + 3 * MB, " hg") == 1, "asked for where a page would be full");
    check(advised(block + 4 * MB, " nh") == 1, "but not for a half");
    char *fuller = (char *)huge_realloc(heap, block, 6 * MB - 100000);
    check(fuller == block && advised(block + 4 * MB, " hg") == 1, "until it is 7/8");
    huge_free(heap, block);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    struct fit_heap *heap = fit_heap_create();
    check(heap != NULL, "a heap");
    test_classes(heap);
    test_keep(heap);
    test_resize(heap);
    fit_heap_destroy(heap);
    test_classes(&fit_default);
    test_keep(&fit_default);
    test_pages(&huge_default);
    test_huge(&huge_default);
    struct huge_heap *other = huge_heap_create();
    check(other != NULL, "a heap");
    test_pages(other);
    test_huge(other);
    huge_heap_destroy(other);
    return 0;
}
