/* SPDX-License-Identifier: MIT */
/* A composition that a program writes itself. */
#define COMPOSITION small
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC mutex
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(small, brk_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

int main(void)
{
    struct small_heap *heap = small_heap_create();
    char *block = (char *)small_calloc(heap, 10, 10);
    int right = block != NULL && block[99] == 0;
    small_heap_destroy(heap);
    return right ? 0 : 1;
}
