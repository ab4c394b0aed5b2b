/* SPDX-License-Identifier: MIT */
/* one byte behind an aligned block is changed */
#include "misuse.h"

int main(void)
{
    char *block = this_is(aligned_alloc(4096, 5000));
    block[5000] ^= 0x5a;
    free(block);
    _exit(0);
}
