/* SPDX-License-Identifier: MIT */
/* the end of a block of 5 KB is written to after it was freed */
#include "misuse.h"

int main(void)
{
    get_others();
    char *block = this_is(get(5000));
    free(block);
    block[4999] ^= 0x5a;
    free_others();
    _exit(0);
}
