/* SPDX-License-Identifier: MIT */
/*
 * While a fork is under way requests of any size, and any number of them, are answered: none waits
 * for its end. What they were given is theirs, there and in the child, and goes back after that.
 */
#include "../layer/check.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define COMPOSITION held

#define LAYER mmap_heap
#include <mortise/heap/mmap_heap.h>

#define LAYER tlsf_glk
#include <mortise/layer/tlsf_glk.h>

LAYER_COMPOSE(held, mmap_heap, tlsf_glk)

#define MALLOC_SOCKET_INTERPOSE 0
#include <mortise/socket/malloc_socket.h>

#define MB ((size_t)1 << 20)

enum { LARGE = 4, SMALL = 4000, BYTES = 20000 };

static char *large[LARGE], *small[SMALL], *before;
static const size_t size[LARGE] = {50 * MB, MB, 200 * MB, 20 * MB};

/* Here and there. */
static void set(char *block, size_t bytes, char mark)
{
    for (size_t at = 0; at < bytes; at += MB / 4)
        block[at] = mark;
    block[bytes - 1] = mark;
}

static bool is_set(const char *block, size_t bytes, char mark)
{
    for (size_t at = 0; at < bytes; at += MB / 4)
        if (block[at] != mark)
            return false;
    return block[bytes - 1] == mark;
}

static void take(void)
{
    for (int i = 0; i < LARGE; i++) {
        large[i] = (char *)(i % 2 == 0 ? held_malloc(&held_default, size[i])
                                       : held_calloc(&held_default, 1, size[i]));
        check(large[i] != NULL, "a large block is there");
        check(i % 2 == 0 || is_set(large[i], size[i], 0), "calloc's is zero");
        check(held_usable_size(&held_default, large[i]) >= size[i], "of that size");
        set(large[i], size[i], (char)(i + 1));
    }
    for (size_t i = 0; i < SMALL; i++) {
        small[i] = (char *)held_malloc(&held_default, BYTES); /* which is more than a range */
        check(small[i] != NULL, "and any number of small ones");
        set(small[i], BYTES, (char)(i % 100));
    }
    held_free(&held_default, before);
}

static void ask_for_too_much(void)
{
    errno = 0;
    check(held_malloc(&held_default, SIZE_MAX >> 17) == NULL && errno == ENOMEM,
          "more than there is is refused at once");
#if !MORTISE_ASAN && !MORTISE_TSAN
    struct rlimit old, none;
    check(getrlimit(RLIMIT_AS, &old) == 0, "limits are known");
    none = old;
    none.rlim_cur = 4 * MB;
    check(setrlimit(RLIMIT_AS, &none) == 0, "no memory is left");
    errno = 0;
    check(held_malloc(&held_default, 300 * MB) == NULL && errno == ENOMEM,
          "a system without memory is no reason to wait");
    check(setrlimit(RLIMIT_AS, &old) == 0, "the limit is lifted");
#endif
}

static bool holds;

/* Runs after the composition's own handler, which is registered later. */
static void in_fork(void)
{
    if (!holds)
        return;
    take();
    ask_for_too_much();
}

static void give_back(void)
{
    for (int i = 0; i < LARGE; i++) {
        check(is_set(large[i], size[i], (char)(i + 1)), "a block is as it was left");
        if (i == 2) {
            large[i] = (char *)held_realloc(&held_default, large[i], MB);
            check(large[i][MB / 2] == 3, "and can move to the heap");
        }
        held_free(&held_default, large[i]);
    }
    for (size_t i = 0; i < SMALL; i++) {
        check(is_set(small[i], BYTES, (char)(i % 100)), "a small one, too");
        held_free(&held_default, small[i]);
    }
    for (int i = 0; i <= mortise_reserve_others; i++)
        check(mortise_reserve_range(i)->state == 0, "nothing of the reserve is left");
}

static size_t resident(void)
{
    unsigned long all = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    check(file != NULL && fscanf(file, "%lu %lu", &all, &pages) == 2, "statm is read");
    fclose(file);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

int main(void)
{
    alarm(1000); /* who waits does so for ever */
    check(pthread_atfork(in_fork, NULL, NULL) == 0, "pthread_atfork");
    before = (char *)held_malloc(&held_default, 1000);
    for (int round = 0; round < 2; round++) {
        size_t were = resident();
        holds = true;
        pid_t child = fork();
        check(child >= 0, "fork");
        holds = false;
        give_back();
#if !MORTISE_ASAN && !MORTISE_TSAN
        check(resident() <= were + 16 * MB, "nor are its pages");
#endif
        (void)were;
        before = (char *)held_malloc(&held_default, 1000);
        if (child == 0)
            _exit(0);
        int status = 0;
        check(waitpid(child, &status, 0) == child && status == 0, "the child ends well");
    }
    return 0;
}
