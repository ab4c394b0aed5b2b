/* SPDX-License-Identifier: MIT */
/* Heaps of a model that the build wrote into pool.h. */
#include "pool.h"

int main(void)
{
    struct pool_heap *heap = pool_heap_create();
    void *block = pool_malloc(heap, 100);
    unsigned long seen = heap->notes.seen;
    pool_free(heap, block);
    pool_heap_destroy(heap);
    return block != NULL && seen == 1 ? 0 : 1;
}
