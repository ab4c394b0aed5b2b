/* SPDX-License-Identifier: MIT */
/*
 * What only extent_abf does: requests are served where address-ordered best fit says, threads have
 * arenas up to the limit and share them then, a block goes back to where it is from, chunks go in
 * trim, and pages go as the policy purge says: a part of what is in use, what the environment says,
 * or what is idle. tests/data/extents.c has the order in full.
 */
#include "decaying.h"

#define COMPOSITION fit
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER extent_abf
#define EXTENT_ABF_ARENA per_thread
#define EXTENT_ABF_ARENAS 3
#define EXTENT_ABF_CHUNK_SIZE 4194304
#define EXTENT_ABF_PURGE never
#include <mortise/layer/extent_abf.h>
LAYER_COMPOSE(fit, mmap_heap, extent_abf)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION half
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER extent_abf
#define EXTENT_ABF_PURGE ratio
#define EXTENT_ABF_PURGE_PERCENT 50
#include <mortise/layer/extent_abf.h>
LAYER_COMPOSE(half, mmap_heap, extent_abf)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION told
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER extent_abf
#define EXTENT_ABF_PURGE ratio
#define EXTENT_ABF_PURGE_ENVIRONMENT 1
#include <mortise/layer/extent_abf.h>
LAYER_COMPOSE(told, mmap_heap, extent_abf)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION pair
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER extent_abf
#define EXTENT_ABF_CHUNK_SIZE 4194304 /* what lies between chunks may be a sanitizer's */
#define EXTENT_ABF_SYNC ccsynch
#define EXTENT_ABF_PURGE idle
#include <mortise/layer/extent_abf.h>
LAYER_COMPOSE(pair, mmap_heap, extent_abf)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "noted.h"
#include "told.h"

#define DECAYING pair
#include "decaying_of.h"

enum { KB = 1024, G = 64 * KB, CHUNK = 4 * MB };

static void *get(size_t size)
{
    return fit_malloc(&fit_default, size);
}

static void put(void *block)
{
    fit_free(&fit_default, block);
}

/* ---- the order of service ---- */

enum { GRANULES = CHUNK / G, BLOCKS = 24 };

static bool taken[GRANULES];

/* Where the smallest gap begins that is large enough, of equal ones the lowest. */
static int should_serve(int granules)
{
    int best = -1, best_length = GRANULES + 1;
    for (int at = 0, end; at < GRANULES; at = end + 1) {
        for (end = at; end < GRANULES && !taken[end];)
            end++;
        if (end - at >= granules && end - at < best_length) {
            best = at;
            best_length = end - at;
        }
    }
    return best;
}

static void test_order(void)
{
    static struct {
        char *at;
        int granules;
    } block[BLOCKS];
    uint64_t seed = 4711;
    char *base = (char *)get(1);
    check((uintptr_t)base % CHUNK == 0, "a chunk is at a multiple of its size");
    put(base);
    for (int step = 0; step < 20000; step++) {
        int i = (int)(chance(&seed) % BLOCKS), granules = 1 + (int)(chance(&seed) % 7);
        if (block[i].at != NULL) {
            put(block[i].at);
            memset(&taken[(block[i].at - base) / G], 0, (size_t)block[i].granules);
            block[i].at = NULL;
        } else if (should_serve(granules) >= 0) {
            block[i].at = (char *)get((size_t)granules * G - chance(&seed) % G);
            block[i].granules = granules;
            check(block[i].at == base + should_serve(granules) * (long)G, "the best fit serves");
            memset(&taken[(block[i].at - base) / G], 1, (size_t)granules);
        }
    }
    for (int i = 0; i < BLOCKS; i++)
        put(block[i].at);
    char *all = (char *)get(CHUNK);
    check(all == base, "what is free is joined");
    put(all);
}

/* ---- arenas ---- */

static void *arena_here(void)
{
    return fit_here(&fit_default)->extent_abf.choice.arena;
}

#include "together.h"

/* As tests/layer/bins.c has it: of five threads beside that of the program the first two make an
 * arena each, up to the limit of three; the rest share in turn, with the main one. */
static void test_arenas(void)
{
    pthread_t threads[THREADS];
    struct fit_at_extent_abf_arena *main = &fit_default.extent_abf.main;
    const struct mortise_arenas *arenas = &fit_default.extent_abf.arenas;
    put(get(1));
    check(arena_here() == main, "the main arena is the first thread's");
    for (int round = 0; round < 2; round++) { /* those of ended threads serve the next */
        run_together(threads, 100 * KB);
        check(arenas->made == 2 && arenas->newest->next->next == NULL, "as many as there may be");
        check(users_of(main) == 1 && users_of(arenas->newest) == 2 &&
                  users_of(arenas->newest->next) == 2,
              "shared in turn");
        for (int i = 0; i < THREADS; i++) {
            const struct fit_at_extent_abf_arena *arena =
                (const struct fit_at_extent_abf_arena *)together.arena[i];
            size_t used = arena->extents.used;
            put(together.block[i]); /* by another thread */
            check(arena->extents.used == used - 2 * G, "a block goes back to its arena");
        }
        end_together(threads);
    }
}

static void test_trim(void)
{
    char *large = (char *)get(20 * MB), *small = (char *)get(100);
    memset(large, 1, 20 * MB);
    put(large);
    size_t system = fit_stats(&fit_default).system;
    check(fit_stats(&fit_default).free >= 20 * MB, "with purge=never all stays");
    check(fit_trim(&fit_default, 0) >= 20 * MB, "until trim");
    check(fit_stats(&fit_default).system <= system - 20 * MB, "has free chunks go");
    put(small);
}

/* ---- pages ---- */

/* Bytes in memory of what is free, as the system sees it. */
static size_t resident_free(const struct mortise_extents *extents)
{
    size_t pages = 0;
    struct mortise_rb_node *node = mortise_rb_end(&extents->by_size, 0);
    for (; node != NULL; node = mortise_rb_beside(node, 1)) {
        const struct mortise_extent *extent = mortise_extent_of_size(node);
        for (char *at = extent->base; at < mortise_extent_end(extent); at += G) {
            unsigned char in[G / PAGE] = {0};
            check(mincore(at, G, in) == 0, "free memory is mapped");
            for (size_t i = 0; i < sizeof in; i++)
                pages += in[i] & 1;
        }
    }
    return pages * PAGE;
}

/* At every moment no more of what is free has pages than half of what is in use. */
static void test_ratio(void)
{
    static char *block[40];
    const struct mortise_extents *extents = &half_default.extent_abf.main.extents;
    uint64_t seed = 99;
    size_t most = 0;
    for (int step = 0; step < 4000; step++) {
        char **one = &block[chance(&seed) % 40];
        if (*one == NULL) {
            size_t size = 1 + chance(&seed) % (300 * KB);
            *one = (char *)half_malloc(&half_default, size);
            memset(*one, 1, size);
        } else {
            half_free(&half_default, *one);
            *one = NULL;
            check(extents->dirty * 2 <= extents->used, "no more than half has pages");
        }
        most = extents->dirty > most ? extents->dirty : most;
        if (step % 16 == 0)
            check(resident_free(extents) <= extents->dirty, "and what has is what is counted");
    }
    check(most > MB, "though that much stays");
    for (int i = 0; i < 40; i++)
        half_free(&half_default, block[i]);
    check(extents->used == 0 && extents->dirty == 0, "where nothing is in use nothing has");
    check(resident_free(extents) == 0, "nor has it in truth");
}

/* How much of 8 MB that were freed has pages, with MALLOC_PURGE_RATIO as it is said. */
static size_t dirty_where(const char *ratio)
{
    if (ratio != NULL)
        setenv("MALLOC_PURGE_RATIO", ratio, 1);
    else
        unsetenv("MALLOC_PURGE_RATIO");
    struct told_heap *heap = told_heap_create();
    check(heap != NULL, "a heap");
    const struct mortise_extents *extents = &heap->extent_abf.main.extents;
    char *stays = (char *)told_malloc(heap, 4 * MB), *goes = (char *)told_malloc(heap, 8 * MB);
    memset(goes, 1, 8 * MB);
    told_free(heap, goes);
    size_t dirty = extents->dirty;
    check(resident_free(extents) <= dirty, "as it is counted");
    told_free(heap, stays);
    told_heap_destroy(heap);
    return dirty;
}

static void test_environment(void)
{
    check(dirty_where(NULL) == 8 * MB, "without the variable pages stay");
    check(dirty_where("-1") == 8 * MB, "and where it says so");
    check(dirty_where("0") == 0, "0: they go");
    check(dirty_where("25") == MB, "a part of what is in use may stay");
    check(dirty_where(" +100x") == 4 * MB, "a number as strtol reads it");
    check(dirty_where("99999999999999999999") == 8 * MB, "however large");
    check(dirty_where("no") == 0, "what is no number is 0");
}

static void audit(void *heap)
{
    const struct mortise_extents *extents = &((struct pair_heap *)heap)->extent_abf.main.extents;
    size_t dirty = 0, bytes = 0;
    struct mortise_rb_node *node = mortise_rb_end(&extents->by_address, 0);
    for (; node != NULL; node = mortise_rb_beside(node, 1)) {
        const struct mortise_extent *extent = mortise_extent_of_address(node);
        dirty += extent->state == MORTISE_EXTENT_FREE ? extent->dirty : 0;
        bytes += extent->bytes;
    }
    check(dirty == extents->dirty && bytes == extents->held, "the sums are right");
}

/* What the thread in the background does: nobody calls, and the time goes by. */
static void test_age(const struct decaying *it)
{
    struct burst burst;
    burst_begin(it, &burst, 32 * MB, 60000);
    burst_free(it, &burst, burst.count / 4, burst.count);
    check(burst_resident(&burst) > 24 * MB, "what was freed just now stays");
    struct pair_mctx ctx = pair_mctx_make(MORTISE_REGION, NULL, 0, 1);
    for (int i = 0; i < 40; i++) {
        milliseconds += 25;
        pair_enter_age(&ctx, &pair_default, pair_here(&pair_default));
    }
    check(burst_resident(&burst) < 12 * MB, "and goes as it ages");
    check(ctx.size == 25, "tick by tick");
    burst_end(it, &burst);
}

static void test_idle(void)
{
    struct decaying it = pair_decaying(&pair_default);
    no_time_no_decay(&it);
    for (long part = 0; part < 4; part++)
        burst_goes_back(&it, part, 60000, 3 * MB);
    steady_use_stays(&it);
    test_age(&it);
    random_while_time_goes_by(&it, audit);
}

static void test_misuse(void)
{
    mortise_set_error_callback(note, NULL);
    char *block = (char *)get(300 * KB);
    told(put, block + G, MORTISE_FOREIGN_POINTER, "the inside of a block is no block");
    told(put, block + 16, MORTISE_FOREIGN_POINTER, "nor is a place behind its beginning");
    told(put, block, MORTISE_OK, "the block is none the worse");
    told(put, block, MORTISE_DOUBLE_FREE, "a second free is told");
}

int main(void)
{
    test_order();
    test_arenas();
    test_trim();
    test_ratio();
    test_environment();
    test_idle();
    test_misuse();
    puts("extent_abf: passed");
    return 0;
}
