/* SPDX-License-Identifier: MIT */
/* the byte in front of the block is changed */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(24));
    block[-1] ^= 0x5a;
    free(block);
    _exit(0);
}
