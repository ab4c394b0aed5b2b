/* SPDX-License-Identifier: MIT */
/*
 * Test of brk_mmap_heap: the break grows for who asks for it and shrinks from its end; regions in
 * rooms grow and shrink where they are; objects come and go; a heap that ends leaves nothing.
 */
#define COMPOSITION two
#define LAYER brk_mmap_heap
#include <mortise/heap/brk_mmap_heap.h>
LAYER_COMPOSE(two, brk_mmap_heap)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_BREAK 1
#include <mortise/socket/malloc_socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../layer/check.h"

enum { GRANULE = 65536, ROOM = 1 << 20 };

static struct two_at_brk_mmap_heap_heap *layer;

static struct two_mctx region(void *ptr, size_t size, size_t align)
{
    return two_mctx_make(MORTISE_REGION, ptr, size, align);
}

/* More at `end`, NULL: of the break; NULL: refused. */
static char *more(void *end, size_t size)
{
    struct two_mctx ctx = region(end, size, 1);
    two_at_brk_mmap_heap_resize(&ctx, layer, NULL);
    check((ctx.status == MORTISE_OK) == (ctx.ptr != NULL), "the answer agrees");
    check(ctx.ptr == NULL || ctx.zeroed, "what is new is zero");
    return (char *)ctx.ptr;
}

static char *take(size_t size, size_t align)
{
    struct two_mctx ctx = region(NULL, size, align);
    return (char *)two_at_brk_mmap_heap_alloc(&ctx, layer, NULL)->ptr;
}

static bool give(void *base, size_t size)
{
    struct two_mctx ctx = region(base, size, 1);
    return two_at_brk_mmap_heap_free(&ctx, layer, NULL)->status == MORTISE_OK;
}

/* Whose an address is, after a layer of that number has claimed it. */
static void claim(void *base, size_t size, unsigned number)
{
    struct two_mctx ctx = region(base, size, 1);
    ctx.owned = mortise_owned(number, 99);
    check(two_at_brk_mmap_heap_claim(&ctx, layer, NULL)->status == MORTISE_OK, "a claim");
}

static unsigned owner(void *address)
{
    struct two_mctx ctx = two_mctx_make(MORTISE_OBJECT, address, 0, 1);
    return mortise_owner_of(two_at_brk_mmap_heap_whose(&ctx, layer, NULL)->owned);
}

static bool is_mapped(void *address)
{
    unsigned char resident;
    return mincore(address, GRANULE, &resident) == 0;
}

static void test_break(void)
{
    char *first = more(NULL, GRANULE), *second = more(NULL, 2 * GRANULE);
    check(first != NULL && second == first + GRANULE, "the break goes on");
    check(sbrk(0) == (void *)(second + 2 * GRANULE), "the system's");
    claim(second, 2 * GRANULE, 5);
    check(owner(second + GRANULE) == 5, "claimed");
    check(!give(first, GRANULE), "what is not at the end stays");
    check(give(second + GRANULE, GRANULE) && sbrk(0) == (void *)(second + GRANULE), "the end goes");
    check(owner(second) == 5 && owner(second + GRANULE) == 0, "and is nobody's then");
    char *other = take(GRANULE, 1);
    check(other + GRANULE <= first || other >= second + 2 * GRANULE, "regions are elsewhere");
    check(sbrk(100) != (void *)-1, "somebody else takes some");
    check(!give(second, GRANULE), "so it is no longer the end");
    char *third = more(NULL, GRANULE);
    check((uintptr_t)third % GRANULE == 0 && third > second + GRANULE, "the break goes on behind");
    check(give(third, GRANULE) && give(other, GRANULE), "regions go back");
}

static void test_room(void)
{
    char *base = take(GRANULE, ROOM);
    check(base != NULL && (uintptr_t)base % ROOM == 0, "a room");
    claim(base, GRANULE, 5);
    char *end = base + GRANULE;
    check(more(end, 3 * GRANULE) == end, "a region grows where it is");
    claim(end, 3 * GRANULE, 5);
    memset(end, 7, 3 * GRANULE);
    check(more(end + 3 * GRANULE, ROOM - 4 * GRANULE) == NULL, "not into the last granule");
    check(more(end + 3 * GRANULE, ROOM - 5 * GRANULE) != NULL, "but up to it");
    check(more(base + ROOM - GRANULE, GRANULE) == NULL, "and not beyond");
    check(give(end + 3 * GRANULE, ROOM - 5 * GRANULE), "its end goes");
    check(give(end + GRANULE, 2 * GRANULE), "and more of it");
    check(owner(end) == 5 && owner(end + GRANULE) == 0, "which is nobody's then");
    check(more(end + GRANULE, GRANULE) != NULL && end[GRANULE] == 0, "fresh again");
    check(end[0] == 7, "and the rest as it was");
    size_t system = two_stats(&two_default).system;
    check(give(base, 3 * GRANULE), "all of it goes");
    check(two_stats(&two_default).system == system - 3 * GRANULE, "by the account");
    check(!is_mapped(base) && !is_mapped(base + ROOM - GRANULE), "and its addresses too");
    check(owner(base) == 0 && more(base + GRANULE, GRANULE) == NULL, "there is no room any more");
    char *plain = take(ROOM, ROOM);
    check((uintptr_t)plain % ROOM == 0, "as large as it is aligned to: no room");
    check(more(plain + ROOM, GRANULE) == NULL && give(plain, ROOM), "a mapping");
}

static void test_objects(struct two_heap *heap)
{
    char *block = (char *)two_malloc(heap, 100000);
    check(block != NULL && two_stats(heap).directs == 1, "an object");
    memset(block, 7, 100000);
    block = (char *)two_realloc(heap, block, 40 << 20);
    check(block[99999] == 7 && block[(40 << 20) - 1] == 0, "grows");
    check(two_stats(heap).direct == 40 << 20, "by the account");
    void *aligned = two_aligned_alloc(heap, 4 << 20, 10);
    check((uintptr_t)aligned % (4 << 20) == 0, "any alignment");
    two_free(heap, aligned);
    two_free(heap, block);
    check(two_stats(heap).directs == 0 && two_stats(heap).direct == 0, "all is released");
    check(two_malloc(heap, SIZE_MAX / 4) == NULL, "more than there is");
}

static void test_heap_beside(void)
{
    struct two_heap *heap = two_heap_create();
    check(heap != NULL, "a heap");
    test_objects(heap);
    layer = &heap->brk_mmap_heap;
    check(more(NULL, GRANULE) == NULL, "it has no break");
    char *claimed = take(GRANULE, ROOM), *room = take(2 * GRANULE, ROOM), *plain = take(GRANULE, 1);
    claim(claimed, GRANULE, 5);
    char *object = (char *)two_malloc(heap, 1);
    two_heap_destroy(heap);
    check(!is_mapped(claimed) && !is_mapped(room) && !is_mapped(plain) && !is_mapped(object),
          "a heap that ends leaves nothing");
}

int main(void)
{
    layer = &two_default.brk_mmap_heap;
    test_break();
    test_room();
    test_objects(&two_default);
    test_heap_beside();
    return 0;
}
