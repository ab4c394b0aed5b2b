/* SPDX-License-Identifier: MIT */
/* a block is written to after it was freed */
#include "misuse.h"

int main(void)
{
    get_others();
    char *block = this_is(get(24));
    free(block);
    block[10] ^= 0x5a;
    free_others();
    _exit(0);
}
