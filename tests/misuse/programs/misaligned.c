/* SPDX-License-Identifier: MIT */
/* an address one byte into a block is freed */
#include "misuse.h"

int main(void)
{
    char *block = get(100);
    free(this_is(block + 1));
    _exit(0);
}
