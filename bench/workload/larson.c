/* SPDX-License-Identifier: MIT */
/*
 * larson: what was seen in servers. Each thread replaces blocks of random size in a table; after a
 * while it starts another thread, which inherits the table, and ends. So most blocks are freed by
 * another thread than the one that asked for them, which may be gone.
 *
 * Wins: an allocator whose remote frees are cheap, and which takes over what a thread leaves
 * behind.
 */
#include "workload.h"

#include "shared/kept.h"

#include <semaphore.h>

enum { THREADS, BLOCKS, MOST, GENERATIONS, ROUNDS };
enum { LEAST = 8 };

/* A table and the threads that follow one another on it. */
struct lane {
    const long *value;
    struct kept *blocks;
    struct work_random random;
    long generation;
    pthread_t predecessor;
    sem_t done;
    bool right;
};

static void lane_replace(struct lane *lane)
{
    const long *value = lane->value;
    const uint64_t span = (uint64_t)(value[MOST] - LEAST + 1);
    for (long i = 0; i < value[ROUNDS]; i++) {
        struct kept *one = &lane->blocks[work_random_below(&lane->random, (uint64_t)value[BLOCKS])];
        lane->right = kept_free(one) && lane->right;
        const uint64_t random = work_random(&lane->random);
        kept_malloc(one, LEAST + (random >> 32) % span, (uint32_t)random);
    }
}

/* The predecessor is gone before its table is used. */
static void *lane_run(void *argument)
{
    struct lane *lane = (struct lane *)argument;
    if (lane->generation > 0)
        pthread_join(lane->predecessor, NULL);
    lane_replace(lane);
    lane->predecessor = pthread_self();
    if (++lane->generation < lane->value[GENERATIONS]) {
        pthread_t successor;
        work_thread(&successor, lane_run, lane);
    } else {
        sem_post(&lane->done);
    }
    return NULL;
}

static bool run(const long *value)
{
    struct lane *lanes = (struct lane *)work_calloc((size_t)value[THREADS], sizeof *lanes);
    bool right = true;
    for (long i = 0; i < value[THREADS]; i++) {
        struct lane *lane = &lanes[i];
        pthread_t first;
        lane->value = value;
        lane->random.state = (uint64_t)i;
        lane->right = true;
        lane->blocks = (struct kept *)work_calloc((size_t)value[BLOCKS], sizeof *lane->blocks);
        sem_init(&lane->done, 0, 0);
        work_thread(&first, lane_run, lane);
    }
    for (long i = 0; i < value[THREADS]; i++) {
        struct lane *lane = &lanes[i];
        while (sem_wait(&lane->done) != 0)
            ;
        pthread_join(lane->predecessor, NULL);
        right = kept_free_all(lane->blocks, value[BLOCKS]) && lane->right && right;
        sem_destroy(&lane->done);
        free(lane->blocks);
    }
    free(lanes);
    return right;
}

const struct workload workload_larson = {
    .name = "larson",
    .purpose = "random replacement in tables that each thread leaves to its successor",
    .source = "Larson and Krishnan 1998",
    .parameters = {{"threads", 0, 0, 0, 0, 4096, "tables at work at the same time"},
                   {"blocks", 1000, 1000, 5000, 1, 1L << 30, "blocks in a table"},
                   {"most", 1000, 1000, 1000, LEAST, 1L << 30, "bytes in the largest block"},
                   {"generations", 100, 25, 200, 1, 1L << 30, "threads, one after the other"},
                   {"rounds", 30000, 30000, 30000, 1, 1L << 40, "replacements by a thread"}},
    .cases = {"threads=1", "threads=8 generations=25", "most=100"},
    .run = run,
};
