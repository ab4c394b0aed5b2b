/* SPDX-License-Identifier: MIT */
#define SPREAD random_line
#include "suite.h"

int main(void)
{
    check_spread();
    return 0;
}
