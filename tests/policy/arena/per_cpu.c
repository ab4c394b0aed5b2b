/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#define ARENA per_cpu
#include "suite.h"

#include <sched.h>

static int cores[CPU_SETSIZE], core_count;

static void stand_on(int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    check(sched_setaffinity(0, sizeof set, &set) == 0, "a core to stand on");
}

static void find_cores(void)
{
    cpu_set_t set;
    check(sched_getaffinity(0, sizeof set, &set) == 0, "the cores of this program");
    for (int core = 0; core < mortise_per_cpu_most; core++)
        if (CPU_ISSET(core, &set))
            cores[core_count++] = core;
}

static void test_by_core(void)
{
    begin();
    check(enter(&local[0]) == NULL, "none before join");
    for (int i = 0; i < core_count && i < LIMIT; i++) {
        stand_on(cores[i]);
        for (int j = 0; j < 3; j++) {
            A(join)(&state, &local[3 * i + j], source(LIMIT));
            struct mortise_arena *expected = i == 0 ? &main_arena : &made[i - 1];
            check(enter(&local[3 * i + j]) == expected, "one for each core");
        }
    }
}

/* A thread that finds somebody in its arena goes over to that of its core, and stays there. */
static void test_moves(void)
{
    begin();
    stand_on(cores[0]);
    A(join)(&state, &local[0], source(LIMIT));
    struct mortise_arena other;
    memset(&other, 0, sizeof other);
    local[1].home = local[1].arena = &other; /* as if it had begun on another core */
    check(A(enter)(&state, &local[1], &main_arena) == &other, "it keeps its arena");
    A(leave)(&state, &other);
    check(A(enter)(&state, &local[1], &main_arena) == &other, "on whatever core");
    check(A(enter)(&state, &local[1], &main_arena) == &main_arena, "until it meets somebody there");
    A(leave)(&state, &other);
    A(leave)(&state, &main_arena);
    check(enter(&local[1]) == &main_arena && A(home)(&local[1], &main_arena) == &other, "for good");
    check(A(enter)(&state, &local[0], &main_arena) == &main_arena, "its own");
    check(A(enter)(&state, &local[1], &main_arena) == &main_arena, "where it waits if need be");
}

int main(void)
{
    find_cores();
    test_together();
    test_refused();
    test_by_core();
    test_moves();
    return 0;
}
