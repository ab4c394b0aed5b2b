/* SPDX-License-Identifier: MIT */
/*
 * burst: a server under a burst of load, and idle after it. Threads that are there all the time
 * allocate much, free it, and wait for the next burst; some little is served meanwhile.
 *
 * Figures for each burst: what is resident at its height, after it, and after a rest.
 *
 * Wins: an allocator that gives back what was freed, without taking longer at the next burst.
 */
#include "workload.h"

#include "shared/kept.h"

#include <stdio.h>
#include <time.h>

enum { THREADS, BURSTS, MEGABYTES, REST };

struct server {
    const long *value;
    pthread_barrier_t barrier;
};

static struct kept *allocate(struct work_random *random, long count)
{
    struct kept *blocks = (struct kept *)work_malloc((size_t)count * sizeof *blocks);
    for (long i = 0; i < count; i++) {
        const uint64_t number = work_random(random);
        /* 16 … 4096, the smaller the more frequent. */
        const size_t size = (size_t)16 << (number >> 8) % 9;
        kept_malloc(&blocks[i], size, (uint32_t)number);
        memset(blocks[i].block + 4, 1, size - 8);
    }
    return blocks;
}

static void rest(long milliseconds)
{
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void tell(long burst, const char *what)
{
    char key[48];
    snprintf(key, sizeof key, "burst_%ld_%s_kb", burst, what);
    work_figure(key, (double)work_resident_kb());
}

/* One thread tells, the others wait meanwhile. */
static void tell_together(struct server *server, long thread, long burst, const char *what)
{
    pthread_barrier_wait(&server->barrier);
    if (thread == 0)
        tell(burst, what);
    pthread_barrier_wait(&server->barrier);
}

static bool body(void *argument, long thread)
{
    struct server *server = (struct server *)argument;
    const long *value = server->value;
    /* The mean of the sizes is 8176 / 9. */
    const long count = 1 + (value[MEGABYTES] << 20) / value[THREADS] / 908;
    struct work_random random = {(uint64_t)thread};
    bool right = true;
    for (long burst = 0; burst < value[BURSTS]; burst++) {
        struct kept *blocks = allocate(&random, count);
        tell_together(server, thread, burst, "height");
        right = kept_free_all(blocks, count) && right;
        free(blocks);
        tell_together(server, thread, burst, "freed");
        /* Each thread serves a little, and rests in between. */
        for (int i = 0; i < 10; i++) {
            rest(value[REST] / 10);
            free(work_hide(work_malloc(100)));
        }
        tell_together(server, thread, burst, "rested");
    }
    return right;
}

static bool run(const long *value)
{
    struct server server = {.value = value};
    pthread_barrier_init(&server.barrier, NULL, (unsigned)value[THREADS]);
    const bool right = work_in_threads(value[THREADS], body, &server);
    pthread_barrier_destroy(&server.barrier);
    return right;
}

const struct workload workload_burst = {
    .name = "burst",
    .purpose = "bursts of load with rest after each, and what stays resident",
    .source = "long-running servers",
    .parameters = {{"threads", 0, 0, 0, 0, 4096, "threads, which stay"},
                   {"bursts", 3, 2, 3, 1, 1000, "one after the other"},
                   {"burst_mb", 64, 24, 1024, 1, 1L << 20, "MB at the height, all threads"},
                   {"rest_ms", 50, 10, 1000, 0, 100000, "rest after each burst"}},
    .cases = {"threads=1", "threads=16"},
    .run = run,
};
