/* SPDX-License-Identifier: MIT */
/*
 * The conformance suite on Windows, upon virtual_alloc_heap: all of it that needs no fork and no
 * limit on addresses. In place of suite.c, together with its unit.
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
#define UNIT_REST 1
#define UNIT_ALONE 1
#define UNIT_MADE 1
#define UNIT_BRIEF 1
#include "suite_unit.h"

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
#include "suite_walk.h"
#include "suite_tests.h"

static const struct CMUnitTest thread_tests[] = {
    TEST(threads_exchange_blocks),
    TEST(blocks_are_freed_by_another_thread),
    TEST(blocks_outlive_their_thread),
    TEST(walk_tells_what_another_thread_freed),
};

static const struct CMUnitTest heap_tests[] = {
    TEST(heaps_come_and_go_without_trace),
    TEST(many_heaps_live_at_once),
    TEST(heaps_do_not_take_each_others_blocks),
    TEST(a_new_heap_at_an_old_address_is_new),
    TEST(threads_visit_many_heaps),
    TEST(heaps_and_threads_end_at_once),
};

#define SHIM_RUN(tests) shim_run_all(tests, sizeof(tests) / sizeof((tests)[0]))

static int shim_run_all(const struct CMUnitTest *tests, size_t count)
{
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        failed += shim_run(&tests[i]);
    return failed;
}

/* On the default heap first, and then on one made for the purpose. */
int main(void)
{
    int failed = 0;
    mortise_set_error_callback(note_report, NULL);
    heap = subject.default_heap;
    for (int round = 0; round < 2; round++) {
        failed += SHIM_RUN(one_thread_tests);
        failed += SHIM_RUN(thread_tests);
        if (round == 0)
            failed += SHIM_RUN(heap_tests);
        if (round == 0)
            heap = subject.create();
        if (heap == NULL)
            return 1;
    }
    subject.destroy(heap);
    printf("%d failed\n", failed);
    return failed != 0;
}
