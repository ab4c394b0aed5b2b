/* SPDX-License-Identifier: MIT */
#define ARENA per_thread
#include "suite.h"

/* The main one, new ones up to the limit, then all in turn from the main one on. */
static void test_order(void)
{
    begin();
    check(enter(&local[0]) == NULL, "none before join");
    for (int i = 0; i < 3 * LIMIT; i++) {
        A(join)(&state, &local[i], source(LIMIT));
        struct mortise_arena *expected = i % LIMIT == 0 ? &main_arena : &made[i % LIMIT - 1];
        check(enter(&local[i]) == expected, "in the order in which they were made");
    }
    check(makes == LIMIT - 1, "up to the limit");
}

int main(void)
{
    test_together();
    check(makes == LIMIT - 1, "as many as there may be");
    test_refused();
    check(refusals == 3, "all but the first ask");
    check(makes == LIMIT - 1, "and later ones have theirs again");
    test_order();
    return 0;
}
