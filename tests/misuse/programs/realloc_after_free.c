/* SPDX-License-Identifier: MIT */
/* a block is made larger after it was freed */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(24));
    free(block);
    block = realloc(block, 5000);
    _exit(0);
}
