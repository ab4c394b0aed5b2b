/* SPDX-License-Identifier: MIT */
/*
 * How vmalloc_heap takes memory, cuts it up and gives it back. Part of heap/vmalloc_heap.h.
 *
 * vmalloc and vmfree are called outside the lock: where a procedure finds no room, the caller takes
 * a chunk and submits "add this and take from it".
 */
#if __INCLUDE_LEVEL__ == 0 /* opened by itself: show it where it is used */
#define COMPOSITION alone
#define LAYER demo
#define MORTISE_ALONE
#define MORTISE_ALONE_SYSTEM
#include "../vmalloc_heap.h"
#else
struct SELF(piece) {
    char *base; /* NULL: none */
    size_t size;
};

/* A run of free granules of a chunk, to be taken or given. */
struct SELF(task) {
    SELF_HEAP *heap;
    size_t granules;
    struct SELF(chunk) * chunk; /* of take: to be added first, or NULL; of give: which it is */
    char *base;                 /* answer of take, NULL: none; request of give */
    struct SELF(chunk) * empty; /* answer of give: a chunk to be given back, linked by next */
};

/* The size in the data of an object, in pages. */
MORTISE_FAST uint64_t SELF(owned_for)(size_t size)
{
    return mortise_owned(SELF(number)(), size / mortise_vmalloc_page);
}

MORTISE_FAST size_t SELF(size_of)(uint64_t owned)
{
    return (size_t)mortise_owner_data(owned) * mortise_vmalloc_page;
}

MORTISE_FAST uint64_t SELF(mask)(size_t granules)
{
    return granules >= 64 ? UINT64_MAX : ((uint64_t)1 << granules) - 1;
}

/* The bits of the places where a run of free granules begins, by halves: a run of n is one of n/2
 * and one of the rest behind it. */
MORTISE_FAST uint64_t SELF(runs)(uint64_t free, size_t granules)
{
    while (granules > 1) {
        size_t half = granules / 2;
        free &= free >> half;
        granules -= half;
    }
    return free;
}

MORTISE_SLOW void SELF(exec)(SELF_HEAP *heap, mortise_procedure_t *procedure, void *task)
{
    struct SYNC(local) none = {};
    SYNC(exec)(&heap->sync, &none, procedure, task);
}

MORTISE_PLAIN void SELF(link)(SELF_HEAP *heap, struct SELF(chunk) * chunk)
{
    chunk->prev = NULL;
    chunk->next = heap->first;
    if (chunk->next != NULL)
        chunk->next->prev = chunk;
    heap->first = chunk;
}

MORTISE_PLAIN void SELF(unlink)(SELF_HEAP *heap, struct SELF(chunk) * chunk)
{
    if (chunk->next != NULL)
        chunk->next->prev = chunk->prev;
    if (chunk->prev != NULL)
        chunk->prev->next = chunk->next;
    else
        heap->first = chunk->next;
}

/* How many bits are set. In C: a compiler makes a call of what a processor may not have. */
MORTISE_PLAIN unsigned SELF(count)(uint64_t bits)
{
    unsigned count = 0;
    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

/* ---- under the lock ---- */

/* Of the first few chunks with room enough the one with the least free, so that others can run
 * empty. */
MORTISE_SLOW struct SELF(chunk) * SELF(choose)(SELF_HEAP *heap, size_t granules)
{
    struct SELF(chunk) *best = NULL;
    unsigned looks = 16, least = UINT_MAX;
    for (struct SELF(chunk) *chunk = heap->first; chunk != NULL; chunk = chunk->next) {
        if (SELF(runs)(chunk->free, granules) == 0)
            continue;
        unsigned free = SELF(count)(chunk->free);
        if (free < least) {
            least = free;
            best = chunk;
        }
        if (--looks == 0)
            break;
    }
    return best;
}

MORTISE_SLOW void SELF(do_take)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    SELF_HEAP *heap = task->heap;
    if (task->chunk != NULL) {
        SELF(link)(heap, task->chunk);
        heap->empties++;
    }
    struct SELF(chunk) *chunk = SELF(choose)(heap, task->granules);
    if (chunk == NULL)
        return;
    unsigned at = mortise_lowest_bit(SELF(runs)(chunk->free, task->granules));
    heap->empties -= chunk->free == chunk->all;
    chunk->free &= ~(SELF(mask)(task->granules) << at);
    if (chunk->free == 0)
        SELF(unlink)(heap, chunk);
    task->base = chunk->base + at * MORTISE_GRANULE;
}

MORTISE_SLOW void SELF(detach)(struct SELF(task) * task, struct SELF(chunk) * chunk)
{
    SELF(unlink)(task->heap, chunk);
    task->heap->empties--;
    chunk->next = task->empty;
    task->empty = chunk;
}

MORTISE_SLOW void SELF(do_give)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    SELF_HEAP *heap = task->heap;
    struct SELF(chunk) *chunk = task->chunk;
    size_t at = (size_t)(task->base - chunk->base) / MORTISE_GRANULE;
    if (chunk->free == 0)
        SELF(link)(heap, chunk);
    chunk->free |= SELF(mask)(task->granules) << at;
    if (chunk->free != chunk->all)
        return;
    heap->empties++;
    if (heap->empties > SELF(empties))
        SELF(detach)(task, chunk);
}

MORTISE_SLOW void SELF(do_detach)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    for (struct SELF(chunk) *chunk = task->heap->first, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        if (chunk->free == chunk->all)
            SELF(detach)(task, chunk);
    }
}

struct SELF(records_task) {
    SELF_HEAP *heap;
    struct SELF(chunk) * chunk; /* to put back, or answer of get */
    struct SELF(page) * page;   /* of new ones to add, or NULL */
};

MORTISE_SLOW void SELF(do_put_record)(void *argument)
{
    struct SELF(records_task) *task = (struct SELF(records_task) *)argument;
    task->chunk->next = task->heap->spare;
    task->heap->spare = task->chunk;
}

MORTISE_SLOW void SELF(do_get_record)(void *argument)
{
    struct SELF(records_task) *task = (struct SELF(records_task) *)argument;
    SELF_HEAP *heap = task->heap;
    if (task->page != NULL) {
        struct SELF(chunk) *record = (struct SELF(chunk) *)(void *)task->page + 1; /* behind next */
        struct SELF(chunk) *end = record + mortise_vmalloc_page / sizeof *record - 1;
        for (; record < end; record++) {
            record->next = heap->spare;
            heap->spare = record;
        }
        task->page->next = heap->pages;
        heap->pages = task->page;
    }
    task->chunk = heap->spare;
    if (task->chunk != NULL)
        heap->spare = task->chunk->next;
}

/* ---- outside ---- */

MORTISE_SLOW struct SELF(chunk) * SELF(get_record)(SELF_HEAP *heap)
{
    struct SELF(records_task) task = {heap, NULL, NULL};
    SELF(exec)(heap, SELF(do_get_record), &task);
    if (task.chunk != NULL)
        return task.chunk;
    task.page = (struct SELF(page) *)mortise_vmalloc_take(mortise_vmalloc_page);
    if (task.page != NULL)
        SELF(exec)(heap, SELF(do_get_record), &task);
    return task.chunk;
}

MORTISE_SLOW void SELF(put_record)(SELF_HEAP *heap, struct SELF(chunk) * chunk)
{
    struct SELF(records_task) task = {heap, chunk, NULL};
    SELF(exec)(heap, SELF(do_put_record), &task);
}

/* Gives the memory of a chunk back, which is in no list. A small one may have no granule at all. */
MORTISE_SLOW void SELF(drop)(SELF_HEAP *heap, struct SELF(chunk) * chunk)
{
    char *end = (char *)chunk->taken + chunk->bytes;
    if (chunk->base < end)
        mortise_area_map_forget(&heap->map, chunk->base, (size_t)(end - chunk->base));
    MORTISE_SUB_RELAXED(&heap->system, chunk->bytes); /* counts only */
    mortise_vmalloc_give(chunk->taken, chunk->bytes);
    SELF(put_record)(heap, chunk);
}

/* A chunk of `bytes`, of which nothing is on record, or NULL. */
MORTISE_SLOW struct SELF(chunk) * SELF(fetch)(SELF_HEAP *heap, size_t bytes)
{
    struct SELF(chunk) *chunk = SELF(get_record)(heap);
    if (chunk == NULL)
        return NULL;
    chunk->bytes = mortise_round_up(bytes, mortise_vmalloc_page);
    chunk->taken = mortise_vmalloc_take(bytes);
    if (chunk->taken == NULL) {
        SELF(put_record)(heap, chunk);
        return NULL;
    }
    chunk->base = (char *)mortise_round_up((uintptr_t)chunk->taken, MORTISE_GRANULE);
    chunk->all = chunk->free = 0;
    MORTISE_ADD_RELAXED(&heap->system, chunk->bytes);
    return chunk;
}

/* A chunk to cut up. Where it does not begin at a granule, it has one less. */
MORTISE_SLOW struct SELF(chunk) * SELF(fetch_granules)(SELF_HEAP *heap)
{
    struct SELF(chunk) *chunk = SELF(fetch)(heap, SELF(granules) * MORTISE_GRANULE);
    if (chunk == NULL)
        return NULL;
    size_t lead = (size_t)(chunk->base - (char *)chunk->taken);
    size_t granules = (chunk->bytes - lead) / MORTISE_GRANULE;
    if (!mortise_area_map_keep(&heap->map, chunk->base, granules * MORTISE_GRANULE, chunk)) {
        SELF(drop)(heap, chunk);
        return NULL;
    }
    chunk->all = chunk->free = SELF(mask)(granules);
    return chunk;
}

/* What is too large to share a chunk. An object is on record at the granule it begins in, which
 * nobody else has. */
MORTISE_SLOW struct SELF(piece)
    SELF(obtain_own)(SELF_HEAP *heap, size_t size, size_t align, bool object)
{
    struct SELF(piece) none = {NULL, 0};
    size_t unit = object ? (size_t)mortise_vmalloc_page : MORTISE_GRANULE;
    size = mortise_round_up(size, unit);
    align = align > MORTISE_GRANULE ? align : MORTISE_GRANULE;
    struct SELF(chunk) *chunk = SELF(fetch)(heap, size);
    if (chunk != NULL && ((uintptr_t)chunk->taken & (align - 1)) != 0) {
        SELF(drop)(heap, chunk);
        chunk = size <= MORTISE_MAX_SIZE - align
                    ? SELF(fetch)(heap, size + align - mortise_vmalloc_page)
                    : NULL;
    }
    if (chunk == NULL)
        return none;
    chunk->base = (char *)mortise_round_up((uintptr_t)chunk->taken, align);
    if (!mortise_area_map_keep(&heap->map, chunk->base, object ? MORTISE_GRANULE : size, chunk)) {
        SELF(drop)(heap, chunk);
        return none;
    }
    struct SELF(piece) piece = {chunk->base, size};
    return piece;
}

MORTISE_SLOW struct SELF(piece) SELF(obtain_granules)(SELF_HEAP *heap, size_t size)
{
    size = mortise_round_up(size, MORTISE_GRANULE);
    struct SELF(task) task = {heap, size / MORTISE_GRANULE, NULL, NULL, NULL};
    SELF(exec)(heap, SELF(do_take), &task);
    if (task.base == NULL) {
        task.chunk = SELF(fetch_granules)(heap);
        if (task.chunk != NULL)
            SELF(exec)(heap, SELF(do_take), &task);
    }
    struct SELF(piece) piece = {task.base, size};
    return piece;
}

MORTISE_SLOW struct SELF(piece)
    SELF(obtain)(SELF_HEAP *heap, size_t size, size_t align, bool object)
{
    bool shares = align <= MORTISE_GRANULE && size <= SELF(granules) / 2 * MORTISE_GRANULE;
    struct SELF(piece) piece =
        shares ? SELF(obtain_granules)(heap, size) : SELF(obtain_own)(heap, size, align, object);
    if (piece.base != NULL && object) {
        mortise_area_map_set(&heap->map, piece.base, MORTISE_GRANULE, SELF(owned_for)(piece.size));
        MORTISE_ADD_RELAXED(&heap->direct, piece.size);
        MORTISE_ADD_RELAXED(&heap->directs, (size_t)1);
    }
    return piece;
}

/* Gives back what is in one chunk. */
MORTISE_SLOW void SELF(give_piece)(SELF_HEAP *heap, struct SELF(chunk) * chunk, void *base,
                                   size_t size)
{
    if (chunk->all == 0) {
        SELF(drop)(heap, chunk);
        return;
    }
    mortise_area_map_set(&heap->map, base, size, 0);
    struct SELF(task) task = {heap, size / MORTISE_GRANULE, chunk, (char *)base, NULL};
    SELF(exec)(heap, SELF(do_give), &task);
    if (task.empty != NULL)
        SELF(drop)(heap, task.empty);
}

MORTISE_SLOW void SELF(give_object)(SELF_HEAP *heap, void *base, size_t size)
{
    MORTISE_SUB_RELAXED(&heap->direct, size);
    MORTISE_SUB_RELAXED(&heap->directs, (size_t)1);
    SELF(give_piece)
    (heap, (struct SELF(chunk) *)mortise_area_map_record(&heap->map, base), base, size);
}

/* A region may have become one with those behind it, which may be in other chunks. */
MORTISE_SLOW void SELF(give_region)(SELF_HEAP *heap, char *base, size_t size)
{
    char *end = base + size;
    while (base < end) {
        struct SELF(chunk) *chunk = (struct SELF(chunk) *)mortise_area_map_record(&heap->map, base);
        size_t most = (size_t)((char *)chunk->taken + chunk->bytes - chunk->base);
        char *chunk_end = chunk->base + mortise_round_down(most, MORTISE_GRANULE);
        size_t piece = (size_t)((end < chunk_end ? end : chunk_end) - base);
        SELF(give_piece)(heap, chunk, base, piece);
        base += piece;
    }
}

/* Gives all chunks back that are without use; the bytes of them. */
MORTISE_SLOW size_t SELF(give_empties)(SELF_HEAP *heap)
{
    size_t bytes = 0;
    struct SELF(task) task = {heap, 0, NULL, NULL, NULL};
    SELF(exec)(heap, SELF(do_detach), &task);
    for (struct SELF(chunk) *chunk = task.empty, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        bytes += chunk->bytes;
        SELF(drop)(heap, chunk);
    }
    return bytes;
}

/* The visitor of the end of a heap: each chunk once, at its last granule. */
MORTISE_SLOW void SELF(give_chunk)(void *self, void *base, void *record)
{
    SELF_HEAP *heap = (SELF_HEAP *)self;
    struct SELF(chunk) *chunk = (struct SELF(chunk) *)record;
    void *next = mortise_area_map_at(&heap->map, (char *)base + MORTISE_GRANULE) == NULL
                     ? NULL
                     : mortise_area_map_record(&heap->map, (char *)base + MORTISE_GRANULE);
    if (next != record)
        mortise_vmalloc_give(chunk->taken, chunk->bytes);
}

MORTISE_SLOW void SELF(give_all)(SELF_HEAP *heap)
{
    mortise_area_map_walk(&heap->map, SELF(give_chunk), heap);
    mortise_area_map_destroy(&heap->map);
    while (heap->pages != NULL) {
        struct SELF(page) *page = heap->pages;
        heap->pages = page->next;
        mortise_vmalloc_give(page, mortise_vmalloc_page);
    }
}

#endif
