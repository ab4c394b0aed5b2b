/* SPDX-License-Identifier: MIT */
/*
 * A user's own layer, from a folder outside the tree, is composed like any other.
 */
#include "check.h"

#define COMPOSITION mine
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tally
#include <tally.h>
#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>
#define LAYER tally_2
#include <tally.h>
LAYER_COMPOSE(mine, mmap_heap, tally, tlsf_glk, tally_2)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

int main(void)
{
    void *block[1000];
    for (int i = 0; i < 1000; i++)
        CHECK((block[i] = mine_malloc(&mine_default, 1000)) != NULL);
    CHECK(mine_malloc(&mine_default, SIZE_MAX) == NULL);
    for (int i = 0; i < 400; i++)
        mine_free(&mine_default, block[i]);
    CHECK(mine_default.tally_2.allocs == 1000); /* the user's blocks; a failure is none */
    CHECK(mine_default.tally_2.frees == 400);
    CHECK(mine_default.tally.allocs > 0 && mine_default.tally.allocs < 100); /* pools */
    return 0;
}
