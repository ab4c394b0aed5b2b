/* SPDX-License-Identifier: MIT */
/* a static variable is freed */
#include "misuse.h"

int main(void)
{
    static char variable[100] __attribute__((aligned(16)));
    free(this_is(variable));
    _exit(0);
}
