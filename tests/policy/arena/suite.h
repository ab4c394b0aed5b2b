/* SPDX-License-Identifier: MIT */
/*
 * What every member of arena promises, with many threads at once: each is served by an arena once
 * it has joined, there are no more than there may be, and one that cannot be made is no trouble. A
 * unit defines ARENA, the name of a member.
 */
#include <mortise/core/compiler.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include MORTISE_POLICY(arena, ARENA)

#include "../../layer/check.h"

#define A(x) MORTISE_MEMBER(ARENA, x)

enum { THREADS = 32, ROUNDS = 20, LIMIT = 5 };

static struct mortise_arena main_arena, made[THREADS];
static struct mortise_arenas arenas;
static MORTISE_MEMBER_STATE(ARENA) state;
static struct A(local) local[THREADS];
static unsigned makes, refusals, refuse;

static struct mortise_arena *make(void *unused)
{
    (void)unused;
    if (__atomic_load_n(&refuse, __ATOMIC_RELAXED)) {
        __atomic_fetch_add(&refusals, 1, __ATOMIC_RELAXED);
        return NULL;
    }
    return &made[__atomic_fetch_add(&makes, 1, __ATOMIC_RELAXED)];
}

static struct mortise_arena_source source(uint32_t limit)
{
    struct mortise_arena_source from = {&arenas, &main_arena, limit, make, NULL};
    return from;
}

static void begin(void)
{
    memset(&main_arena, 0, sizeof main_arena);
    memset(made, 0, sizeof made);
    memset(&arenas, 0, sizeof arenas);
    memset(&state, 0, sizeof state);
    memset(local, 0, sizeof local);
    makes = refusals = 0;
}

/* Is it the main one, or one that was made? */
static bool is_arena(const struct mortise_arena *arena)
{
    return arena == &main_arena ||
           (arena >= made && arena < made + __atomic_load_n(&makes, __ATOMIC_RELAXED));
}

static struct mortise_arena *enter(struct A(local) * mine)
{
    struct mortise_arena *arena = A(enter)(&state, mine, &main_arena);
    if (arena != NULL)
        A(leave)(&state, arena);
    return arena;
}

static void *join(void *mine)
{
    A(join)(&state, (struct A(local) *)mine, source(LIMIT));
    A(join)(&state, (struct A(local) *)mine, source(LIMIT)); /* once more changes nothing */
    for (int i = 0; i < 1000; i++)
        check(is_arena(enter((struct A(local) *)mine)), "one of the arenas");
    return NULL;
}

static void test_together(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS];
        begin();
        for (int i = 0; i < THREADS; i++)
            check(pthread_create(&threads[i], NULL, join, &local[i]) == 0, "a thread");
        for (int i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        check(makes == arenas.made && makes <= LIMIT - 1, "no more than there may be");
        unsigned count = 0;
        struct mortise_arena *arena = NULL;
        while ((arena = mortise_arena_next(&arenas, &main_arena, arena)) != NULL)
            count++;
        check(count == makes + 1, "all of them are in the list");
    }
}

/* Without memory for another one, threads share what there is; afterwards they need not. */
static void test_refused(void)
{
    begin();
    refuse = 1;
    for (int i = 0; i < 4; i++) {
        A(join)(&state, &local[i], source(LIMIT));
        check(enter(&local[i]) == &main_arena, "the main one is shared");
    }
    check(arenas.made == 0, "none is counted");
    refuse = 0;
    for (int i = 4; i < THREADS; i++)
        A(join)(&state, &local[i], source(LIMIT));
    for (int i = 0; i < THREADS; i++)
        check(is_arena(enter(&local[i])), "one of those that there are");
}
