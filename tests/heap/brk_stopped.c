/* SPDX-License-Identifier: MIT */
/*
 * brk_heap where something is mapped in the way of the program break: its memory goes on in a
 * second range, of which all holds that holds of the first.
 */
#define _GNU_SOURCE

/* Whose system layer is called directly. */
#define COMPOSITION bare
#define LAYER brk_heap
#define BRK_HEAP_RESERVE 1048576
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(bare, brk_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_BREAK 1
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION blocks
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC ccsynch
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(blocks, brk_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_BREAK 1
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

/* Two layers that place, so that the map says whose a block is. */
#define COMPOSITION slabs
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
LAYER_COMPOSE(slabs, brk_heap, tlsf_glk, slab_lk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_BREAK 1
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../layer/check.h"
#include "../layer/noted.h"

enum { GRANULE = 65536, MB = 1 << 20, BLOCKS = 2000, THREADS = 4, ROUNDS = 20 };

static struct bare_at_brk_heap_heap *const layer = &bare_default.brk_heap;

/* ---- what stops the break ---- */

static char *stop(size_t beyond)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t place = ((uintptr_t)sbrk(0) + page - 1) / page * page + beyond;
    void *stopped = mmap((void *)place, page, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    check(stopped == (void *)place, "a page in the way of the break");
    return (char *)stopped;
}

static void let_go(char *stopped)
{
    check(munmap(stopped, (size_t)sysconf(_SC_PAGESIZE)) == 0, "the way is free again");
}

/* ---- regions ---- */

static char *take(size_t size)
{
    struct bare_mctx ctx = bare_mctx_make(MORTISE_REGION, NULL, size, 1);
    bare_at_brk_heap_alloc(&ctx, layer, NULL);
    check((ctx.status == MORTISE_OK) == (ctx.ptr != NULL), "the answer agrees");
    for (size_t i = 0; ctx.ptr != NULL && i < size; i += 512)
        check(((const char *)ctx.ptr)[i] == 0 && ctx.zeroed, "what is new is zero");
    if (ctx.ptr != NULL)
        memset(ctx.ptr, 7, size);
    return (char *)ctx.ptr;
}

static bool give(void *base, size_t size)
{
    struct bare_mctx ctx = bare_mctx_make(MORTISE_REGION, base, size, 1);
    return bare_at_brk_heap_free(&ctx, layer, NULL)->status == MORTISE_OK;
}

static bool is_ours(const void *address)
{
    struct bare_mctx ctx = bare_mctx_make(MORTISE_OBJECT, (void *)(uintptr_t)address, 0, 1);
    return bare_at_brk_heap_whose(&ctx, layer, NULL)->owned != 0;
}

static size_t system_bytes(void)
{
    return bare_stats(&bare_default).system;
}

static struct {
    const void *base[2];
    size_t size[2];
    const char *label[2];
    int count;
} seen;

static void see(struct mortise_walk *walk, const struct mortise_piece *piece)
{
    (void)walk;
    check(seen.count < 2 && piece->state == MORTISE_WALK_REGION, "one piece for each range");
    seen.base[seen.count] = piece->address;
    seen.size[seen.count] = piece->size;
    seen.label[seen.count++] = piece->label;
}

static void check_walk(const void *base, size_t size, const void *second, size_t second_size)
{
    struct mortise_walk walk;
    memset(&walk, 0, sizeof walk);
    memset(&seen, 0, sizeof seen);
    walk.visit = see;
    bare_walk(&bare_default, &walk);
    check(seen.count == (second_size != 0 ? 2 : 1), "walk tells of each range");
    check(seen.base[0] == base && seen.size[0] == size, "of the break's");
    check(strcmp(seen.label[0], "break") == 0, "as such");
    if (second_size == 0)
        return;
    check(seen.base[1] == second && seen.size[1] == second_size, "of the other");
    check(strcmp(seen.label[1], "reserved") == 0, "as what it is");
}

static void test_regions(void)
{
    char *first = take(GRANULE), *more = take(GRANULE);
    check(more == first + GRANULE && sbrk(0) == (void *)(more + GRANULE), "the break moves");
    char *stopped = stop(0);
    char *second = take(GRANULE);
    check(second != NULL, "memory goes on where the break does not");
    check(take(2 * GRANULE) == second + GRANULE, "and in one piece");
    check(sbrk(0) == (void *)(more + GRANULE), "the break is where it was");
    check(system_bytes() == 5 * GRANULE, "by the account");
    check_walk(first, 2 * GRANULE, second, 3 * GRANULE);
    check(is_ours(first) && is_ours(more + GRANULE - 1), "the first range is ours");
    check(is_ours(second) && is_ours(second + 3 * GRANULE - 1), "and the second");
    check(!is_ours(stopped) && !is_ours(first - 1) && !is_ours(&layer), "nothing else is");
    check(!is_ours(second - 1) && !is_ours(second + 3 * GRANULE), "nor what is beside it");
    check(!give(first, GRANULE) && !give(second, GRANULE), "what is at no end stays");
    check(!give(second - GRANULE, 4 * GRANULE), "and more than there is");

    check(give(second + 2 * GRANULE, GRANULE), "the end of the second goes");
    check(!is_ours(second + 2 * GRANULE) && system_bytes() == 4 * GRANULE, "and is not ours then");
    check(give(more, GRANULE) && sbrk(0) == (void *)more, "and that of the break");
    check(!is_ours(more) && is_ours(first), "by the account");
    check_walk(first, GRANULE, second, 2 * GRANULE);
    let_go(stopped);
    check(take(GRANULE) == second + 2 * GRANULE, "what has begun goes on, and is zero again");
    check(take(14 * GRANULE) == more, "the break serves what the other has no room for");
    check(give(more, 14 * GRANULE) && give(second, 3 * GRANULE), "all of it goes");
    check(!is_ours(second) && system_bytes() == GRANULE, "by the account");
    check(take(GRANULE) == more, "the break serves again");

    stopped = stop(0);
    check(take(17 * GRANULE) == NULL && system_bytes() == 2 * GRANULE, "more than there is");
    check(take(16 * GRANULE) == second, "where the range was, all of it");
    check(take(GRANULE) == NULL, "and not more");
    check(give(second, 16 * GRANULE), "it goes");
    let_go(stopped);
    check(give(first, 2 * GRANULE) && system_bytes() == 0, "nothing is left");

    first = take(GRANULE);
    check(sbrk(100) != (void *)-1, "somebody else takes some");
    more = take(GRANULE);
    check(more > first + GRANULE && is_ours(more + GRANULE - 1), "the range goes on behind");
    check(system_bytes() == (size_t)(more + GRANULE - first), "and counts what lies between");
}

/* Bytes of addresses that the process has. */
static size_t addresses(void)
{
    char text[64] = "";
    int file = open("/proc/self/statm", O_RDONLY);
    check(file != -1 && read(file, text, sizeof text - 1) > 0, "/proc/self/statm");
    close(file);
    return strtoul(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

/* A limit stops the break too; no addresses go for what cannot have memory. The limit is set before
 * the second range has been. */
static void test_limit(int which)
{
    struct rlimit before, tight;
    check(getrlimit(which, &before) == 0, "a limit");
    tight = before;
    tight.rlim_cur = which == RLIMIT_AS ? addresses() + GRANULE : GRANULE;
    char *first = take(GRANULE);
    size_t had = addresses();
    check(setrlimit(which, &tight) == 0, "a tight one");
    for (int i = 0; i < 4; i++)
        check(take(4 * GRANULE) == NULL, "refused");
    check(setrlimit(which, &before) == 0, "a wide one");
    check(addresses() == had, "as it was");
    char *more = take(4 * GRANULE);
    check(more == first + GRANULE && sbrk(0) == (void *)(more + 4 * GRANULE), "the break serves");
    check(give(first, 5 * GRANULE), "all goes");
}

/* ---- blocks ---- */

static char *block[BLOCKS];

static size_t size_of(int i)
{
    return 1000 + (size_t)i * 37 % 30000;
}

static void check_block(int i)
{
    check(block[i] != NULL && blocks_usable_size(&blocks_default, block[i]) >= size_of(i),
          "a size");
    check(block[i][0] == (char)i && block[i][size_of(i) - 1] == (char)i, "its content");
}

static void fill(int from, int to)
{
    for (int i = from; i < to; i++) {
        block[i] = (char *)blocks_malloc(&blocks_default, size_of(i));
        check(block[i] != NULL, "a block");
        memset(block[i], i, size_of(i));
    }
}

static void check_foreign(void *address)
{
    reported = MORTISE_OK;
    blocks_free(&blocks_default, address);
    check(reported == MORTISE_FOREIGN_POINTER, "a foreign pointer is told apart");
    reported = MORTISE_OK;
    slabs_free(&slabs_default, address);
    check(reported == MORTISE_FOREIGN_POINTER, "also where the map says it");
    reported = MORTISE_OK;
}

/* Where the map says whose a region is, it is nobody's when it went back. */
static void test_map(void)
{
    struct slabs_at_brk_heap_heap *heap = &slabs_default.brk_heap;
    struct slabs_mctx ctx = slabs_mctx_make(MORTISE_REGION, NULL, GRANULE, 1);
    void *base = slabs_at_brk_heap_alloc(&ctx, heap, NULL)->ptr;
    check(base != NULL && heap->second.lo != 0, "a region of the second range");
    ctx.owned = mortise_owned(2, 5);
    slabs_at_brk_heap_claim(&ctx, heap, NULL);
    ctx.owned = 0;
    check(slabs_at_brk_heap_whose(&ctx, heap, NULL)->owned == mortise_owned(2, 5), "claimed");
    check(slabs_at_brk_heap_free(&ctx, heap, NULL)->status == MORTISE_OK, "goes");
    check(slabs_at_brk_heap_whose(&ctx, heap, NULL)->owned == 0, "and is nobody's");
}

static void test_blocks(void)
{
    fill(0, BLOCKS / 2);
    void *of_map = slabs_malloc(&slabs_default, 100);
    char *stopped = stop(0);
    fill(BLOCKS / 2, BLOCKS);
    void *more_of_map[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        more_of_map[i] = slabs_malloc(&slabs_default, 1000);
        check(more_of_map[i] != NULL, "a block of a slab");
    }
    struct mortise_stats stats = blocks_stats(&blocks_default);
    check(blocks_default.brk_heap.second.size != 0, "there are two ranges");
    check(stats.system == blocks_default.brk_heap.range.size + blocks_default.brk_heap.second.size,
          "stats count both");
    for (int i = 0; i < BLOCKS; i++)
        check_block(i);
    test_map();

    char *between = (char *)blocks_default.brk_heap.second.lo;
    check_foreign(stopped + 32);
    check_foreign(between - 64);
    check_foreign(between + blocks_default.brk_heap.second.size);
    check_foreign(&stats);
    for (int i = 0; i < BLOCKS; i += 2) { /* from one range to the other, or in one of them */
        char *moved = (char *)blocks_realloc(&blocks_default, block[i], 2 * size_of(i));
        check(moved != NULL && moved[size_of(i) - 1] == (char)i, "realloc");
        block[i] = moved;
    }
    for (int i = 0; i < BLOCKS; i++) {
        check_block(i);
        blocks_free(&blocks_default, block[i]);
    }
    char *zero = (char *)blocks_calloc(&blocks_default, 10, MB);
    for (int i = 0; i < 10 * MB; i += 1000)
        check(zero != NULL && zero[i] == 0, "calloc");
    blocks_free(&blocks_default, zero);
    for (int i = 0; i < BLOCKS; i++)
        slabs_free(&slabs_default, more_of_map[i]);
    slabs_free(&slabs_default, of_map);
    check(reported == MORTISE_OK, "nothing else was reported");

    blocks_trim(&blocks_default, 0);
    check(blocks_stats(&blocks_default).system < stats.system / 2 + MB, "trim gives the end back");
    check(blocks_default.brk_heap.second.size == 0, "all of the second range");
    fill(0, BLOCKS);
    for (int i = 0; i < BLOCKS; i++)
        blocks_free(&blocks_default, block[i]);
    let_go(stopped);
}

/* ---- threads ---- */

static void *work(void *argument)
{
    enum { OWN = 400 };
    unsigned char *own[OWN];
    unsigned char mark = *(const unsigned char *)argument;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < OWN; i++) {
            own[i] = (unsigned char *)blocks_malloc(&blocks_default, size_of(i));
            check(own[i] != NULL, "a block of a thread");
            memset(own[i], mark, size_of(i));
        }
        for (int i = 0; i < OWN; i++) {
            for (size_t at = 0; at < size_of(i); at += 97)
                check(own[i][at] == mark, "which is its own");
            blocks_free(&blocks_default, own[i]);
        }
        if (round % 4 == 0)
            blocks_trim(&blocks_default, 0);
    }
    return NULL;
}

/* The break has a megabyte to go, and then threads find it stopped. */
static void test_threads(void)
{
    static unsigned char mark[THREADS] = {1, 2, 3, 4};
    pthread_t thread[THREADS];
    blocks_trim(&blocks_default, 0);
    char *stopped = stop(MB);
    for (int i = 0; i < THREADS; i++)
        check(pthread_create(&thread[i], NULL, work, &mark[i]) == 0, "a thread");
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    check(reported == MORTISE_OK, "nothing was reported");
    let_go(stopped);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    if (!MORTISE_TSAN) { /* which needs memory of its own meanwhile */
        test_limit(RLIMIT_AS);
        test_limit(RLIMIT_DATA);
    }
    test_regions();
    test_blocks();
    test_threads();
    return 0;
}
