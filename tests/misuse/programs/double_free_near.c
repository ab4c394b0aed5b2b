/* SPDX-License-Identifier: MIT */
/* a block is freed twice in a row */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(24));
    free(block);
    free(block);
    _exit(0);
}
