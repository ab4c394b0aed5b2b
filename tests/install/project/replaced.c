/* SPDX-License-Identifier: MIT */
/* A program that links an allocator: malloc is in the program itself, not in libc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    Dl_info malloc_at, main_at;
    char *block = (char *)malloc(1000);
    if (argc != 1 || block == NULL || !dladdr((void *)malloc, &malloc_at) ||
        !dladdr((void *)main, &main_at))
        return 1;
    memset(block, 1, 1000);
    free(block);
    printf("malloc of %s in %s\n", malloc_at.dli_fname, argv[0]);
    return malloc_at.dli_fbase == main_at.dli_fbase ? 0 : 1;
}
