/* SPDX-License-Identifier: MIT */
/* eight bytes behind the block are changed */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(24));
    for (int i = 0; i < 8; i++)
        block[24 + i] ^= 0x5a;
    free(block);
    _exit(0);
}
