/* SPDX-License-Identifier: MIT */
/* a block of 300 KB is freed twice */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(300 * 1024));
    free(block);
    free(block);
    _exit(0);
}
