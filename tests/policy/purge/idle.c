/* SPDX-License-Identifier: MIT */
#define PURGE idle
#include "suite.h"

/* The same as data/decay.h has it; how it goes on with time is tested with tlsf_glk too. */
static void test_time(void)
{
    struct mortise_purge given = mortise_purge_of(MORTISE_PURGE_OWN, MORTISE_PURGE_OWN, 400);
    begin(given);
    for (int i = 0; i < 100; i++)
        check(freed(MB, 30 * MB, given) == 0, "nothing goes within a moment");
    check(P(later)(&state, given) == 100, "a look is worth it in a tick");
    size_t resident = 30 * MB;
    for (int i = 0; i < 40; i++) {
        milliseconds += 100; /* a tick */
        size_t goes = freed(MB, resident, given);
        check(i >= 3 || goes == 0, "nor before it was not needed for as long as that");
        resident -= goes;
    }
    check(resident < 4 * MB, "afterwards next to all goes");
    (void)freed(30 * MB, 30 * MB, given);
    check(P(later)(&state, given) == 0, "where all is in use no look is worth it");
}

int main(void)
{
    test_all();
    test_time();
    return 0;
}
