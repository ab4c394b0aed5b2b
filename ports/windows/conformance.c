/* SPDX-License-Identifier: MIT */
/*
 * The conformance suite on Windows, upon virtual_alloc_heap: all of it that needs no fork
 * and no limit on addresses.
 */
#define COMPOSITION windows
#define LAYER virtual_alloc_heap
#include <mortise/heap/virtual_alloc_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 262144
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(windows, virtual_alloc_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_ERR_HANDLE callback
#include <mortise/socket/malloc_socket.h>

#define UNIT windows
#define UNIT_THREADS 1
#define UNIT_FAILING 0

#include "shim/cmocka.h"
#include "shim/unix.h"

#include <fcntl.h>
#include <io.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "suite_face.h"

#include "suite_shadow.h"
#include "suite_threads.h"

#include "suite_heaps.h"
#include "suite_misuse.h"
#include "suite_one.h"
#include "suite_realloc.h"
#include "suite_reuse.h"

#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name, begin_test, end_test, NULL                                                    \
    }

static const struct CMUnitTest tests[] = {
    TEST(every_alignment_with_every_size),
    TEST(plain_blocks_are_aligned_to_16),
    TEST(empty_blocks_differ),
    TEST(usable_bytes_are_the_users),
    TEST(calloc_is_zero),
    TEST(calloc_is_zero_across_fresh_memory),
    TEST(absurd_sizes_are_refused),
    TEST(errno_stays),
    TEST(random_operations_keep_every_block),
    TEST(tides_of_allocation_keep_every_block),
    TEST(realloc_from_every_size_to_every_size),
    TEST(realloc_of_aligned_blocks_keeps_content),
    TEST(realloc_walks_up_and_down),
    TEST(realloc_of_null_and_to_nothing),
    TEST(realloc_down_returns_memory),
    TEST(the_same_size_forever),
    TEST(random_sizes_forever),
    TEST(freed_memory_serves_other_sizes),
    TEST(trim_returns_what_is_free),
    TEST(the_account_is_balanced),
    TEST(calloc_is_zero_though_others_move_the_break),
    TEST(a_refused_return_splits_nothing),
    TEST(foreign_pointers_are_reported),
    TEST(misaligned_pointers_are_reported),
    TEST(double_frees_are_reported),
    TEST(double_frees_of_joined_blocks_are_reported),
    TEST(realloc_of_a_freed_block_does_no_harm),
    TEST(threads_exchange_blocks),
    TEST(blocks_are_freed_by_another_thread),
    TEST(blocks_outlive_their_thread),
};

static const struct CMUnitTest heap_tests[] = {
    TEST(heaps_come_and_go_without_trace),
    TEST(many_heaps_live_at_once),
    TEST(heaps_do_not_take_each_others_blocks),
    TEST(a_new_heap_at_an_old_address_is_new),
    TEST(threads_visit_many_heaps),
    TEST(heaps_and_threads_end_at_once),
};

/* On the default heap first, and then on one made for the purpose. */
int main(void)
{
    int failed = 0;
    mortise_set_error_callback(note_report, NULL);
    heap = default_heap;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
            failed += shim_run(&tests[i]);
        for (size_t i = 0; round == 0 && i < sizeof heap_tests / sizeof heap_tests[0]; i++)
            failed += shim_run(&heap_tests[i]);
        if (round == 0)
            heap = F(heap_create)();
        if (heap == NULL)
            return 1;
    }
    F(heap_destroy)(heap);
    printf("%d failed\n", failed);
    return failed != 0;
}
