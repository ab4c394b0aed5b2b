/* SPDX-License-Identifier: MIT */
/* custom_socket(prefix=pool, arguments=list(core=unsigned, site=pointer)), from outside. */
#ifdef FILE_H
#include FILE_H
typedef struct pool_inside_heap heap_t;
#else
#include <stddef.h>
typedef struct heap heap_t;
#ifdef __cplusplus
extern "C" {
#endif
void *pool_malloc(size_t size, unsigned core, const void *site);
void *pool_realloc(void *block, size_t size, unsigned core, const void *site);
void pool_free(void *block);
heap_t *pool_heap_create(void);
void *pool_heap_calloc(heap_t *heap, size_t count, size_t size, unsigned core, const void *site);
void pool_heap_destroy(heap_t *heap);
#ifdef __cplusplus
}
#endif
#endif
#include "../check.h"

int main(void)
{
    char *block = (char *)pool_malloc(100, 3, "here");
    check(block != NULL, "malloc");
    memset(block, 7, 100);
    block = (char *)pool_realloc(block, 5000, 4, NULL);
    check(block != NULL && all_bytes(block, 100, 7), "realloc");
    pool_free(block);
    for (int i = 0; i < 10; i++) {
        heap_t *heap = pool_heap_create();
        check(heap != NULL, "heap_create");
        char *zero = (char *)pool_heap_calloc(heap, 100, 100, 5, NULL);
        check(zero != NULL && all_bytes(zero, 10000, 0), "calloc");
        pool_heap_destroy(heap);
    }
    return 0;
}
