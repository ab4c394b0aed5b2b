/* SPDX-License-Identifier: MIT */
/* The second file of two.c: a header that is there already, and one of a user's own words. */
#include "own.h"
#include "two.h"

#ifdef __cplusplus
extern "C"
#endif
    int
    in_another_file(void);

int in_another_file(void)
{
    void *block = two_malloc(&two_default, 100);
    if (block == NULL)
        return 3;
    two_free(&two_default, block);
    void *own = own_malloc(&own_default, 100);
    if (own == NULL || own_default.watch.seen == 0)
        return 4;
    own_free(&own_default, own);
    return 0;
}
