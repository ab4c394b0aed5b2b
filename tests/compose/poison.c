/* SPDX-License-Identifier: MIT */
/*
 * One access to memory that is not the program's, chosen by the first argument, in a program that
 * composes an allocator and is built with AddressSanitizer. poison.sh puts the composition before
 * it, and M(x), its names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile char *fresh(size_t size)
{
    char *block = (char *)M(malloc)(&M(default), size);
    memset(block, 1, size);
    return block;
}

static volatile char *resized(volatile char *block, size_t size)
{
    return (volatile char *)M(realloc)(&M(default), (void *)block, size);
}

static void drop(volatile char *block)
{
    M(free)(&M(default), (void *)block);
}

/* Sound use of all that may change what is poison. */
static void none(void)
{
    unsigned seed = 1;
    volatile char *block[64] = {0};
    for (int i = 0; i < 4000; i++) {
        seed = seed * 1103515245 + 12345;
        volatile char **at = &block[seed >> 8 & 63];
        size_t size = (seed >> 16) % (i % 50 == 0 ? 3000000 : 3000) + 1;
        if (i % 3 == 0)
            *at = resized(*at, size);
        else if (i % 3 == 1)
            drop(*at), *at = (volatile char *)M(calloc)(&M(default), 1, size);
        else
            drop(*at), *at = fresh(size);
        if (i % 7 == 0)
            size = M(usable_size)(&M(default), (void *)*at);
        memset((void *)*at, 2, size);
        if (i % 500 == 0)
            M(trim)(&M(default), 0);
    }
    for (int i = 0; i < 64; i++)
        drop(block[i]);
    struct M(heap) *heap = M(heap_create)();
    memset(M(malloc)(heap, 5000), 1, 5000);
    M(free)(heap, M(malloc)(heap, 200000));
    M(heap_destroy)(heap);
    drop(fresh(0));
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "none";
    volatile char *other = fresh(100); /* has a slab or a pool stay */
    volatile char *block = fresh(100);
    if (strcmp(what, "none") == 0) {
        none();
    } else if (strcmp(what, "write_behind") == 0) {
        block[100] = 1;
    } else if (strcmp(what, "read_behind") == 0) {
        printf("%d", block[101]);
    } else if (strcmp(what, "write_after_free") == 0) {
        drop(block);
        block[5] = 1;
    } else if (strcmp(what, "read_last_after_free") == 0) {
        drop(block);
        printf("%d", block[99]);
    } else if (strcmp(what, "copy_after_free") == 0) {
        drop(block);
        memcpy((void *)other, (void *)block, 50);
    } else if (strcmp(what, "behind_shrunk") == 0) {
        block = resized(block, 90);
        block[93] = 1;
    } else if (strcmp(what, "cut_off") == 0) {
        block = fresh(30000);
        volatile char *pin = fresh(30000);
        (void)resized(block, 100);
        block[20000] = 1; /* also where the block is still there */
        drop(pin);
    } else if (strcmp(what, "moved_away") == 0) {
        volatile char *next = fresh(100); /* so that it cannot grow where it is */
        (void)resized(block, 50000);
        block[5] = 1;
        drop(next);
    } else if (strcmp(what, "free_twice") == 0) {
        drop(block);
        drop(block);
    } else if (strcmp(what, "after_large_free") == 0) {
        block = fresh(30000);
        volatile char *pin = fresh(30000);
        drop(block);
        block[29999] = 1;
        drop(pin);
    } else {
        return 2;
    }
    drop(other);
    printf("sound\n");
    return 0;
}
