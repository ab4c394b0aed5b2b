/* SPDX-License-Identifier: MIT */
/*
 * What only bins does: chunks serve in the documented order, through the socket too; threads have
 * arenas up to the limit and share them then; a block goes back to where it is from; areas come and
 * go; the thresholds follow what is freed; what is overwritten is raised. tests/data/bins.c has the
 * order in full.
 */
#define COMPOSITION pt
#define LAYER brk_mmap_heap
#include <mortise/heap/brk_mmap_heap.h>
#define LAYER bins
#define BINS_ARENAS 3
#define BINS_HEAP_SIZE 1048576
#define BINS_ERR_HANDLE callback
#include <mortise/layer/bins.h>
LAYER_COMPOSE(pt, brk_mmap_heap, bins)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_BREAK 1
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include <string.h>

#include "check.h"
#include "noted.h"

enum { KB = 1024, ROOM = 1 << 20 };

static void *get(size_t size)
{
    return pt_malloc(&pt_default, size);
}

static void put(void *block)
{
    pt_free(&pt_default, block);
}

static void *arena_here(void)
{
    return pt_here(&pt_default)->bins.choice.arena;
}

static size_t areas_of(const struct pt_at_bins_arena *arena)
{
    size_t count = 0;
    for (const struct mortise_heap_info *info = arena->bins.info; info != NULL; info = info->prev)
        count++;
    return count;
}

/* ---- the order of service ---- */

static void test_order(void)
{
    char *fast[3], *small[3], *a, *b, *c;
    for (int i = 0; i < 3; i++) {
        fast[i] = (char *)get(40);
        small[i] = (char *)get(500);
        get(200);
    }
    check(small[1] - small[0] == 48 + 512 + 208, "the top serves side by side");
    for (int i = 0; i < 3; i++)
        put(small[i]), put(fast[i]);
    check(get(40) == fast[2] && get(40) == fast[1], "a fast bin: the last first");
    get(700);
    for (int i = 0; i < 3; i++)
        check(get(500) == small[i], "a small bin: the oldest first");
    char *large = (char *)get(5000), *larger = (char *)get(5500);
    get(24);
    put(large);
    check(get(20 * KB) > (void *)large, "a large request passes what is too small");
    check(get(4990) == large, "a large bin: the best fit");
    put(larger);
    a = (char *)get(300), b = (char *)get(300), c = (char *)get(300);
    check(a == larger && b == a + 320 && c == b + 320, "the last remainder is cut on and on");
}

/* ---- arenas ---- */

#include "together.h"

/* The thread of the program has the main one. Of five others the first has that of a thread which
 * ended, the second makes one more, up to the limit of three; the rest share in turn: the main one,
 * the first made, the second. */
static void test_arenas(void)
{
    pthread_t threads[THREADS];
    struct pt_at_bins_arena *main = &pt_default.bins.main, *newest;
    check(arena_here() == main, "the main arena is the first thread's");
    run_together(threads, 1000);
    newest = (struct pt_at_bins_arena *)(void *)pt_default.bins.arenas.newest;
    struct pt_at_bins_arena *first = (struct pt_at_bins_arena *)(void *)newest->link.next;
    check(pt_default.bins.arenas.made == 2 && first->link.next == NULL, "as many as there may be");
    check(users_of(main) == 1 && users_of(first) == 2 && users_of(newest) == 2, "shared in turn");
    for (int i = 0; i < THREADS; i++) {
        struct pt_at_bins_arena *arena = (struct pt_at_bins_arena *)together.arena[i];
        char *heap = (char *)((uintptr_t)together.block[i] & ~(uintptr_t)(ROOM - 1));
        struct mortise_chunk *chunk = mortise_chunk_of(together.block[i]);
        bool other = (mortise_chunk_word(chunk) & MORTISE_CHUNK_OTHER_ARENA) != 0;
        check(other == (arena != main), "the chunk says whether it is the main arena's");
        if (other)
            check(((struct mortise_heap_info *)heap)->bins == &arena->bins,
                  "a chunk leads to its arena by its address");
        size_t used = arena->bins.used;
        put(together.block[i]); /* by another thread */
        check(arena->bins.used == used - 1008, "a block goes back to its arena");
    }
    end_together(threads);
    run_together(threads, 1000);
    check(pt_default.bins.arenas.made == 2, "arenas of ended threads serve the next");
    check(users_of(main) == 1 && users_of(first) == 2 && users_of(newest) == 2,
          "with their states");
    for (int i = 0; i < THREADS; i++)
        put(together.block[i]);
    end_together(threads);
}

/* Rooms of 1 MB: a thread that has more live in them has several, in a chain. */
static void *fill_heaps(void *unused)
{
    enum { MANY = 60 };
    char *block[MANY];
    struct pt_at_bins_arena *arena;
    put(get(24));
    arena = arena_here();
    check(arena != &pt_default.bins.main, "an arena of its own");
    for (int i = 0; i < MANY; i++) {
        block[i] = (char *)get(60000);
        memset(block[i], i, 60000);
    }
    check(areas_of(arena) >= 4, "an arena has several heaps");
    for (const struct mortise_heap_info *info = arena->bins.info; info != NULL; info = info->prev)
        check((uintptr_t)info % ROOM == 0 && info->size < ROOM && info->bins == &arena->bins,
              "each begins with a heap_info");
    for (int i = MANY - 1; i >= 0; i--) {
        check(block[i][59999] == (char)i, "content");
        put(block[i]);
    }
    check(areas_of(arena) == 1, "heaps that are free go");
    check(arena->bins.held <= 256 * KB, "and the end of the last");
    return unused;
}

static void test_heaps(void)
{
    pthread_t thread;
    check(pthread_create(&thread, NULL, fill_heaps, NULL) == 0, "a thread");
    pthread_join(thread, NULL);
}

/* ---- thresholds ---- */

static void test_thresholds(void)
{
    size_t system = pt_stats(&pt_default).system;
    char *block = (char *)get(128 * KB - 1);
    check(pt_stats(&pt_default).directs == 0, "below the threshold a block is the arena's");
    put(block);
    block = (char *)get(200 * KB);
    check(pt_stats(&pt_default).directs == 1, "from there on a mapping");
    put(block);
    check(pt_stats(&pt_default).directs == 0, "which is unmapped when it is freed");
    check(pt_stats(&pt_default).system <= system + 128 * KB + 2 * 64 * KB, "at once");
    char *again = (char *)get(200 * KB), *small = (char *)get(100);
    check(pt_stats(&pt_default).directs == 0, "the next one of the size is the arena's");
    put(again);
    put(small);
    check(pt_stats(&pt_default).system >= system, "for as large a top is kept now");
    block = (char *)get(33 << 20);
    put(block);
    again = (char *)get(1 << 20);
    check(pt_stats(&pt_default).directs == 1, "blocks above 32 MB change nothing");
    put(again);
}

/* ---- what is overwritten ---- */

static void test_corrupt(void)
{
    char *a = (char *)get(600), *b = (char *)get(600), *c = (char *)get(24);
    size_t word = mortise_chunk_word(mortise_chunk_of(b));
    mortise_set_error_callback(note, NULL);
    mortise_chunk_of(b)->size_flags = 3;
    put(b);
    check(reported == MORTISE_CORRUPT, "a size that cannot be");
    mortise_chunk_of(b)->size_flags = word;
    reported = MORTISE_OK;
    put(b);
    check(reported == MORTISE_OK, "the block is none the worse");
    mortise_chunk_of(b)->fd = mortise_chunk_of(c);
    put(a); /* would be joined with b */
    check(reported == MORTISE_CORRUPT, "a link that does not lead back");
    reported = MORTISE_OK;
    for (int i = 0; i < 100; i++)
        check(get(600) != b, "is not followed");
    put(c);
    put(c);
    check(reported == MORTISE_DOUBLE_FREE, "a second free, also of a fast bin");
}

int main(void)
{
    test_order();
    test_heaps(); /* makes the first arena, so before threads share one with main */
    test_arenas();
    test_thresholds();
    test_corrupt();
    puts("bins: passed");
    return 0;
}
