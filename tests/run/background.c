/* SPDX-License-Identifier: MIT */
/*
 * The thread in the background: free memory goes back while nobody calls, also in the child of a
 * fork, and the thread sleeps when there is nothing more to do. What never comes ends by the time
 * limit of the test.
 */
#include "../layer/burst.h"

#include <pthread.h>
#include <sys/wait.h>

#define COMPOSITION aging

#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>

#define LAYER buddy_glk
#define BUDDY_GLK_SIZE_HANDLE 65536, SIZE_MAX
#define BUDDY_GLK_DECAY 40
#include <mortise/layer/buddy_glk.h>

#define LAYER tlsf_glk
#define TLSF_GLK_SIZE_HANDLE 0, 65535
#define TLSF_GLK_SYNC ccsynch
#define TLSF_GLK_DECAY 20
#include <mortise/layer/tlsf_glk.h>

#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>

#define LAYER thread_cache
#include <mortise/layer/thread_cache.h>

LAYER_COMPOSE(aging, mmap_heap, buddy_glk, tlsf_glk, slab_lk, thread_cache)

#define MALLOC_SOCKET_INTERPOSE 0
#define MALLOC_SOCKET_BACKGROUND 1
#include <mortise/socket/malloc_socket.h>

#define DECAYING aging
#include "../layer/decaying_of.h"

enum { BYTES = 32 * MB };

static uint32_t stage(void)
{
    return MORTISE_LOAD_RELAXED(&aging_background.stage);
}

static void await(uint32_t awaited)
{
    while (stage() != awaited)
        usleep(1000);
}

/* Three quarters are freed, and nobody calls any more. */
static void burst_goes_back(size_t size)
{
    struct decaying it = aging_decaying(&aging_default);
    struct burst burst;
    burst_begin(&it, &burst, BYTES, size);
    burst_free(&it, &burst, burst.count / 4, burst.count);
    check(stage() != aging_background_none, "what lies free wakes the thread");
    /* A quarter lives; layers keep an eighth more, and 1 MB each; and the cache 2 MB. */
    while (burst_resident(&burst) > BYTES / 2)
        usleep(1000);
    burst_end(&it, &burst);
    await(aging_background_sleeps);
}

static void a_process_has_a_thread_once_it_needs_one(void)
{
    for (int i = 0; i < 1000; i++) {
        void *block = aging_malloc(&aging_default, 1000);
        check(block != NULL, "a little is served");
        aging_free(&aging_default, block);
    }
    check(stage() == aging_background_none, "a program that frees little has no thread");
}

static void *have_bursts(void *argument)
{
    struct decaying it = aging_decaying(&aging_default);
    for (int i = 0; i < 5; i++) {
        struct burst burst;
        burst_begin(&it, &burst, BYTES, *(size_t *)argument);
        burst_free(&it, &burst, burst.count / 4, burst.count);
        usleep(10000); /* pages go meanwhile */
        burst_end(&it, &burst);
    }
    return NULL;
}

static void threads_are_served_while_it_works(void)
{
    pthread_t thread[4];
    size_t size[4] = {1000, 100000, 5000, 300000};
    for (int i = 0; i < 4; i++)
        check(pthread_create(&thread[i], NULL, have_bursts, &size[i]) == 0, "a thread begins");
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
}

static void a_child_has_a_thread_of_its_own(void)
{
    for (int i = 0; i < 4; i++) {
        struct decaying it = aging_decaying(&aging_default);
        struct burst burst; /* so that the thread of this process is at work */
        burst_begin(&it, &burst, BYTES, 2000);
        burst_free(&it, &burst, 0, burst.count);
        pid_t child = fork();
        if (child == 0) {
            check(stage() == aging_background_none, "the thread stays in the parent");
            burst_goes_back(2000);
            _exit(0);
        }
        int status = 0;
        check(waitpid(child, &status, 0) == child && status == 0, "the child ends well");
        burst_end(&it, &burst);
    }
}

/* A heap made at run time is nobody's business but of those who call it. */
static void other_heaps_are_left_alone(void)
{
    struct aging_heap *heap = aging_heap_create();
    check(heap != NULL, "a heap is made");
    await(aging_background_sleeps);
    struct decaying it = aging_decaying(heap);
    struct burst burst;
    burst_begin(&it, &burst, BYTES, 1000);
    burst_free(&it, &burst, 0, burst.count);
    check(stage() == aging_background_sleeps, "the thread is not woken");
    burst_end(&it, &burst);
    aging_heap_destroy(heap);
}

int main(void)
{
    a_process_has_a_thread_once_it_needs_one();
    burst_goes_back(1000);
    burst_goes_back(200000);
    burst_goes_back(1000); /* which wakes it */
    threads_are_served_while_it_works();
    if (!MORTISE_TSAN) /* which allows a child no threads */
        a_child_has_a_thread_of_its_own();
    other_heaps_are_left_alone();
    return 0;
}
