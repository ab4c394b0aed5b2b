/* SPDX-License-Identifier: MIT */
/*
 * How heaps begin and end. Part of run.h.
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#include "../core/alone_composition.h"
#include "../socket/malloc_socket.h"
#else
MORTISE_SLOW void RUN(watch_forks)(void);
MORTISE_SLOW void RUN(free_late_ones)(void);

/* Makes the layers of a heap, once; true when the heap is ready. Called inside. */
MORTISE_SLOW bool RUN(begin)(struct RUN(heap) * heap)
{
    if (MORTISE_LOAD_ACQUIRE(&heap->life.ready) != 0) /* sees what the maker wrote */
        return true;
    RUN(watch_forks)(); /* before the lock: it may call malloc, which then makes the heap */
    mortise_run_lock(&RUN(heaps_lock));
    bool made = heap->life.ready != 0;
    if (!made) {
        enum mortise_kind kind = heap == &RUN(default) ? MORTISE_HEAP : MORTISE_HEAP_BESIDE;
        struct RUN(mctx) ctx = RUN(mctx_make)(kind, NULL, 0, 1);
        RUN(enter_create)(&ctx, heap, (struct RUN(local) *)&RUN(nobody));
        made = ctx.status == MORTISE_OK;
        if (made) {
            heap->life.next_heap = RUN(heaps);
            RUN(heaps) = &heap->life;
            MORTISE_STORE_RELEASE(&heap->life.ready, 1u); /* shows the layers' states */
        }
    }
    mortise_run_unlock(&RUN(heaps_lock));
    return made;
}

/* A new heap beside the default one, or NULL. Its memory is its own: destroying it gives all of it
 * back, whatever was still allocated. */
MORTISE_SLOW struct RUN(heap) * RUN(heap_create)(void)
{
    MORTISE_UNREPORTED;
    size_t page = mortise_os_page_size();
    size_t size = mortise_round_up(sizeof(struct RUN(heap)), page);
    size_t align = page > __alignof__(struct RUN(heap)) ? page : __alignof__(struct RUN(heap));
    struct RUN(heap) *heap = (struct RUN(heap) *)mortise_os_map(size, align);
    if (heap == NULL)
        return NULL;
    heap->life.mapped = size;
    heap->life.serial = MORTISE_ADD_RELAXED(&RUN(serials), 1) + 1; /* only has to be unique */
    RUN(announce_or_wait)();
    bool made = RUN(begin)(heap);
    RUN(depart)(&RUN(strangers));
    if (!made) {
        mortise_os_unmap(heap, size);
        return NULL;
    }
    return heap;
}

/* Ends a heap of heap_create. The caller sees to it that no thread is inside the heap or will use
 * it or its blocks again; threads that have a state in it may live on. */
MORTISE_SLOW void RUN(heap_destroy)(struct RUN(heap) * heap)
{
    MORTISE_UNREPORTED;
    RUN(free_late_ones)(); /* whose heap this may be */
    RUN(announce_or_wait)();
    mortise_run_lock(&RUN(heaps_lock));
    struct mortise_life **at = &RUN(heaps);
    while (*at != &heap->life)
        at = &(*at)->next_heap;
    *at = heap->life.next_heap;
    mortise_run_unlock(&RUN(heaps_lock));

    struct RUN(mctx) ctx = RUN(mctx_make)(MORTISE_HEAP_BESIDE, NULL, 0, 1);
    RUN(enter_destroy)(&ctx, heap, RUN(here)(heap));
    mortise_os_unmap(heap, heap->life.mapped);
    RUN(depart)(&RUN(strangers));
}

/* Under the registry's lock: does the heap of that serial still live at that address? */
MORTISE_SLOW bool RUN(heap_lives)(const void *heap, uint64_t serial)
{
    for (struct mortise_life *life = RUN(heaps); life != NULL; life = life->next_heap)
        if (RUN(heap_of)(life) == heap)
            return life->serial == serial;
    return false;
}

#endif
