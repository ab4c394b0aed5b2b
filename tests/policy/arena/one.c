/* SPDX-License-Identifier: MIT */
#define ARENA one
#include "suite.h"

int main(void)
{
    test_together();
    check(makes == 0, "none but the main one");
    test_refused();
    check(refusals == 0, "and nobody asks for another");
    return 0;
}
