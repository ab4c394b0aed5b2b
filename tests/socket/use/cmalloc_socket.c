/* SPDX-License-Identifier: MIT */
/* cmalloc_socket, from outside. */
#ifdef FILE_H
#include FILE_H
#else
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
void *cmalloc(size_t size, unsigned core);
void *crealloc(void *block, size_t size, unsigned core);
void cfree(void *block);
int cmalloc_core(void *block);
#ifdef __cplusplus
}
#endif
#endif
#include "../check.h"

int main(void)
{
    void *blocks[100];
    for (unsigned i = 0; i < 100; i++) {
        blocks[i] = cmalloc(10 + i * 100, i % 4);
        check(blocks[i] != NULL && cmalloc_core(blocks[i]) == (int)(i % 4), "cmalloc");
        memset(blocks[i], 7, 10);
    }
    for (unsigned i = 0; i < 100; i++) {
        blocks[i] = crealloc(blocks[i], 20000, 5);
        check(cmalloc_core(blocks[i]) == 5 && all_bytes(blocks[i], 10, 7), "crealloc");
        cfree(blocks[i]);
    }
    return 0;
}
