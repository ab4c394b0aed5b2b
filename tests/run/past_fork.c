/* SPDX-License-Identifier: MIT */
/*
 * A child that was made past the handlers of fork: its threads have states of their own, and so
 * have their records, though those that came along are under the numbers of the parent's threads.
 */
#include "../layer/check.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define COMPOSITION aside

#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>

#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>

#define LAYER slab_lk
#define SLAB_LK_SIZE_HANDLE 0, 4096
#include <mortise/layer/slab_lk.h>

#define LAYER szcls_stat
#include <mortise/layer/szcls_stat.h>

#define LAYER thread_cache
#define THREAD_CACHE_SIZE_HANDLE 0, 4096
#include <mortise/layer/thread_cache.h>

LAYER_COMPOSE(aside, mmap_heap, tlsf_glk, slab_lk, szcls_stat, thread_cache)

#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

enum { BLOCKS = 2000 };

pid_t _Fork(void) __attribute__((weak));

static pid_t fork_without_handlers(bool by_libc)
{
    return by_libc ? _Fork() : (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

/* Blocks that nobody else may have. */
static void use_blocks(unsigned char mark)
{
    static __thread unsigned char *block[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        block[i] = (unsigned char *)aside_malloc(&aside_default, 16 + i % 600);
        check(block[i] != NULL, "a block is served");
        memset(block[i], mark, 16 + i % 600);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t at = 0; at < 16 + i % 600; at++)
            check(block[i][at] == mark, "a block is one thread's");
        aside_free(&aside_default, block[i]);
    }
}

static struct aside_local *first;

static void *use_own(void *result)
{
    use_blocks(2);
    check(aside_self != first, "a thread has a state of its own");
    check(aside_self->szcls_stat.record != first->szcls_stat.record, "and a record");
    *(struct aside_local **)result = aside_self;
    return NULL;
}

static size_t states(void)
{
    size_t count = 0;
    for (struct mortise_link *link = aside_default.life.all; link != NULL; link = link->next)
        count++;
    return count;
}

static void have_threads(void)
{
    struct aside_local *own = NULL, *next = NULL;
    pthread_t thread;
    for (int i = 0; i < 20; i++) {
        check(pthread_create(&thread, NULL, use_own, &next) == 0, "a thread begins");
        use_blocks(1);
        pthread_join(thread, NULL);
        check(own == NULL || next == own, "the state of one that ended goes to the next");
        own = next;
        (void)aside_trim(&aside_default, 0);
    }
    check(aside_self == first, "who came along keeps its state");
}

static void a_child_has_threads(bool by_libc, bool grandchild)
{
    size_t before = states();
    pid_t child = fork_without_handlers(by_libc);
    check(child >= 0, "a child is made");
    if (child == 0) {
        use_blocks(3);
        have_threads();
        check(states() == before + 1, "a state for each that lives at once");
        if (grandchild) { /* which fork tells about everybody */
            pid_t last = fork();
            if (last == 0) {
                have_threads();
                check(states() == before + 1, "states of who vanished are used again");
                _exit(0);
            }
            int status = 0;
            check(waitpid(last, &status, 0) == last && status == 0, "the grandchild ends well");
        }
        _exit(0);
    }
    int status = 0;
    check(waitpid(child, &status, 0) == child && status == 0, "the child ends well");
}

int main(void)
{
    if (MORTISE_TSAN) /* which allows a child no threads */
        return 0;
    setenv("MORTISE_STATS", "", 1); /* no report */
    use_blocks(1);
    first = aside_self;
    check(states() == 1, "there is one thread");
    a_child_has_threads(false, false);
    if (_Fork != NULL)
        a_child_has_threads(true, true);
    use_blocks(1);
    return 0;
}
