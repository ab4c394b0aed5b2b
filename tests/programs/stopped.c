/* SPDX-License-Identifier: MIT */
/*
 * A program that has a page mapped in the way of the program break, as some have their code, and
 * goes on to ask for more than 100 MB in small blocks.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOCKS = 20000, LEAST = 200, MOST = 9800 };

static char *block[BLOCKS];

static void check(int right, const char *what)
{
    if (right)
        return;
    printf("FAILED: %s\n", what);
    exit(1);
}

static size_t size_of(int i)
{
    return LEAST + (size_t)i * 7919 % MOST;
}

static void stop_the_break(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t place = ((uintptr_t)sbrk(0) + page - 1) / page * page;
    void *stopped = mmap((void *)place, page, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    check(stopped == (void *)place, "a page in the way of the break");
    check(sbrk((intptr_t)page) == (void *)-1, "the break is stopped");
}

static void check_block(int i)
{
    size_t size = size_of(i);
    check(malloc_usable_size(block[i]) >= size, "a block is as large as was asked for");
    check(block[i][0] == (char)i && block[i][size - 1] == (char)i, "and has what was written");
}

int main(void)
{
    size_t total = 0;
    block[0] = (char *)malloc(1);
    check((uintptr_t)sbrk(0) - (uintptr_t)block[0] < 1 << 20, "the break is in use");
    free(block[0]);
    stop_the_break();
    for (int round = 0; round < 3; round++) {
        total = 0;
        for (int i = 0; i < BLOCKS; i++) {
            block[i] = (char *)malloc(size_of(i));
            check(block[i] != NULL, "there is memory");
            memset(block[i], i, size_of(i));
            total += size_of(i);
        }
        for (int i = 0; i < BLOCKS; i += 3) {
            char *moved = (char *)realloc(block[i], 2 * size_of(i));
            check(moved != NULL, "there is memory to move to");
            block[i] = moved;
        }
        for (int i = 0; i < BLOCKS; i++)
            check_block(i);
        for (int i = round; i < BLOCKS + round; i++)
            free(block[i % BLOCKS]);
        malloc_trim(0);
    }
    printf("%zu MB\n", total >> 20);
    return 0;
}
