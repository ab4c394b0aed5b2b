/* SPDX-License-Identifier: MIT */
/*
 * A composition with malloc_socket(interpose=0, err_handle=callback) as a subject of the suite. A
 * unit defines the composition, then UNIT as its name and
 *   UNIT_THREADS  0 when the composition serves one thread only
 *   UNIT_FAILING  1 when the test layer `failing` is in it
 *   UNIT_REST     0 when the tests of that layer are all that is wanted
 *   UNIT_ALONE    0 when the tests with one thread are not wanted
 *   UNIT_MADE     0 when the default heap is enough
 *   UNIT_BRIEF    1 when its layers are tested in full elsewhere; 0 if not said
 *   UNIT_TUNED    0 when how much memory it takes is not judged; 1 if not said
 * and includes this file; linked with suite.c it is a program.
 */
#include "suite_subject.h"

#ifndef UNIT_BRIEF
#define UNIT_BRIEF 0
#endif
#ifndef UNIT_TUNED
#define UNIT_TUNED 1
#endif
#define U(x) MORTISE_CAT(UNIT, _##x)
#define OF(heap) ((struct U(heap) *)(heap))

/* The default heap's address is a constant to the compiler, as in programs. The tests of `failing`
 * are on heaps made at run time, and their units have no code for that one. */
static inline bool unit_is_default(const heap_t *heap)
{
    return UNIT_REST && (const void *)heap == &U(default);
}

static heap_t *unit_create(void)
{
    return (heap_t *)U(heap_create)();
}

static void unit_destroy(heap_t *heap)
{
    U(heap_destroy)(OF(heap));
}

static void *unit_malloc(heap_t *heap, size_t size)
{
    return unit_is_default(heap) ? U(malloc)(&U(default), size) : U(malloc)(OF(heap), size);
}

static void *unit_calloc(heap_t *heap, size_t count, size_t size)
{
    return unit_is_default(heap) ? U(calloc)(&U(default), count, size)
                                 : U(calloc)(OF(heap), count, size);
}

static void *unit_aligned_alloc(heap_t *heap, size_t align, size_t size)
{
    return unit_is_default(heap) ? U(aligned_alloc)(&U(default), align, size)
                                 : U(aligned_alloc)(OF(heap), align, size);
}

static void *unit_realloc(heap_t *heap, void *block, size_t size)
{
    return unit_is_default(heap) ? U(realloc)(&U(default), block, size)
                                 : U(realloc)(OF(heap), block, size);
}

static void unit_free(heap_t *heap, void *block)
{
    if (unit_is_default(heap))
        U(free)(&U(default), block);
    else
        U(free)(OF(heap), block);
}

static size_t unit_usable_size(heap_t *heap, void *block)
{
    return unit_is_default(heap) ? U(usable_size)(&U(default), block)
                                 : U(usable_size)(OF(heap), block);
}

static size_t unit_trim(heap_t *heap, size_t keep)
{
    return U(trim)(OF(heap), keep);
}

static struct totals unit_stats(heap_t *heap)
{
    struct mortise_stats stats = U(stats)(OF(heap));
    struct totals totals = {stats.system, stats.free, stats.direct, stats.directs};
    return totals;
}

/* A thread in the background may be inside. */
static void unit_walk(heap_t *heap, struct mortise_walk *walk)
{
    U(come_to_rest)(true);
    U(walk)(OF(heap), walk);
    U(fork_parent)();
}

static bool unit_frees_wait(void)
{
    return U(late_frees) != NULL;
}

static bool unit_reserve_is_used(void)
{
    return mortise_reserve.state != 0;
}

static unsigned unit_servers(void)
{
    unsigned count = MORTISE_LOAD_RELAXED(&U(background).stage) != 0;
#ifdef MORTISE_POLICY_SYNC_RCL_H
    count += MORTISE_LOAD_RELAXED(&mortise_rcl_server.thread) != 0;
#endif
    return count;
}

#if UNIT_FAILING
static void unit_let_fail(heap_t *heap, struct trouble trouble)
{
    OF(heap)->failing.fail_at = trouble.at;
    OF(heap)->failing.fail_on = trouble.on;
    OF(heap)->failing.and_claims = trouble.and_claims;
    OF(heap)->failing.and_resizes = trouble.and_resizes;
}

static struct troubled unit_troubled(const heap_t *heap)
{
    const struct U(heap) *of = (const struct U(heap) *)(const void *)heap;
    struct troubled troubled = {of->failing.requests, of->failing.failed};
    return troubled;
}
#endif

const struct subject subject = {
    .name = MORTISE_STRING(UNIT),
    .facts = U(facts),
    .layers = U(layer_names),
    .threads = UNIT_THREADS,
    .rest = UNIT_REST,
    .alone = UNIT_ALONE,
    .made = UNIT_MADE,
    .brief = UNIT_BRIEF,
    .tuned = UNIT_TUNED,
    .default_heap = (heap_t *)&U(default),
    .create = unit_create,
    .destroy = unit_destroy,
    .malloc = unit_malloc,
    .calloc = unit_calloc,
    .aligned_alloc = unit_aligned_alloc,
    .realloc = unit_realloc,
    .free = unit_free,
    .usable_size = unit_usable_size,
    .trim = unit_trim,
    .stats = unit_stats,
    .walk = unit_walk,
    .fork_prepare = U(fork_prepare),
    .fork_parent = U(fork_parent),
    .frees_wait = unit_frees_wait,
    .reserve_is_used = unit_reserve_is_used,
    .servers = unit_servers,
#if UNIT_FAILING
    .let_fail = unit_let_fail,
    .troubled = unit_troubled,
#endif
};
