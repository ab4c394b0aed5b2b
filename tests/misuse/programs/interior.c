/* SPDX-License-Identifier: MIT */
/* an address 32 bytes into a block is freed */
#include "misuse.h"

int main(void)
{
    char *block = get(1000);
    free(this_is(block + 32));
    _exit(0);
}
