/* SPDX-License-Identifier: MIT */
/*
 * Test of tlsf_glk: free memory loses its pages when it is not needed for a while, and the books of
 * that are right; what was a layer's goes back to that layer.
 */
#include "decaying.h"

#define COMPOSITION mapped
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 1 << 20
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(mapped, mmap_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION range
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC ccsynch
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(range, brk_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION at_once
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_DECAY 1
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(at_once, brk_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION never
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_DECAY 0
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(never, brk_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION fit
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER segfit_lf
#include <mortise/layer/segfit_lf.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(fit, mmap_heap, segfit_lf, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "noted.h"

#define DECAYING mapped
#include "decaying_of.h"
#define DECAYING range
#include "decaying_of.h"
#define DECAYING at_once
#include "decaying_of.h"
#define DECAYING never
#include "decaying_of.h"

/* Each range without pages lies in its block, and they add up to the sum. */
static void audit(const struct mortise_tlsf *tlsf)
{
    size_t bare = 0, free_bytes = 0;
    for (unsigned index = 0; index < MORTISE_TLSF_LEVELS * MORTISE_TLSF_LISTS; index++) {
        const struct mortise_tlsf_block *block =
            tlsf->head[index / MORTISE_TLSF_LISTS][index % MORTISE_TLSF_LISTS];
        for (; block != NULL; block = block->next_free) {
            size_t word = mortise_tlsf_word(block), size = mortise_tlsf_size(block);
            check((word & MORTISE_TLSF_FREE) != 0, "only free blocks are in lists");
            check(mortise_tlsf_list(size) == index, "a block is in the list of its size");
            free_bytes += size;
            if ((word & MORTISE_TLSF_BARE) == 0)
                continue;
            check(block->bare < block->bare_end, "a range is not empty");
            check(block->bare >= (uintptr_t)block + MORTISE_TLSF_HEAD, "it begins behind a head");
            check(block->bare_end <= (uintptr_t)block + size, "it ends in its block");
            bare += block->bare_end - block->bare;
            for (uintptr_t at = block->bare; at < block->bare_end; at += 16 * PAGE)
                check(*(volatile const char *)at == 0, "it reads as zero");
        }
    }
    check(bare == tlsf->bare, "the sum is that of the ranges");
    check(free_bytes <= tlsf->held - tlsf->used, "what is not used is free");
}

static void audit_mapped(void *heap)
{
    audit(&((struct mapped_heap *)heap)->tlsf_glk.tlsf);
}

static void audit_range(void *heap)
{
    audit(&((struct range_heap *)heap)->tlsf_glk.tlsf);
}

static void test_decay(const struct decaying *it, void (*look)(void *heap))
{
    no_time_no_decay(it);
    steady_use_stays(it);
    for (long part = 0; part < 4; part++) {
        burst_goes_back(it, part, 1000, 2 * MB);
        look(it->heap);
        burst_goes_back(it, part, 30000, 2 * MB);
        look(it->heap);
    }
    random_while_time_goes_by(it, look);
}

/* What of 16 MB has pages after half of it was freed, and that many steps of time have passed. */
static size_t resident_of_half(const struct decaying *it, int steps, uint64_t each)
{
    struct burst burst;
    burst_begin(it, &burst, 16 * MB, 10000);
    burst_free(it, &burst, 0, burst.count / 2);
    rest(it, steps, each);
    size_t resident = burst_resident(&burst);
    burst_end(it, &burst);
    return resident;
}

/* All goes within some milliseconds, but for 1 MB and an eighth of what is used. */
static void test_at_once(struct at_once_heap *heap)
{
    struct decaying it = at_once_decaying(heap);
    check(resident_of_half(&it, 40, 1) <= 10 * MB + 256 * 1024, "decay=1: what is free goes");
}

static void test_never(struct never_heap *heap)
{
    struct decaying it = never_decaying(heap);
    check(resident_of_half(&it, 100, 1000) >= 16 * MB - 256 * 1024, "decay=0: what is free stays");
}

/* Pools are blocks of the neighbour, which serve again; one that it does not know of is lost. */
static void test_pools_go_back(struct fit_heap *heap)
{
    enum { BLOCKS = 400, SIZE = 50000 };
    static void *block[BLOCKS];
    uint32_t made = 0;
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < BLOCKS; i++)
            check((block[i] = fit_malloc(heap, SIZE)) != NULL, "there is memory");
        check(heap->tlsf_glk.tlsf.held > (size_t)BLOCKS * SIZE, "it is in pools");
        for (int i = 0; i < BLOCKS; i++)
            fit_free(heap, block[i]);
        fit_trim(heap, 0);
        check(heap->tlsf_glk.tlsf.held == 0, "all pools go");
        check(heap->segfit_lf.held == 0, "and all blocks");
        check(round == 0 || heap->segfit_lf.made == made, "the neighbour has them back");
        made = heap->segfit_lf.made;
    }
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    struct mapped_heap *mapped = mapped_heap_create();
    struct range_heap *range = range_heap_create();
    struct at_once_heap *at_once = at_once_heap_create();
    struct never_heap *never = never_heap_create();
    struct fit_heap *fit = fit_heap_create();
    check(mapped != NULL && range != NULL && at_once != NULL && never != NULL && fit != NULL,
          "heaps");
    struct decaying it = mapped_decaying(mapped);
    test_decay(&it, audit_mapped);
    it = range_decaying(range);
    test_decay(&it, audit_range);
    test_at_once(at_once);
    test_never(never);
    test_pools_go_back(fit);
    check(reported == MORTISE_OK, "nothing was reported");
    mapped_heap_destroy(mapped);
    range_heap_destroy(range);
    at_once_heap_destroy(at_once);
    never_heap_destroy(never);
    fit_heap_destroy(fit);
    return 0;
}
