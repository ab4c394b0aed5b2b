/* SPDX-License-Identifier: MIT */
/*
 * burst: a server under a burst of load, and idle after it. Threads that are there all the time
 * allocate much, free most of it, and wait for the next burst; some little is served meanwhile.
 *
 * What survives a burst is what was allocated first, or last, in one piece, or blocks picked at
 * random; it goes after the rest. With remote=1 a thread frees what its neighbour has allocated.
 *
 * Figures for each burst: what is resident at its height, after it, when each thread has allocated
 * once more, and after a rest; and what is live then.
 *
 * Wins: an allocator that gives back what was freed, without taking longer at the next burst.
 */
#include "workload.h"

#include "shared/kept.h"

#include <stdio.h>
#include <time.h>

enum { THREADS, BURSTS, MEGABYTES, REST, SURVIVE, WHICH, REMOTE };

enum { OLDEST, NEWEST, RANDOM };

struct part {
    struct kept *blocks;
    long count;
};

struct server {
    const long *value;
    struct part *parts; /* of each thread */
    pthread_barrier_t barrier;
};

static void allocate(struct part *part, struct work_random *random, long count)
{
    part->blocks = (struct kept *)work_malloc((size_t)count * sizeof *part->blocks);
    part->count = count;
    for (long i = 0; i < count; i++) {
        const uint64_t number = work_random(random);
        /* 16 … 4096, the smaller the more frequent. */
        const size_t size = (size_t)16 << (number >> 8) % 9;
        kept_malloc(&part->blocks[i], size, (uint32_t)number);
        memset(part->blocks[i].block + 4, 1, size - 8);
    }
}

static bool survives(const long *value, struct work_random *random, long i, long count)
{
    if (value[WHICH] == RANDOM)
        return (long)work_random_below(random, 100) < value[SURVIVE];
    const long survivors = count * value[SURVIVE] / 100;
    return value[WHICH] == OLDEST ? i < survivors : i >= count - survivors;
}

/* Frees all but the survivors, which move to an array of their own. */
static bool free_most(struct part *part, const long *value, struct work_random *random)
{
    bool right = true;
    long left = 0;
    for (long i = 0; i < part->count; i++) {
        if (survives(value, random, i, part->count))
            part->blocks[left++] = part->blocks[i];
        else
            right = kept_free(&part->blocks[i]) && right;
    }
    struct kept *survivors = (struct kept *)work_malloc(((size_t)left + 1) * sizeof *part->blocks);
    if (left != 0)
        memcpy(survivors, part->blocks, (size_t)left * sizeof *survivors);
    free(part->blocks);
    part->blocks = survivors;
    part->count = left;
    return right;
}

static long bytes_of(const struct part *part)
{
    size_t bytes = (size_t)part->count * sizeof *part->blocks;
    for (long i = 0; i < part->count; i++)
        bytes += part->blocks[i].size;
    return (long)bytes;
}

static void rest(long milliseconds)
{
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void tell(long burst, const char *what, long kilobytes)
{
    char key[48];
    snprintf(key, sizeof key, "burst_%ld_%s_kb", burst, what);
    work_figure(key, (double)kilobytes);
}

/* One thread tells, the others wait meanwhile. */
static void tell_together(struct server *server, long thread, long burst, const char *what)
{
    pthread_barrier_wait(&server->barrier);
    if (thread == 0)
        tell(burst, what, work_resident_kb());
    pthread_barrier_wait(&server->barrier);
}

static void tell_live(const struct server *server, long burst)
{
    long bytes = 0;
    for (long i = 0; i < server->value[THREADS]; i++)
        bytes += bytes_of(&server->parts[i]);
    tell(burst, "live", bytes / 1024);
}

static bool body(void *argument, long thread)
{
    struct server *server = (struct server *)argument;
    const long *value = server->value;
    /* The mean of the sizes is 8176 / 9. */
    const long count = 1 + (value[MEGABYTES] << 20) / value[THREADS] / 908;
    struct part *freed = &server->parts[(thread + value[REMOTE]) % value[THREADS]];
    struct work_random random = {(uint64_t)thread};
    bool right = true;
    for (long burst = 0; burst < value[BURSTS]; burst++) {
        allocate(&server->parts[thread], &random, count);
        tell_together(server, thread, burst, "height");
        right = free_most(freed, value, &random) && right;
        tell_together(server, thread, burst, "freed");
        if (thread == 0)
            tell_live(server, burst);
        free(work_hide(work_malloc(100)));
        tell_together(server, thread, burst, "called");
        /* Each thread serves a little, and rests in between. */
        for (int i = 0; i < 10; i++) {
            rest(value[REST] / 10);
            free(work_hide(work_malloc(100)));
        }
        tell_together(server, thread, burst, "rested");
        right = kept_free_all(freed->blocks, freed->count) && right;
        free(freed->blocks);
        pthread_barrier_wait(&server->barrier);
    }
    return right;
}

static bool run(const long *value)
{
    struct server server = {.value = value};
    server.parts = (struct part *)work_calloc((size_t)value[THREADS], sizeof *server.parts);
    pthread_barrier_init(&server.barrier, NULL, (unsigned)value[THREADS]);
    const bool right = work_in_threads(value[THREADS], body, &server);
    pthread_barrier_destroy(&server.barrier);
    free(server.parts);
    return right;
}

const struct workload workload_burst = {
    .name = "burst",
    .purpose = "bursts of load with rest after each, and what stays resident",
    .source = "long-running servers",
    .parameters = {{"threads", 0, 0, 0, 0, 4096, "threads, which stay"},
                   {"bursts", 3, 2, 3, 1, 1000, "one after the other"},
                   {"burst_mb", 64, 24, 1024, 1, 1L << 20, "MB at the height, all threads"},
                   {"rest_ms", 50, 10, 1000, 0, 100000, "rest after each burst"},
                   {"survive", 0, 0, 0, 0, 100, "percent of the blocks that survive a burst"},
                   {"which", 0, 0, 0, 0, 2, "survivors: 0 the oldest, 1 the newest, 2 any"},
                   {"remote", 0, 0, 0, 0, 1, "1: the neighbour frees"}},
    .cases = {"threads=1", "threads=16", "survive=25", "survive=25 which=2", "remote=1"},
    .run = run,
};
