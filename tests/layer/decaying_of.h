/* SPDX-License-Identifier: MIT */
/*
 * The requests of a composition, for decaying.h: #define DECAYING its name first.
 */
#define OF(x) MORTISE_CAT(DECAYING, x)
#define HEAP(heap) ((struct OF(_heap) *)(heap))

static void *OF(_get)(void *heap, size_t size)
{
    return OF(_malloc)(HEAP(heap), size);
}

static void *OF(_get_zero)(void *heap, size_t size)
{
    return OF(_calloc)(HEAP(heap), 1, size);
}

static void *OF(_get_aligned)(void *heap, size_t align, size_t size)
{
    return OF(_aligned_alloc)(HEAP(heap), align, size);
}

static void *OF(_change)(void *heap, void *block, size_t size)
{
    return OF(_realloc)(HEAP(heap), block, size);
}

static void OF(_put)(void *heap, void *block)
{
    OF(_free)(HEAP(heap), block);
}

static struct decaying OF(_decaying)(struct OF(_heap) * heap)
{
    struct decaying it = {heap, OF(_get), OF(_get_zero), OF(_get_aligned), OF(_change), OF(_put)};
    return it;
}

#undef OF
#undef HEAP
#undef DECAYING
