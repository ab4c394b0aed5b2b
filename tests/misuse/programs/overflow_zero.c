/* SPDX-License-Identifier: MIT */
/* a string is one byte too long for its block */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(20));
    block[20] = '\0';
    free(block);
    _exit(0);
}
