/* SPDX-License-Identifier: MIT */
/* an address where nothing is mapped is freed */
#include "misuse.h"

int main(void)
{
    free(this_is((void *)0x10));
    _exit(0);
}
