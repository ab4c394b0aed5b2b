/* SPDX-License-Identifier: MIT */
/* a block is freed again after 256 others */
#include "misuse.h"

int main(void)
{
    get_others();
    char *block = this_is(get(24));
    free(block);
    free_others();
    free(block);
    _exit(0);
}
