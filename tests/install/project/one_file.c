/* SPDX-License-Identifier: MIT */
#include "given.h"

int main(void)
{
    void *block = given_malloc(&given_default, 100);
    given_free(&given_default, block);
    return block != NULL ? 0 : 1;
}
