/* SPDX-License-Identifier: MIT */
/*
 * rptest: after the benchmark of rpmalloc. Threads replace blocks of random size in a table; one in
 * eight is aligned to up to a page; chains of blocks go to the mailbox of the next thread, which
 * frees them unless it falls behind.
 *
 * Wins: an allocator that aligns without waste and takes back chains of another thread's blocks.
 */
#include "workload.h"

#include "shared/parcel.h"

#include <stdatomic.h>
#include <string.h>

enum { THREADS, LOOPS, SLOTS, MOST };
enum { REPLACED = 256, SENT = 64, PLACES = 16, LEAST = 16 };

struct mailbox {
    _Alignas(128) _Atomic(struct parcel *) place[PLACES];
};

struct office {
    const long *value;
    struct mailbox *mailbox;
};

/* Small sizes are more frequent: the size is the product of two numbers. */
static struct parcel *random_parcel(struct work_random *random, long most, bool *aligned)
{
    const uint64_t number = work_random(random);
    const double part =
        (double)(number >> 40) * 0x1p-24 * ((double)(number >> 16 & 0xffffff)) * 0x1p-24;
    const size_t size = LEAST + (size_t)(part * (double)(most - LEAST + 1));
    if (number % 8 != 0)
        return parcel_malloc(size, (uint32_t)number);
    const size_t alignment = (size_t)16 << (number >> 4) % 9;
    void *block = work_aligned(alignment, size);
    *aligned = *aligned && (uintptr_t)block % alignment == 0;
    return parcel_mark(block, size, (uint32_t)number);
}

/* A chain for another thread, or none; what was there is freed. So a thread that does not run for a
 * while keeps no more than PLACES chains waiting. Acquire and release: marks are written before
 * anybody looks at them. */
static bool replace(_Atomic(struct parcel *) *place, struct parcel *chain)
{
    uint64_t count;
    return parcel_free_list(atomic_exchange_explicit(place, chain, memory_order_acq_rel), &count);
}

static bool body(void *argument, long thread)
{
    const struct office *office = (const struct office *)argument;
    const long *value = office->value;
    const uint64_t slots = (uint64_t)value[SLOTS];
    struct work_random random = {(uint64_t)thread};
    struct parcel **table = (struct parcel **)work_calloc(slots, sizeof *table);
    /* Goes on where only an alignment is wrong, so that the time can be compared still. */
    bool right = true, aligned = true;
    for (long loop = 0; right && loop < value[LOOPS]; loop++) {
        for (long i = 0; i < REPLACED; i++) {
            struct parcel **one = &table[work_random_below(&random, slots)];
            right = parcel_free(*one) && right;
            *one = random_parcel(&random, value[MOST], &aligned);
        }
        struct parcel *chain = NULL;
        for (long i = 0; i < SENT; i++) {
            struct parcel *another = random_parcel(&random, value[MOST], &aligned);
            another->next = chain;
            chain = another;
        }
        struct mailbox *next = &office->mailbox[(thread + 1) % value[THREADS]];
        right = replace(&next->place[loop % PLACES], chain) && right;
        right = replace(&office->mailbox[thread].place[loop % PLACES], NULL) && right;
    }
    for (uint64_t i = 0; right && i < slots; i++)
        right = parcel_free(table[i]);
    free(table);
    return right && aligned;
}

static bool run(const long *value)
{
    const size_t size = (size_t)value[THREADS] * sizeof(struct mailbox);
    struct office office = {value, (struct mailbox *)work_aligned(128, size)};
    memset((void *)office.mailbox, 0, size);
    bool right = work_in_threads(value[THREADS], body, &office);
    for (long i = 0; i < value[THREADS] * PLACES; i++)
        right = replace(&office.mailbox[i / PLACES].place[i % PLACES], NULL) && right;
    free(office.mailbox);
    return right;
}

const struct workload workload_rptest = {
    .name = "rptest",
    .purpose = "random sizes, some aligned, some freed by another thread",
    .source = "rpmalloc-benchmark",
    .parameters = {{"threads", 0, 0, 0, 0, 4096, "threads"},
                   {"loops", 5000, 1200, 2500, 1, 1L << 40, "times 320 requests, each thread"},
                   {"slots", 2000, 2000, 20000, 1, 1L << 30, "blocks that a thread has at once"},
                   {"most", 8000, 8000, 16000, LEAST, 1L << 30, "bytes in the largest block"}},
    .cases = {"threads=1", "threads=8 loops=1200"},
    .run = run,
};
