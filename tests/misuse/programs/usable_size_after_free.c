/* SPDX-License-Identifier: MIT */
/* the size of a freed block is asked */
#include "misuse.h"

int main(void)
{
    char *block = this_is(get(24));
    free(block);
    if (malloc_usable_size(block) == 12345)
        return 1;
    _exit(0);
}
