/* SPDX-License-Identifier: MIT */
/* The platform: libc, POSIX threads, mmap. */
#include "kit.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

void *kit_pages(size_t size)
{
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return base == MAP_FAILED ? NULL : base;
}

void kit_pages_give(void *pages, size_t size)
{
    munmap(pages, size);
}

void kit_say(const char *text, size_t length)
{
    while (length != 0) {
        ssize_t written = write(STDOUT_FILENO, text, length);
        if (written <= 0)
            return;
        text += written;
        length -= (size_t)written;
    }
}

void kit_exit(int status)
{
    _exit(status);
}

uint64_t kit_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void kit_yield(void)
{
    sched_yield();
}

struct start {
    void (*work)(unsigned thread);
    unsigned thread;
};

static void *begin(void *argument)
{
    struct start *start = argument;
    start->work(start->thread);
    return NULL;
}

void kit_together(unsigned threads, void (*work)(unsigned thread))
{
    pthread_t thread[KIT_THREADS];
    struct start start[KIT_THREADS];
    for (unsigned i = 1; i < threads; i++) {
        start[i] = (struct start){work, i};
        if (pthread_create(&thread[i], NULL, begin, &start[i]) != 0)
            kit_fail("no thread", i);
    }
    work(0);
    for (unsigned i = 1; i < threads; i++)
        pthread_join(thread[i], NULL);
}

int main(int argc, char **argv)
{
    return kit_main(argc, argv);
}
