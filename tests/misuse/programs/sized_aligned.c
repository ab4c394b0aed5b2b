/* SPDX-License-Identifier: MIT */
/* a block of another alignment is freed as an aligned one */
#include "misuse.h"

int main(void)
{
    char *block = get(100);
    while ((uintptr_t)block % 4096 == 0)
        block = get(100);
    free_aligned_as(this_is(block), 4096, 100);
    _exit(0);
}
