/* SPDX-License-Identifier: MIT */
#include "mem.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct chunk {
    struct chunk *before;
    max_align_t bytes[];
};

static struct chunk *chunks;

static _Noreturn void out_of_memory(void)
{
    fputs("mortise: out of memory\n", stderr);
    exit(2);
}

void *mem_get(size_t size)
{
    struct chunk *chunk = calloc(1, sizeof *chunk + size);
    if (chunk == NULL)
        out_of_memory();
    chunk->before = chunks;
    chunks = chunk;
    return chunk->bytes;
}

char *mem_text(const char *s, size_t n)
{
    char *copy = mem_get(n + 1);
    if (n != 0)
        memcpy(copy, s, n);
    return copy;
}

char *mem_format(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (n < 0)
        out_of_memory();
    char *text = mem_get((size_t)n + 1);
    va_start(list, format);
    vsnprintf(text, (size_t)n + 1, format, list);
    va_end(list);
    return text;
}

void *mem_more(void *array, size_t n, size_t each)
{
    if (n != 0 && (n & (n - 1)) != 0)
        return array;
    void *larger = mem_get((n == 0 ? 1 : 2 * n) * each);
    if (n != 0)
        memcpy(larger, array, n * each);
    return larger;
}

const void *mem_mark(void)
{
    return chunks;
}

void mem_release_to(const void *mark)
{
    while (chunks != mark) {
        struct chunk *chunk = chunks;
        chunks = chunk->before;
        free(chunk);
    }
}

void mem_release(void)
{
    mem_release_to(NULL);
}
