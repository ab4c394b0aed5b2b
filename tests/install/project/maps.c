/* SPDX-License-Identifier: MIT */
/* Succeeds when malloc is that of the preloaded library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    Dl_info at;
    void *(*volatile function)(size_t) = malloc;
    free(function(10));
    return dladdr((void *)function, &at) && strstr(at.dli_fname, "preloaded") != NULL ? 0 : 1;
}
