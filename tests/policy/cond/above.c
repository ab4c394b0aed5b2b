/* SPDX-License-Identifier: MIT */
#define COND above
#include "suite.h"

int main(void)
{
    check_edges(true, 4096);
    return 0;
}
