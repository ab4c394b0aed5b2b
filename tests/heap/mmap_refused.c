/* SPDX-License-Identifier: MIT */
/*
 * What the system refuses mmap_heap harms nobody: an object for which there is no room elsewhere
 * stays where it is, and no addresses of other threads are unmapped for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define COMPOSITION direct
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 262144
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(direct, mmap_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define MB ((size_t)1 << 20)

#define TOO_MUCH ((size_t)1 << 40) /* of memory; of addresses there are 128 times as many */

enum { PAGE = 4096, TRIES = 20000 };

static bool enough;

/* Maps what the others were refused, and looks whether it stays. */
static void *use_addresses(void *argument)
{
    while (!MORTISE_LOAD_RELAXED(&enough)) {
        char *mine = (char *)mmap(NULL, 64 * MB, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mine == MAP_FAILED)
            return NULL;
        for (size_t at = 0; at < 32; at++)
            mine[at * PAGE] = (char)at;
        for (size_t at = 0; at < 32; at++)
            if (mine[at * PAGE] != (char)at)
                return NULL;
        munmap(mine, 64 * MB);
    }
    return argument;
}

static void a_refused_move_unmaps_nothing(void **state)
{
    (void)state;
    struct direct_heap *heap = direct_heap_create();
    char *block = (char *)direct_malloc(heap, 8 * MB);
    void *upright = NULL;
    int refused = 0;
    pthread_t other;
    assert_non_null(block);
    memset(block, 7, 8 * MB);
    assert_int_equal(pthread_create(&other, NULL, use_addresses, heap), 0);
    for (; refused < TRIES; refused++) {
        char *moved = (char *)direct_realloc(heap, block, TOO_MUCH);
        if (moved == NULL)
            continue;
        block = moved;
        break;
    }
    MORTISE_STORE_RELAXED(&enough, true);
    pthread_join(other, &upright);
    assert_ptr_equal(upright, heap);
    for (size_t at = 0; at < 8 * MB; at += PAGE)
        assert_int_equal(block[at], 7);
    assert_int_equal(direct_usable_size(heap, block), refused == TRIES ? 8 * MB : TOO_MUCH);
    direct_free(heap, block);
    direct_heap_destroy(heap);
    if (refused != TRIES)
        skip(); /* a system that promises all that is asked for */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_refused_move_unmaps_nothing)};
    return cmocka_run_group_tests_name("mmap_refused", tests, NULL, NULL);
}
