/* SPDX-License-Identifier: MIT */
/*
 * Two placing layers of one kind in one composition: each block belongs to the layer of its size,
 * also in memory that has changed hands between them.
 */
#include "check.h"

#define COMPOSITION twice
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER tlsf_glk_2
#define TLSF_GLK_SYNC spinlock
#define TLSF_GLK_SIZE_HANDLE 0, 1024
#define TLSF_GLK_POOL_SIZE 65536
#define TLSF_GLK_TRIM_THRESHOLD 65536
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(twice, mmap_heap, tlsf_glk, tlsf_glk_2)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE fatal
#include <mortise/socket/malloc_socket.h>

enum { MANY = 20000 };

static unsigned char *block[MANY];

static size_t used(void)
{
    return twice_default.tlsf_glk.tlsf.used;
}

static size_t used_2(void)
{
    return twice_default.tlsf_glk_2.tlsf.used;
}

static void take(size_t size)
{
    for (int i = 0; i < MANY; i++) {
        CHECK((block[i] = (unsigned char *)twice_malloc(&twice_default, size)) != NULL);
        memset(block[i], i, size);
    }
}

static void give(size_t size)
{
    for (int i = 0; i < MANY; i++) {
        CHECK(block[i][0] == i % 256 && block[i][size - 1] == i % 256);
        twice_free(&twice_default, block[i]);
    }
}

int main(void)
{
    for (int round = 0; round < 4; round++) {
        take(100);
        CHECK(used_2() >= MANY * 100); /* the small ones, in memory of the other layer */
        give(100);
        CHECK(used_2() == 0);
        size_t before = used(); /* pools that the second layer keeps */
        take(2000);
        CHECK(used() - before >= MANY * 2000 && used_2() == 0);
        give(2000);
        CHECK(used() == before && used_2() == 0);
    }
    return 0;
}
