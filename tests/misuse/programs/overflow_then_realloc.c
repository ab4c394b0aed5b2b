/* SPDX-License-Identifier: MIT */
/* a block is written past its end and then made larger */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(24));
    block[24] ^= 0x5a;
    block = realloc(block, 5000);
    free(block);
    _exit(0);
}
