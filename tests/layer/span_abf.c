/* SPDX-License-Identifier: MIT */
/*
 * What only span_abf does: headers keep blocks apart, the best fit serves, threads have arenas up
 * to the limit and share them then, a block goes back to where it is from, one empty chunk stays,
 * and what is no block is told. tests/data/spans.c has the order in full.
 */
#define COMPOSITION sp
#define LAYER mmap_heap
#define MMAP_HEAP_KEEP 0
#include <mortise/heap/mmap_heap.h>
#define LAYER span_abf
#define SPAN_ABF_ARENA per_thread
#define SPAN_ABF_ARENAS 3
#define SPAN_ABF_CHUNK_SIZE 1048576
#include <mortise/layer/span_abf.h>
LAYER_COMPOSE(sp, mmap_heap, span_abf)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include <string.h>

#include "check.h"
#include "noted.h"
#include "told.h"

enum { KB = 1024, MB = 1 << 20, CHUNK = MB };

static void *get(size_t size)
{
    return sp_malloc(&sp_default, size);
}

static void put(void *block)
{
    sp_free(&sp_default, block);
}

static void *arena_here(void)
{
    return sp_here(&sp_default)->span_abf.choice.arena;
}

#include "together.h"

static void test_order(void)
{
    char *block[7];
    for (int i = 0; i < 7; i++)
        block[i] = (char *)get(i % 2 ? 24 : 4000 + 1000 * (size_t)i);
    for (int i = 0; i < 6; i++) {
        check((uintptr_t)block[i] % 32 == 0, "half a line in front of each");
        check(block[i + 1] - block[i] >= 32 + (i % 2 ? 24 : 4000 + 1000 * i), "and between them");
    }
    put(block[4]), put(block[0]), put(block[2]);
    check(get(5000) == block[2], "the smallest that is large enough");
    check(get(100) > (void *)block[2] && get(4000) == block[0], "so are the rests");
    check(get(7000) == block[4], "whatever was freed last");
    char *a = (char *)get(3000), *wall = (char *)get(24), *b = (char *)get(3000);
    put(b), put(a);
    check(wall != NULL && get(3000) == a && get(3000) == b, "of equal ones the lowest");
}

static void test_large(void)
{
    char *in = (char *)get(CHUNK - 96), *out = (char *)get(CHUNK - 95);
    check(sp_stats(&sp_default).directs == 1, "what a chunk has no room for is the neighbour's");
    check((uintptr_t)in % 65536 == 64, "what fits just so is not");
    put(in), put(out);
    char *aligned = (char *)sp_aligned_alloc(&sp_default, 4096, 100);
    check((uintptr_t)aligned % 4096 == 0 && sp_stats(&sp_default).directs == 0, "aligned");
    put(aligned);
}

/* As tests/layer/bins.c has it. */
static void test_arenas(void)
{
    pthread_t threads[THREADS];
    struct sp_at_span_abf_arena *main = &sp_default.span_abf.main;
    const struct mortise_arenas *arenas = &sp_default.span_abf.arenas;
    check(arena_here() == main, "the main arena is the first thread's");
    for (int round = 0; round < 2; round++) { /* those of ended threads serve the next */
        run_together(threads, 1000);
        check(arenas->made == 2 && arenas->newest->next->next == NULL, "as many as there may be");
        check(users_of(main) == 1 && users_of(arenas->newest) == 2 &&
                  users_of(arenas->newest->next) == 2,
              "shared in turn");
        for (int i = 0; i < THREADS; i++) {
            const struct sp_at_span_abf_arena *arena =
                (const struct sp_at_span_abf_arena *)together.arena[i];
            size_t used = arena->spans.used;
            put(together.block[i]); /* by another thread */
            check(arena->spans.used == used - 1056, "a block goes back to its arena");
        }
        end_together(threads);
    }
}

static void test_chunks(void)
{
    enum { MANY = 12 };
    char *block[MANY];
    const struct mortise_spans *spans = &sp_default.span_abf.main.spans;
    size_t held = spans->held;
    for (int i = 0; i < MANY; i++) {
        block[i] = (char *)get(600 * KB);
        memset(block[i], i, 600 * KB);
    }
    check(spans->held >= held + (MANY - 2) * (size_t)CHUNK, "one in each chunk");
    for (int i = 0; i < MANY; i++)
        put(block[i]);
    check(spans->held <= held + CHUNK, "of empty chunks one stays");
    check(spans->empty != NULL, "and is known");
    sp_trim(&sp_default, 0);
    check(spans->held <= held && spans->empty == NULL, "until trim");
}

static void test_misuse(void)
{
    mortise_set_error_callback(note, NULL);
    char *block = (char *)get(200 * KB), *chunk = (char *)((uintptr_t)block & ~(uintptr_t)65535);
    for (size_t at = 0; at <= 4 * 65536; at += 65536)
        told(put, chunk + at, MORTISE_FOREIGN_POINTER, "no block is where a granule begins");
    told(put, block + 32, MORTISE_FOREIGN_POINTER, "nor inside of one");
    told(put, block + 8, MORTISE_FOREIGN_POINTER, "nor where it is not aligned");
    told(put, block, MORTISE_OK, "the block is none the worse");
    told(put, block, MORTISE_DOUBLE_FREE, "a second free is told");
}

int main(void)
{
    test_order();
    test_large();
    test_arenas();
    test_chunks();
    test_misuse();
    puts("span_abf: passed");
    return 0;
}
