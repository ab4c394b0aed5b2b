/* SPDX-License-Identifier: MIT */
/* memory of mmap is freed */
#include "misuse.h"

int main(void)
{
    char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    free(this_is(memory));
    _exit(0);
}
