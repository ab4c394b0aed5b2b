/* SPDX-License-Identifier: MIT */
/*
 * xmalloc: some threads only ask for blocks, others only free them; batches go from the ones to the
 * others through a queue.
 *
 * Wins: an allocator by which remotely freed blocks find back to those who ask, rather than filling
 * caches of threads that never ask for anything.
 */
#include "workload.h"

#include "shared/parcel.h"

enum { PRODUCERS, CONSUMERS, BATCHES, BLOCKS };
enum { MOST_WAITING = 16 };

/* Sizes are a few of the frequent ones. */
static const uint16_t sizes[] = {16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024};

struct market {
    const long *value;
    pthread_mutex_t lock;
    pthread_cond_t came, went;
    struct parcel *waiting[MOST_WAITING]; /* chains; a ring */
    long first, count;
    long begun; /* batches that a producer has taken over to make */
    long ended; /* batches that came */
    uint64_t freed;
};

static struct parcel *make(const struct market *market, struct work_random *random)
{
    struct parcel *chain = NULL;
    for (long i = 0; i < market->value[BLOCKS]; i++) {
        const uint64_t number = work_random(random);
        const size_t size = sizes[(number >> 32) % (sizeof sizes / sizeof sizes[0])];
        struct parcel *parcel = parcel_malloc(size, (uint32_t)number);
        parcel->next = chain;
        chain = parcel;
    }
    return chain;
}

static void produce(struct market *market, long thread)
{
    struct work_random random = {(uint64_t)thread};
    pthread_mutex_lock(&market->lock);
    while (market->begun < market->value[BATCHES]) {
        market->begun++;
        pthread_mutex_unlock(&market->lock);
        struct parcel *chain = make(market, &random);
        pthread_mutex_lock(&market->lock);
        while (market->count == MOST_WAITING)
            pthread_cond_wait(&market->went, &market->lock);
        market->waiting[(market->first + market->count++) % MOST_WAITING] = chain;
        market->ended++;
        pthread_cond_signal(&market->came);
    }
    pthread_cond_broadcast(&market->came);
    pthread_mutex_unlock(&market->lock);
}

static bool consume(struct market *market)
{
    bool right = true;
    pthread_mutex_lock(&market->lock);
    for (;;) {
        while (market->count == 0 && market->ended < market->value[BATCHES])
            pthread_cond_wait(&market->came, &market->lock);
        if (market->count == 0)
            break;
        struct parcel *chain = market->waiting[market->first];
        market->first = (market->first + 1) % MOST_WAITING;
        market->count--;
        pthread_cond_signal(&market->went);
        pthread_mutex_unlock(&market->lock);
        uint64_t count;
        right = parcel_free_list(chain, &count) && right;
        pthread_mutex_lock(&market->lock);
        market->freed += count;
    }
    pthread_cond_broadcast(&market->came);
    pthread_mutex_unlock(&market->lock);
    return right;
}

static bool body(void *argument, long thread)
{
    struct market *market = (struct market *)argument;
    if (thread >= market->value[PRODUCERS])
        return consume(market);
    produce(market, thread);
    return true;
}

static bool run(const long *value)
{
    struct market market = {.value = value,
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .came = PTHREAD_COND_INITIALIZER,
                            .went = PTHREAD_COND_INITIALIZER};
    const bool right = work_in_threads(value[PRODUCERS] + value[CONSUMERS], body, &market);
    return right && market.freed == (uint64_t)(value[BATCHES] * value[BLOCKS]);
}

const struct workload workload_xmalloc = {
    .name = "xmalloc",
    .purpose = "threads that only ask for blocks and threads that only free them",
    .source = "Lever and Boreham 2000; xmalloc-test as the paper of Mortise uses it",
    .parameters = {{"producers", 4, 4, 100, 1, 4096, "threads that ask"},
                   {"consumers", 4, 4, 100, 1, 4096, "threads that free"},
                   {"batches", 1000, 250, 1500, 1, 1L << 40, "batches in all"},
                   {"blocks", 4096, 4096, 4096, 1, 1L << 20, "blocks in a batch"}},
    .cases = {"producers=1 consumers=1", "producers=100 consumers=100"},
    .run = run,
};
