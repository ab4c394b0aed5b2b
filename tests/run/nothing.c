/* SPDX-License-Identifier: MIT */
/*
 * A thread that frees NULL and nothing else gets no state for that: libc does so at the end of each
 * thread, when there is nobody left who would give the state back.
 */
#include "../layer/check.h"

#define COMPOSITION announced
#define LAYER brk_heap
#include <mortise/heap/brk_heap.h>
#define LAYER tlsf_glk
#define TLSF_GLK_SYNC ccsynch /* which has a node for each thread */
#include <mortise/layer/tlsf_glk.h>
LAYER_COMPOSE(announced, brk_heap, tlsf_glk)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define COMPOSITION quick
#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>
#define LAYER slab_lk
#include <mortise/layer/slab_lk.h>
#define LAYER thread_cache
#include <mortise/layer/thread_cache.h>
LAYER_COMPOSE(quick, mmap_heap, slab_lk, thread_cache)
#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#include <pthread.h>

static void *free_nothing(void *argument)
{
    (void)argument;
    announced_free(&announced_default, NULL);
    quick_free(&quick_default, NULL);
    check(announced_realloc(&announced_default, NULL, 0) != NULL, "0 bytes are a block");
    return NULL;
}

static unsigned count(const struct mortise_link *link)
{
    unsigned states = 0;
    for (; link != NULL; link = link->next)
        states++;
    return states;
}

int main(void)
{
    pthread_t thread;
    check(pthread_create(&thread, NULL, free_nothing, NULL) == 0, "a thread begins");
    pthread_join(thread, NULL);
    check(count(quick_default.life.all) == 0, "who frees NULL has no state");
    check(count(announced_default.life.all) == 1, "who is served has one");
    announced_free(&announced_default, announced_malloc(&announced_default, 1));
    check(count(announced_default.life.all) == 1, "which serves the next thread");
    announced_free(&announced_default, NULL);
    quick_free(&quick_default, NULL);
    check(count(quick_default.life.all) == 0, "nor has the first thread one");
    quick_free(&quick_default, quick_malloc(&quick_default, 1));
    check(count(quick_default.life.all) == 1, "before it is served");
    return 0;
}
