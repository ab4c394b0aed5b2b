/* SPDX-License-Identifier: MIT */
#define PURGE ratio
#include "suite.h"

#define KB ((size_t)1024)

static void test_bound(int percent)
{
    struct mortise_purge given = mortise_purge_of(percent, MORTISE_PURGE_OWN, MORTISE_PURGE_OWN);
    begin(given);
    for (size_t used = 0; used < 20 * MB; used += 333 * KB) {
        size_t most = (size_t)((unsigned long long)used * (unsigned)percent / 100);
        check(freed(used, used + most, given) == 0, "up to its part it may stay");
        size_t goes = freed(used, used + most + 100 * KB, given);
        check(goes >= 100 * KB - 2 && goes <= 100 * KB + 2, "and what is beyond goes");
    }
}

/* What an arena is given before it has begun is not judged. */
static void test_before_it_begins(void)
{
    struct mortise_purge given = mortise_purge_of(0, MORTISE_PURGE_OWN, MORTISE_PURGE_OWN);
    memset(&state, 0, sizeof state);
    check(freed(0, MB, given) == 0, "nothing goes before init");
}

static void test_rest(void)
{
    struct mortise_purge given = mortise_purge_of(0, MORTISE_PURGE_OWN, MORTISE_PURGE_OWN);
    begin(given);
    check(freed(0, MB, given) == MB, "all goes");
    mortise_ratio_rest(&state);
    for (int i = 0; i < MORTISE_RATIO_REST; i++)
        check(freed(0, MB, given) == 0, "after a refusal it rests");
    check(freed(0, MB, given) == MB, "for a while");
}

int main(void)
{
    test_all();
    test_bound(0);
    test_bound(1);
    test_bound(50);
    test_bound(100);
    test_bound(1000);
    test_before_it_begins();
    test_rest();
    check(mortise_ratio_number("12") == 12 && mortise_ratio_number("\t -7") == -1, "numbers");
    check(mortise_ratio_number("-0") == 0 && mortise_ratio_number("") == 0, "as strtol reads them");
    check(mortise_ratio_number("123456789012") == mortise_ratio_most, "within the range");
    return 0;
}
