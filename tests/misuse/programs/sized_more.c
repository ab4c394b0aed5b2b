/* SPDX-License-Identifier: MIT */
/* a block of 100 bytes is freed as one of 1000 */
#include "misuse.h"

int main(void)
{
    char *block = get(100);
    free_as(this_is(block), 1000);
    _exit(0);
}
