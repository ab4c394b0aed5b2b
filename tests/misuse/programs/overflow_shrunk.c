/* SPDX-License-Identifier: MIT */
/* a block is made smaller and then used as before */
#include "misuse.h"

int main(void)
{
    char *block = this_is(realloc(get(100), 90));
    block[90] ^= 0x5a;
    free(block);
    _exit(0);
}
