/* SPDX-License-Identifier: MIT */
#define PURGE never
#include "suite.h"

int main(void)
{
    test_all();
    return 0;
}
