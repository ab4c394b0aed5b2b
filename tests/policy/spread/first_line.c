/* SPDX-License-Identifier: MIT */
#define SPREAD first_line
#include "suite.h"

int main(void)
{
    check_spread();
    return 0;
}
