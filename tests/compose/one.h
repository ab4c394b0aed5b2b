/* SPDX-License-Identifier: MIT */
/*
 * A composition for tests, with all kinds of layers and every parameter given. NAME_OF_ONE is its
 * name.
 */
#define COMPOSITION NAME_OF_ONE
#define LAYER brk_heap
#define BRK_HEAP_RESERVE 1073741824
#include <mortise/heap/brk_heap.h>
#define LAYER fake
#include <mortise/layer/fake.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC ccsynch
#define TLSF_GLK_SIZE_HANDLE 0, SIZE_MAX
#define TLSF_GLK_POOL_SIZE 131072
#define TLSF_GLK_TRIM_THRESHOLD 1048576
#include <mortise/layer/tlsf_glk.h>
#define LAYER count
#define COUNT_SIZE_HANDLE 0, 100
#include <mortise/layer/count.h>
#define LAYER count_2
#include <mortise/layer/count.h>
LAYER_COMPOSE(NAME_OF_ONE, brk_heap, fake, tlsf_glk, count, count_2)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#define MALLOC_SOCKET_ALIGN 32
#define MALLOC_SOCKET_THREADS many
#include <mortise/socket/malloc_socket.h>
