/* SPDX-License-Identifier: MIT */
/* a block of 1000 bytes is freed as one of 100 */
#include "misuse.h"

int main(void)
{
    char *block = get(1000);
    free_as(this_is(block), 100);
    _exit(0);
}
