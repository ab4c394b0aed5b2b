/* SPDX-License-Identifier: MIT */
/* the byte in front of a block is changed after it was freed */
#include "misuse.h"

int main(void)
{
    get_others();
    char *block = this_is(get(24));
    free(block);
    block[-1] ^= 0x5a;
    free_others();
    _exit(0);
}
