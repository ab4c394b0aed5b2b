/* SPDX-License-Identifier: MIT */
/*
 * Workloads that do the same in every run, to count instructions in.
 *
 * usage: work churn|batches|resizes ROUNDS
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

/* xorshift64 */
static uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void *get(size_t size)
{
    void *block = malloc(size);
    if (block == NULL)
        exit(3);
    *(volatile char *)block = 1;
    return block;
}

/* Small objects of a program at work: one goes, another comes. */
static void churn(unsigned long rounds)
{
    enum { LIVE = 1000 };
    void *block[LIVE] = {NULL};
    for (unsigned long i = 0; i < rounds * 1000; i++) {
        size_t at = draw(LIVE);
        free(block[at]);
        block[at] = get(16 + draw(500));
    }
    for (int i = 0; i < LIVE; i++)
        free(block[i]);
}

/* Many of mixed sizes, freed in the order in which they came, or the other way round. */
static void batches(unsigned long rounds)
{
    enum { BATCH = 1000 };
    void *block[BATCH];
    for (unsigned long round = 0; round < rounds; round++) {
        for (int i = 0; i < BATCH; i++)
            block[i] = get((size_t)16 << draw(10));
        for (int i = 0; i < BATCH; i++)
            free(block[round % 2 != 0 ? i : BATCH - 1 - i]);
    }
}

/* Buffers that grow, beyond what slabs serve as well, and large blocks, cleared too. */
static void resizes(unsigned long rounds)
{
    enum { LIVE = 50 };
    void *block[LIVE] = {NULL};
    for (unsigned long i = 0; i < rounds * 100; i++) {
        size_t at = draw(LIVE), kind = draw(8);
        size_t size = ((size_t)16 << draw(15)) + draw(1000);
        if (kind < 5) {
            void *moved = realloc(block[at], size);
            if (moved == NULL)
                exit(3);
            block[at] = moved;
        } else {
            free(block[at]);
            block[at] = kind == 5 ? calloc(1, size / 16) : get(size);
        }
    }
    for (int i = 0; i < LIVE; i++)
        free(block[i]);
}

int main(int count, char **arguments)
{
    const char *what = count == 3 ? arguments[1] : "";
    unsigned long rounds = count == 3 ? strtoul(arguments[2], NULL, 10) : 0;
    if (strcmp(what, "churn") == 0) {
        churn(rounds);
    } else if (strcmp(what, "batches") == 0) {
        batches(rounds);
    } else if (strcmp(what, "resizes") == 0) {
        resizes(rounds);
    } else {
        fprintf(stderr, "usage: work churn|batches|resizes ROUNDS\n");
        return 2;
    }
    return 0;
}
