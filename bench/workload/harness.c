/* SPDX-License-Identifier: MIT */
#include "workload.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* stdio might want memory as well. */
static void out_of_memory(void)
{
    static const char message[] = "mortise-workload: a request for memory was refused\n";
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
        _exit(WORKLOAD_NO_MEMORY);
    _exit(WORKLOAD_NO_MEMORY);
}

void *work_malloc(size_t size)
{
    void *block = malloc(size);
    if (block == NULL)
        out_of_memory();
    return block;
}

void *work_calloc(size_t count, size_t size)
{
    void *block = calloc(count, size);
    if (block == NULL)
        out_of_memory();
    return block;
}

void *work_aligned(size_t alignment, size_t size)
{
    void *block = NULL;
    if (posix_memalign(&block, alignment, size) != 0)
        out_of_memory();
    return block;
}

void *work_realloc(void *block, size_t size)
{
    block = realloc(block, size);
    if (block == NULL)
        out_of_memory();
    return block;
}

void work_thread(pthread_t *id, void *(*body)(void *argument), void *argument)
{
    if (pthread_create(id, NULL, body, argument) != 0)
        out_of_memory();
}

struct member {
    pthread_t id;
    bool (*body)(void *argument, long thread);
    void *argument;
    long thread;
    bool right;
};

static void *member_run(void *argument)
{
    struct member *member = (struct member *)argument;
    member->right = member->body(member->argument, member->thread);
    return NULL;
}

bool work_in_threads(long threads, bool (*body)(void *argument, long thread), void *argument)
{
    struct member *members = (struct member *)work_calloc((size_t)threads, sizeof *members);
    bool right = true;
    for (long i = 0; i < threads; i++) {
        members[i].body = body;
        members[i].argument = argument;
        members[i].thread = i;
        work_thread(&members[i].id, member_run, &members[i]);
    }
    for (long i = 0; i < threads; i++) {
        pthread_join(members[i].id, NULL);
        right = right && members[i].right;
    }
    free(members);
    return right;
}

void work_pin(long thread)
{
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return;
    long left = thread % CPU_COUNT(&allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || left-- > 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        /* Where this is forbidden the kernel goes on choosing. */
        (void)pthread_setaffinity_np(pthread_self(), sizeof one, &one);
        return;
    }
}

void work_figure(const char *key, double value)
{
    printf("%s %.9g\n", key, value);
}

uint64_t work_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

long work_resident_kb(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*s %ld", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}
