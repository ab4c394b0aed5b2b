/* SPDX-License-Identifier: MIT */
/* Two exported headers in one file, of which another file of the same program has one as well. */
#include "one.h"
#include "two.h"

#include <string.h>

#ifdef __cplusplus
extern "C"
#endif
    int
    in_another_file(void);

int main(void)
{
    struct one_heap *one = one_heap_create();
    struct two_heap *two = two_heap_create();
    char *first = (char *)one_malloc(one, 1000);
    char *second = (char *)two_malloc(two, 1000);
    if (first == NULL || second == NULL)
        return 1;
    memset(first, 1, 1000);
    memset(second, 2, 1000);
    one_heap_destroy(one);
    if (second[999] != 2)
        return 2;
    two_free(two, second);
    two_heap_destroy(two);
    return in_another_file();
}
