/* SPDX-License-Identifier: MIT */
/*
 * Two compositions in one unit, with one layer twice in each: they share nothing. C and C++.
 */
#include "check.h"

#define NAME_OF_ONE first
#include "one.h"
#undef NAME_OF_ONE
#define NAME_OF_ONE second
#include "one.h"
#undef NAME_OF_ONE

static unsigned reports;

static enum mortise_verdict note(enum mortise_error error, const void *address, const char *layer,
                                 void *user)
{
    (void)address, (void)layer, (void)user;
    reports += error == MORTISE_FOREIGN_POINTER;
    return MORTISE_GO_ON;
}

static void two_compositions_share_nothing(void)
{
    struct second_heap *beside = second_heap_create();
    CHECK(beside != NULL);
    for (size_t size = 0; size < 200; size++) {
        char *a = (char *)first_malloc(&first_default, size);
        char *b = (char *)second_malloc(&second_default, size);
        char *c = (char *)second_malloc(beside, size);
        CHECK(a != NULL && b != NULL && c != NULL && a != b && b != c);
        CHECK((uintptr_t)a % 32 == 0 && (uintptr_t)b % 32 == 0);
        memset(a, 1, size);
        memset(b, 2, size);
        memset(c, 3, size);
        CHECK(size == 0 || (a[size - 1] == 1 && b[size - 1] == 2));
        first_free(&first_default, a);
        second_free(&second_default, b);
        if (size % 2)
            second_free(beside, c);
    }
    CHECK(first_default.count_2.allocs == 200 && first_default.count_2.frees == 200);
    CHECK(first_default.count.allocs == 101); /* size_handle=[0,100] */
    CHECK(second_default.count_2.allocs == 200 && second_default.count_2.frees == 200);
    CHECK(beside->count_2.allocs == 200 && beside->count_2.frees == 100);
    CHECK(reports == 0);
    second_heap_destroy(beside);
}

static void a_block_of_the_other_is_foreign(void)
{
    struct first_heap *beside = first_heap_create();
    void *block = first_malloc(beside, 10);
    second_free(&second_default, block);
    CHECK(reports == 1);
    first_free(&first_default, block);
    CHECK(reports == 2);
    first_free(beside, block);
    CHECK(reports == 2);
    first_heap_destroy(beside);
}

int main(void)
{
    mortise_set_error_callback(note, NULL);
    two_compositions_share_nothing();
    a_block_of_the_other_is_foreign();
    return 0;
}
