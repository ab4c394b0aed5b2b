/* SPDX-License-Identifier: MIT */
/*
 * wcet: the worst case, to be measured from outside by a layer that times each request. Threads
 * that are pinned to their processors ask for batches of blocks of one size, of a length that
 * differs from batch to batch and from thread to thread, shuffle them and publish them in a global
 * list; batches of others are freed. So caches of threads run dry on the one side and over on the
 * other, and all threads meet at whatever they share. Then the same with twice the size.
 *
 * Wins: an allocator whose longest way is short, and on which threads do not wait for each other.
 */
#include "workload.h"

#include "shared/parcel.h"

enum { THREADS, REQUESTS, LEAST, MOST, LIVE };
enum { MOST_BATCHES = 8 }; /* of a thread, not yet freed */

struct batch {
    struct parcel *first;
    long owner, count;
};

struct crowd {
    const long *value;
    size_t size;
    pthread_mutex_t lock;
    pthread_cond_t went;
    struct batch *published; /* the oldest first */
    long published_count;
    struct owner {
        long blocks, batches; /* published or just being freed */
    } * owner;
    uint64_t freed;
};

static void shuffle(struct parcel **block, long count, struct work_random *random)
{
    for (long i = count - 1; i > 0; i--) {
        const long j = (long)work_random_below(random, (uint64_t)i + 1);
        struct parcel *other = block[i];
        block[i] = block[j];
        block[j] = other;
    }
}

static struct parcel *make(size_t size, long count, struct parcel **block,
                           struct work_random *random)
{
    for (long i = 0; i < count; i++)
        block[i] = parcel_malloc(size, (uint32_t)work_random(random));
    shuffle(block, count, random);
    for (long i = 0; i < count; i++)
        block[i]->next = i + 1 < count ? block[i + 1] : NULL;
    return block[0];
}

static void publish(struct crowd *crowd, struct batch batch)
{
    pthread_mutex_lock(&crowd->lock);
    crowd->published[crowd->published_count++] = batch;
    crowd->owner[batch.owner].blocks += batch.count;
    crowd->owner[batch.owner].batches++;
    pthread_mutex_unlock(&crowd->lock);
}

/* The oldest batch of another thread, or else an own one; false if there is none. The lock is
 * held. */
static bool take(struct crowd *crowd, long self, struct batch *taken)
{
    long at = 0;
    while (at < crowd->published_count && crowd->published[at].owner == self)
        at++;
    if (crowd->published_count == 0)
        return false;
    if (at == crowd->published_count)
        at = 0;
    *taken = crowd->published[at];
    crowd->published_count--;
    for (; at < crowd->published_count; at++)
        crowd->published[at] = crowd->published[at + 1];
    return true;
}

/* Frees a batch, so that there is room for another of `count` blocks; with `count` 0, all. */
static bool make_room(struct crowd *crowd, long self, long count)
{
    const long most = (crowd->value[LIVE] << 10) / (long)crowd->size;
    const struct owner *own = &crowd->owner[self];
    bool right = true, first = true;
    pthread_mutex_lock(&crowd->lock);
    for (;;) {
        const bool full = own->blocks + count > most || own->batches == MOST_BATCHES;
        struct batch batch;
        if (!first && count != 0 && !full)
            break;
        if (!take(crowd, self, &batch)) {
            if (!full)
                break;
            /* All of its batches are just being freed. */
            pthread_cond_wait(&crowd->went, &crowd->lock);
            continue;
        }
        pthread_mutex_unlock(&crowd->lock);
        uint64_t freed;
        right = parcel_free_list(batch.first, &freed) && right;
        pthread_mutex_lock(&crowd->lock);
        crowd->freed += freed;
        crowd->owner[batch.owner].blocks -= batch.count;
        crowd->owner[batch.owner].batches--;
        pthread_cond_broadcast(&crowd->went);
        first = false;
    }
    pthread_mutex_unlock(&crowd->lock);
    return right;
}

/* Later threads make longer batches; a quarter of what may be live is the longest. */
static bool body(void *argument, long thread)
{
    struct crowd *crowd = (struct crowd *)argument;
    const long *value = crowd->value;
    const long most = (value[LIVE] << 10) / (long)crowd->size;
    const long longest = 1 + most / 4 * (thread + 1) / value[THREADS];
    struct work_random random = {(uint64_t)thread << 32 | crowd->size};
    struct parcel **block = (struct parcel **)work_malloc((size_t)longest * sizeof *block);
    bool right = true;
    work_pin(thread);
    for (long made = 0, count; made < value[REQUESTS]; made += count) {
        count = 1 + (long)work_random_below(&random, (uint64_t)longest);
        if (count > value[REQUESTS] - made)
            count = value[REQUESTS] - made;
        right = make_room(crowd, thread, count) && right;
        publish(crowd, (struct batch){make(crowd->size, count, block, &random), thread, count});
    }
    right = make_room(crowd, thread, 0) && right;
    free(block);
    return right;
}

static bool run(const long *value)
{
    const size_t threads = (size_t)value[THREADS];
    struct crowd crowd = {
        .value = value, .lock = PTHREAD_MUTEX_INITIALIZER, .went = PTHREAD_COND_INITIALIZER};
    crowd.published = (struct batch *)work_malloc(threads * MOST_BATCHES * sizeof *crowd.published);
    crowd.owner = (struct owner *)work_calloc(threads, sizeof *crowd.owner);
    bool right = true;
    uint64_t expected = 0;
    for (long size = value[LEAST]; right && size <= value[MOST]; size *= 2) {
        crowd.size = (size_t)size;
        right = work_in_threads(value[THREADS], body, &crowd);
        expected += threads * (uint64_t)value[REQUESTS];
    }
    free(crowd.owner);
    free(crowd.published);
    return right && crowd.freed == expected && crowd.published_count == 0;
}

const struct workload workload_wcet = {
    .name = "wcet",
    .purpose = "all threads against each other, for the longest time that a request takes",
    .source = "the paper of Mortise, section 4.2",
    .parameters = {{"threads", 0, 0, 0, 0, 4096, "threads, each on its processor"},
                   {"requests", 200000, 50000, 1250000, 1, 1L << 40, "of a size by each thread"},
                   {"least", 16, 16, 16, 16, 1 << 20, "bytes in the blocks of the first sizes"},
                   {"most", 2048, 2048, 2048, 16, 1 << 20, "bytes in those of the last"},
                   {"live_kb", 8192, 8192, 8192, 1024, 1L << 30, "of a thread at once at most"}},
    .cases = {"threads=1", "threads=8 requests=50000"},
    .run = run,
};
