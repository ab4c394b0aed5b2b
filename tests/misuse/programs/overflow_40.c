/* SPDX-License-Identifier: MIT */
/* forty bytes behind the block are changed */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(100));
    for (int i = 0; i < 40; i++)
        block[100 + i] ^= 0x5a;
    free(block);
    _exit(0);
}
