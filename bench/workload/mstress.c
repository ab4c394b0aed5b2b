/* SPDX-License-Identifier: MIT */
/*
 * mstress: what was seen in servers by the authors of mimalloc. Threads come and go in generations;
 * each allocates many small and few large blocks, frees some of its own, keeps some to its end, and
 * exchanges others with places that all threads share, where they outlive the thread that asked.
 *
 * Wins: an allocator that takes over the memory of ended threads at once.
 */
#include "workload.h"

#include "shared/parcel.h"

#include <stdatomic.h>

enum { THREADS, GENERATIONS, BLOCKS };
enum { PLACES = 1000 };

struct stress {
    const long *value;
    long generation;
    _Atomic(struct parcel *) place[PLACES];
};

/* Most requests are for a few words; one in a hundred is ten, one in ten thousand a hundred times
 * as large. */
static struct parcel *random_parcel(struct work_random *random)
{
    const uint64_t number = work_random(random);
    size_t words = 2 + number % 32;
    if (number >> 16 & 1)
        words += number >> 8 & 15;
    if ((number >> 20) % 100 == 0)
        words *= 10;
    if ((number >> 30) % 10000 == 0)
        words *= 100;
    return parcel_malloc(words * sizeof(void *), (uint32_t)(number >> 32));
}

/* Everybody sees what was in the parcel that he gets, and has nothing more to do with his own. */
static struct parcel *exchange(struct stress *stress, struct work_random *random,
                               struct parcel *parcel)
{
    return atomic_exchange_explicit(&stress->place[work_random(random) % PLACES], parcel,
                                    memory_order_acq_rel);
}

static bool body(void *argument, long thread)
{
    struct stress *stress = (struct stress *)argument;
    struct work_random random = {(uint64_t)(stress->generation << 20 | thread)};
    const long blocks = stress->value[BLOCKS];
    const size_t table = (size_t)blocks * sizeof(struct parcel *);
    struct parcel **data = (struct parcel **)work_calloc(1, table);
    struct parcel **retained = (struct parcel **)work_calloc(1, table);
    bool right = true;
    long retains = 0;
    for (long i = 0; i < 4 * blocks; i++) {
        const uint64_t number = work_random(&random);
        struct parcel **one = &data[(number >> 8) % (uint64_t)blocks];
        if (number % 8 == 0) {
            *one = exchange(stress, &random, *one);
        } else if (number % 8 == 1 && retains < blocks) {
            retained[retains++] = random_parcel(&random);
        } else {
            right = parcel_free(*one) && right;
            *one = random_parcel(&random);
        }
    }
    /* Half of what is left stays in the places, as far as they have room. */
    for (long i = 0; i < blocks; i++) {
        if (i % 2 == 0)
            data[i] = exchange(stress, &random, data[i]);
        right = parcel_free(data[i]) && right;
    }
    while (retains > 0)
        right = parcel_free(retained[--retains]) && right;
    free(retained);
    free(data);
    return right;
}

static bool run(const long *value)
{
    struct stress *stress = (struct stress *)work_calloc(1, sizeof *stress);
    stress->value = value;
    bool right = true;
    for (; stress->generation < value[GENERATIONS]; stress->generation++) {
        right = work_in_threads(value[THREADS], body, stress) && right;
        /* Now and then half of the places are cleared. */
        for (int i = 0; stress->generation % 10 == 9 && i < PLACES; i += 2)
            right = parcel_free(atomic_exchange(&stress->place[i], NULL)) && right;
    }
    for (int i = 0; i < PLACES; i++)
        right = parcel_free(stress->place[i]) && right;
    free(stress);
    return right;
}

const struct workload workload_mstress = {
    .name = "mstress",
    .purpose = "objects that migrate between threads and outlive them",
    .source = "Leijen, Zorn and de Moura 2019 (mimalloc)",
    .parameters = {{"threads", 0, 0, 0, 0, 4096, "threads of a generation"},
                   {"generations", 100, 25, 20, 1, 1L << 40, "one after the other"},
                   {"blocks", 5000, 5000, 50000, 1, 1L << 30, "blocks that a thread has at once"}},
    .cases = {"threads=1", "threads=8 generations=25"},
    .run = run,
};
