/* SPDX-License-Identifier: MIT */
/*
 * Test of segfit_lf: a block that is free is nobody's to measure or to resize, and who is refused
 * memory again and again has it when there is some.
 */
#define COMPOSITION fit
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER failing
#include "../words/layer/failing.h"
#define LAYER segfit_lf
#include <mortise/layer/segfit_lf.h>
LAYER_COMPOSE(fit, mmap_heap, failing, segfit_lf)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#include "check.h"
#include "noted.h"

enum { SIZE = 100000, CHUNK = 1024 }; /* CHUNK: records that are had at a time */

static struct fit_heap *const heap = &fit_default;

static void test_free_blocks(void)
{
    char *block = (char *)fit_malloc(heap, SIZE);
    check(fit_usable_size(heap, block) == 131072, "a block in use has a size");
    fit_free(heap, block + 4096);
    check(reported == MORTISE_FOREIGN_POINTER, "it is freed where it begins");
    fit_free(heap, block);
    check(fit_usable_size(heap, block) == 0 && reported == MORTISE_DOUBLE_FREE, "a free one not");
    reported = MORTISE_OK;
    fit_free(heap, block + 4096);
    check(reported == MORTISE_DOUBLE_FREE, "what was a part of it is free, too");
    reported = MORTISE_OK;
    check(fit_realloc(heap, block, 131000) == NULL && reported == MORTISE_DOUBLE_FREE,
          "nor is it resized");
    reported = MORTISE_OK;
    check(fit_malloc(heap, SIZE) == block, "it serves who asks next");
    check(fit_realloc(heap, block, 131000) == block && reported == MORTISE_OK, "who may");
    fit_free(heap, block);
}

/* At every number of blocks, so that all records of a chunk are in use at one of them. */
static void test_refusals(void)
{
    static void *block[CHUNK + 2];
    for (int i = 0; i < CHUNK + 2; i++) {
        heap->failing.fail_at = 1;
        heap->failing.fail_on = true;
        for (int j = 0; j < 3; j++)
            check(fit_malloc(heap, SIZE) == NULL, "there is no memory");
        heap->failing.fail_at = 0;
        uint32_t made = heap->segfit_lf.made;
        block[i] = fit_malloc(heap, SIZE);
        check(block[i] != NULL, "and now there is");
        check(heap->segfit_lf.made - made <= 1, "a block takes one record");
    }
    check(heap->segfit_lf.made <= CHUNK + 4, "refusals use up none");
    for (int i = 0; i < CHUNK + 2; i++)
        fit_free(heap, block[i]);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    test_free_blocks();
    fit_trim(heap, 0);
    test_refusals();
    return 0;
}
