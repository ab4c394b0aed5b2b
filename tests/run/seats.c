/* SPDX-License-Identifier: MIT */
/*
 * The table by which a thread finds its states in run-time heaps grows with the heaps that live,
 * not with those that did.
 */
#include "../layer/check.h"

#define COMPOSITION many

#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>

#define LAYER tlsf_glk
#define TLSF_GLK_SYNC mcslock /* which has a node for each thread */
#include <mortise/layer/tlsf_glk.h>

LAYER_COMPOSE(many, brk_heap, tlsf_glk)

#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

enum { HEAPS = MORTISE_TSAN ? 200 : 2000, LIVE = 100 };

static struct many_heap *make(void)
{
    struct many_heap *heap = many_heap_create();
    check(heap != NULL, "a heap is made");
    check(many_malloc(heap, 100) != NULL, "and serves");
    check(many_here(heap) != &many_nobody, "and has a state for this thread");
    return heap;
}

static void heaps_come_and_go(int count)
{
    struct many_heap *stays = make();
    struct many_local *mine = many_here(stays);
    for (int i = 0; i < count; i++) {
        size_t before = many_seats->bytes;
        many_heap_destroy(make());
        check(before == 0 || many_seats->bytes <= before, "the table does not grow");
        check(many_here(stays) == mine, "the state in a heap that lives is found");
    }
    check(many_seats->mask < 64, "the table is small");
    many_heap_destroy(stays);
}

static void many_heaps_live(void)
{
    static struct many_heap *heap[LIVE];
    static struct many_local *mine[LIVE];
    for (int i = 0; i < LIVE; i++) {
        heap[i] = make();
        mine[i] = many_here(heap[i]);
    }
    check(many_seats->mask < 4 * LIVE, "the table is as large as they ask for");
    for (int i = 0; i < LIVE; i++)
        check(many_here(heap[i]) == mine[i], "each is found");
    for (int i = 0; i < LIVE; i++)
        many_heap_destroy(heap[i]);
}

int main(void)
{
    heaps_come_and_go(HEAPS);
    many_heaps_live();
    heaps_come_and_go(4 * LIVE); /* by which the table is full of the dead once */
    return 0;
}
