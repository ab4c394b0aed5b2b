/* SPDX-License-Identifier: MIT */
/* an address 64 bytes into an aligned block is freed */
#include "misuse.h"

int main(void)
{
    char *block = aligned_alloc(4096, 8192);
    memset(block, 'x', 8192);
    free(this_is(block + 64));
    _exit(0);
}
