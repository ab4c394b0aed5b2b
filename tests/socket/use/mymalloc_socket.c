/* SPDX-License-Identifier: MIT */
/* mymalloc_socket upon vmalloc_heap, from outside: the program supplies vmalloc and vmfree. */
#ifdef FILE_H
#include FILE_H
#else
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
void *mymalloc(size_t size);
void myfree(void *block);
void *vmalloc(void *addr, size_t length);
void vmfree(void *addr, size_t length);
#ifdef __cplusplus
}
#endif
#endif
#include "../check.h"

void *vmalloc(void *addr, size_t length)
{
    void *base = NULL;
    check(addr == NULL && length % 4096 == 0, "vmalloc");
    return posix_memalign(&base, 4096, length) == 0 ? base : NULL;
}

void vmfree(void *addr, size_t length)
{
    check(length % 4096 == 0, "vmfree");
    free(addr);
}

int main(void)
{
    enum { MANY = 1000 };
    static char *block[MANY];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < MANY; i++) {
            block[i] = (char *)mymalloc(i * i % 90000);
            check(block[i] != NULL, "mymalloc");
            memset(block[i], (int)i, i * i % 90000);
        }
        for (size_t i = 0; i < MANY; i++) {
            check(all_bytes(block[i], i * i % 90000, (unsigned char)i), "content");
            myfree(block[i]);
        }
    }
    myfree(NULL);
    check(mymalloc((size_t)-1) == NULL, "a request that is too large");
    return 0;
}
