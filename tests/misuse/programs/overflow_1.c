/* SPDX-License-Identifier: MIT */
/* one byte behind the block is changed */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(24));
    block[24] ^= 0x5a;
    free(block);
    _exit(0);
}
