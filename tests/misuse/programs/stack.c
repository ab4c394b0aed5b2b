/* SPDX-License-Identifier: MIT */
/* a variable on the stack is freed */
#include "misuse.h"

int main(void)
{
    char variable[100];
    free(this_is(variable + 32));
    _exit(0);
}
