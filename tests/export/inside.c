/* SPDX-License-Identifier: MIT */
/* An exported header inside a program, with all that its head names. FILE_H and NAME say which. */
#include FILE_H
#include FILE_H /* once more changes nothing */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define X(name) MORTISE_CAT(NAME, name)

static void check(int right, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    exit(1);
}

static void use(struct X(_heap) * heap)
{
    char *block = (char *)X(_malloc)(heap, 100);
    check(block != NULL && X(_usable_size)(heap, block) >= 100, "malloc");
    memset(block, 7, 100);
    block = (char *)X(_realloc)(heap, block, 5000);
    check(block != NULL && block[0] == 7 && block[99] == 7, "realloc");
    char *zero = (char *)X(_calloc)(heap, 100, 100);
    check(zero != NULL && zero[0] == 0 && zero[9999] == 0, "calloc");
    void *aligned = X(_aligned_alloc)(heap, 4096, 100);
    check(aligned != NULL && (uintptr_t)aligned % 4096 == 0, "aligned_alloc");
    check(X(_stats)(heap).system > 0, "stats");
    X(_free)(heap, block);
    X(_free)(heap, zero);
    X(_free)(heap, aligned);
    X(_trim)(heap, 0);
}

int main(void)
{
    use(&X(_default));
    for (unsigned i = 0; i < 100; i++) {
        struct X(_heap) *heap = X(_heap_create)();
        check(heap != NULL, "heap_create");
        use(heap);
        check(X(_malloc)(heap, 100) != NULL, "malloc"); /* goes with the heap */
        X(_heap_destroy)(heap);
    }
    return 0;
}
