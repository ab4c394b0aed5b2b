/* SPDX-License-Identifier: MIT */
#define COND overaligned
#include "suite.h"

int main(void)
{
    check_edges(false, 32);
    return 0;
}
