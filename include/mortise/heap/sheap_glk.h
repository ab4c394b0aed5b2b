/* SPDX-License-Identifier: MIT */
/*
 * sheap_glk - memory from a static pool, which is part of the heap itself
 *
 * Nothing is asked of an operating system: the default heap's pool is static memory of the program,
 * that of another heap is mapped with it. Regions are taken one behind the other, so that a placing
 * layer can join them, and the last one can be given back.
 *
 * Needs: nothing
 * Offers: regions; one range test tells its memory from all other; memory at the end of what is in
 *     use goes back to the pool; thread-safe unless sync=none
 *
 * Parameters:
 *   name  type  default   range        meaning
 *   size  size  16MB      64KB..1TB    of the pool, rounded up to granules of 64 KB
 *   sync  sync  spinlock  -            how threads exclude each other; a lock without thread state
 *
 * Invariants: used <= dirty <= the size of the pool; the pool is zero from `dirty` on.
 * Ordering: the sync policy's. An entry is written before its region is handed out, and read by
 *     those who got the region or a part of it.
 * Wins: where there is no operating system, or none to be asked
 * Source: paper table 2
 */
#include "../core/system_begin.h"
#include "../core/atomic.h"
#include "../policy/sync.h"

#ifndef SHEAP_GLK_SIZE
#define SHEAP_GLK_SIZE 16777216
#endif
#ifndef SHEAP_GLK_SYNC
#define SHEAP_GLK_SYNC spinlock
#endif
#include MORTISE_POLICY(sync, SHEAP_GLK_SYNC)

#define SYNC(x) MORTISE_MEMBER(SHEAP_GLK_SYNC, x)

MORTISE_ASSERT_STATIC((SHEAP_GLK_SIZE) >= 65536 && (SHEAP_GLK_SIZE) >> 20 <= 1 << 20,
                      "mortise: sheap_glk: size must lie in 64KB..1TB");
MORTISE_ASSERT_STATIC(
    sizeof(struct SYNC(local)) == 0,
    "mortise: sheap_glk: sync must be a lock that needs no state of threads, such "
    "as spinlock, mutex or futex: they get theirs from here");

enum {
    SELF(safe) = SYNC(threadsafe) ? MORTISE_THREADSAFE : 0,
    SELF(sleeps) = SYNC(sleeps) ? MORTISE_SLEEPS : 0,
    SELF(needs) = 0,
    SELF(passes) = 0,
    SELF(offers) = MORTISE_HEAPS | MORTISE_REGIONS | MORTISE_ONE_RANGE | MORTISE_RETURNS |
                   MORTISE_PRECISE | SELF(safe) | SELF(sleeps)
};

#define GRANULES (((size_t)(SHEAP_GLK_SIZE) + MORTISE_GRANULE - 1) / MORTISE_GRANULE)

SELF_HEAP
{
    MORTISE_MEMBER_STATE(SHEAP_GLK_SYNC) sync;
    size_t used;  /* bytes from the first granule of the pool on */
    size_t dirty; /* so many have been in use at some time */
    uint64_t owned[GRANULES];
    char pool[(GRANULES + 1) * MORTISE_GRANULE]; /* one more, to begin at a granule */
};

SELF_LOCAL
{
    MORTISE_NO_STATE;
};

MORTISE_FAST uintptr_t SELF(base)(const SELF_HEAP *heap)
{
    return mortise_round_up((uintptr_t)heap->pool, MORTISE_GRANULE);
}

/* How far an address is from the base; at least the size of the pool where it lies elsewhere. */
MORTISE_FAST size_t SELF(offset)(const SELF_HEAP *heap, const void *address)
{
    return (size_t)((uintptr_t)address - SELF(base)(heap));
}

struct SELF(task) {
    SELF_HEAP *heap;
    size_t size;
    size_t offset; /* of the region: request of give, answer of take */
    bool done;     /* answer */
    bool zeroed;   /* answer of take */
};

MORTISE_SLOW void SELF(do_take)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    SELF_HEAP *heap = task->heap;
    task->done = task->size <= GRANULES * MORTISE_GRANULE - heap->used;
    if (!task->done)
        return;
    task->offset = heap->used;
    task->zeroed = heap->used >= heap->dirty;
    MORTISE_STORE_RELAXED(&heap->used, heap->used + task->size);
    if (heap->dirty < heap->used)
        heap->dirty = heap->used;
}

/* Only the last region can go back. */
MORTISE_SLOW void SELF(do_give)(void *argument)
{
    struct SELF(task) *task = (struct SELF(task) *)argument;
    task->done = task->offset + task->size == task->heap->used;
    if (task->done)
        MORTISE_STORE_RELAXED(&task->heap->used, task->offset);
}

MORTISE_SLOW void SELF(exec)(SELF_HEAP *heap, mortise_procedure_t *procedure,
                             struct SELF(task) * task)
{
    struct SYNC(local) none = {};
    SYNC(exec)(&heap->sync, &none, procedure, task);
}

/* Memory of a heap starts as zeros, which is an empty pool and an open lock. */
MORTISE_FAST mctx_t *SELF(create)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind != MORTISE_THREAD)
        SYNC(init)(&heap->sync);
    return ctx;
}

MORTISE_FAST mctx_t *SELF(alloc)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    struct SELF(task) task = {heap, 0, 0, false, false};
    if (ctx->size <= GRANULES * MORTISE_GRANULE && ctx->align <= MORTISE_GRANULE) {
        task.size = mortise_round_up(ctx->size, MORTISE_GRANULE);
        SELF(exec)(heap, SELF(do_take), &task);
    }
    ctx->ptr = task.done ? (void *)(SELF(base)(heap) + task.offset) : NULL;
    ctx->usable = task.size;
    ctx->zeroed = task.zeroed;
    ctx->status = task.done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

/* NO_MEMORY: the region stays the caller's, because it is not the last one. */
MORTISE_FAST mctx_t *SELF(free)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_OBJECT) {
        ctx->status = MORTISE_FOREIGN_POINTER;
        return ctx;
    }
    struct SELF(task) task = {heap, ctx->size, SELF(offset)(heap, ctx->ptr), false, false};
    SELF(exec)(heap, SELF(do_give), &task);
    ctx->status = task.done ? MORTISE_OK : MORTISE_NO_MEMORY;
    return ctx;
}

MORTISE_FAST mctx_t *SELF(getmeta)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)heap, (void)local;
    ctx->usable = 0;
    return ctx;
}

#define LAYER_HAS_STATS
MORTISE_FAST mctx_t *SELF(stats)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    ((struct mortise_stats *)ctx->ptr)->system += MORTISE_LOAD_RELAXED(&heap->used);
    return ctx;
}

/* A run of granules that are on record alike. */
MORTISE_SLOW void SELF(walk_run)(struct mortise_walk *walk, SELF_HEAP *heap, size_t first,
                                 size_t behind)
{
    if (heap->owned[first] != 0)
        mortise_walk_claimed(walk, (char *)SELF(base)(heap) + first * MORTISE_GRANULE,
                             (behind - first) * MORTISE_GRANULE, heap->owned[first]);
}

#define LAYER_HAS_WALK
MORTISE_SLOW mctx_t *SELF(walk)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    struct mortise_walk *walk = (struct mortise_walk *)ctx->ptr;
    if (ctx->kind != MORTISE_HEAP)
        return ctx;
    char *base = (char *)SELF(base)(heap);
    size_t used = heap->used / MORTISE_GRANULE, first = 0;
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_REGION, base, heap->used, "pool",
                       0);
    mortise_walk_piece(walk, MORTISE_STRING(LAYER), MORTISE_WALK_TOP, base + heap->used,
                       GRANULES * MORTISE_GRANULE - heap->used, "pool", 0);
    for (size_t i = 1; i <= used; i++)
        if (i == used || heap->owned[i] != heap->owned[first]) {
            SELF(walk_run)(walk, heap, first, i);
            first = i;
        }
    return ctx;
}

#define LAYER_HAS_FORK
MORTISE_FAST mctx_t *SELF(fork)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    if (ctx->kind == MORTISE_FORK_CHILD)
        SYNC(reset)(&heap->sync);
    return ctx;
}

#define LAYER_HAS_CLAIM
MORTISE_FAST mctx_t *SELF(claim)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    size_t first = SELF(offset)(heap, ctx->ptr) / MORTISE_GRANULE;
    for (size_t i = 0; i < ctx->size / MORTISE_GRANULE; i++)
        MORTISE_STORE_RELAXED(&heap->owned[first + i], ctx->owned);
    ctx->status = MORTISE_OK;
    return ctx;
}

/* With one placing layer the range says it all. */
#define LAYER_HAS_WHOSE
MORTISE_FAST mctx_t *SELF(whose)(mctx_t *ctx, SELF_HEAP *heap, SELF_LOCAL *local)
{
    (void)local;
    size_t offset = SELF(offset)(heap, ctx->ptr);
    ctx->owned = 0;
    if (offset >= MORTISE_LOAD_RELAXED(&heap->used))
        return ctx;
    ctx->owned = SELF(placers)() > 1 ? MORTISE_LOAD_RELAXED(&heap->owned[offset / MORTISE_GRANULE])
                                     : mortise_owned(1 | MORTISE_LAST_OWNER, 0);
    return ctx;
}

#undef SYNC
#undef GRANULES
#undef SHEAP_GLK_SIZE
#undef SHEAP_GLK_SYNC
#include "../core/layer_end.h"
